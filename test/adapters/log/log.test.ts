import { setImmediate } from "node:timers/promises";
import { expect, it } from "vitest";
import {
  emitMetrics,
  logEvent,
  logFault,
  logFaults,
  type LogSink,
  withLogIds,
  withLogSink,
} from "../../../functions/adapters/log/log.ts";
import { captureOutput } from "../../support/captured-output.ts";

/** Opens a sink that keeps what it gets. */
function openSink(): LogSink & { kept: unknown[] } {
  const kept: unknown[] = [];
  return {
    kept,
    log: (level, line) => void kept.push([level, line]),
    count: (values, ids) => void kept.push([values, ids]),
  };
}

it("gives each process's log lines and metrics to its own sink, and to nothing else", async () => {
  const output = captureOutput();
  const sinks = [openSink(), openSink()] as const;
  const work = async (exportId: string) => {
    await withLogIds({ exportId }, async () => {
      await logEvent("step", { outcome: "done" });
      await setImmediate();
      await emitMetrics({ ExportsLate: 1 });
      await logFault(new TypeError("with a name of a customer"));
    });
  };
  await Promise.all([withLogSink(sinks[0], () => work("one")), withLogSink(sinks[1], () => work("two"))]);
  for (const [index, exportId] of ["one", "two"].entries())
    expect(sinks[index]?.kept).toEqual([
      ["info", { message: "step", exportId, outcome: "done" }],
      [{ ExportsLate: 1 }, { exportId }],
      ["error", { message: "fault", exportId, name: "TypeError", stack: expect.any(Array) }],
    ]);
  expect(output()).toBe("");
});

it("keeps the sink in a function that adds its own ids", async () => {
  const sink = openSink();
  const invocation = { awsRequestId: "request-1" };
  await withLogSink(sink, () => logFaults(invocation, () => logEvent("watch")));
  expect(sink.kept).toEqual([["info", { message: "watch", requestId: "request-1" }]]);
});
