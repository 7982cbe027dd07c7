import { describe, expect, it } from "vitest";
import { changeExport, listExports } from "../../../functions/app/export/export-store.ts";
import { createTickHandler, createWatchHandler } from "../../../functions/app/schedule/scheduled-reports.ts";
import { exportKey, formatExportId } from "../../../functions/core/basics/bucket-keys.ts";
import { createCalendar } from "../../../functions/core/basics/calendar.ts";
import { cancelledProblem, failExport, newExportState } from "../../../functions/core/export/export-state.ts";
import { parseQuery } from "../../../functions/core/options/export-request.ts";
import { findLastTick } from "../../../functions/core/schedule/cron-expression.ts";
import { defaultSchedules, type Schedule } from "../../../functions/core/schedule/schedules.ts";
import { listEventLines, readMetrics } from "../../support/log-lines.ts";
import { captureOutput } from "../../support/captured-output.ts";
import { useWorld } from "../../support/virtual-world.ts";
import { openVirtualPortal, openVirtualStack } from "../../support/virtual-stack.ts";

const invocation = { awsRequestId: "request-1" };
const hourMs = 3_600_000;

/** Makes a yearly schedule whose last tick was `hours` ago, rounded down to the minute. */
function makeSchedule(hours: number): Schedule {
  const at = new Date(useWorld().clock.now() - hours * hourMs);
  const [month, day, hour, minute] = [
    at.getUTCMonth() + 1,
    at.getUTCDate(),
    at.getUTCHours(),
    at.getUTCMinutes(),
  ];
  return {
    name: "yearly",
    expression: `cron(${minute} ${hour} ${day} ${month} ? *)`,
    reports: [{ period: "this-year" }],
  };
}

/** Opens a context whose workflow starts nothing and only records the ids of the exports that it should start. */
async function openContext(schedules: Schedule[] = defaultSchedules) {
  const { app } = await openVirtualStack(await openVirtualPortal({}), { REPORT_TIMEZONE: "UTC" });
  const started: string[] = [];
  const workflow = { start: async (id: string) => void started.push(id) };
  return { planner: { app, workflow, schedules }, app, started };
}

describe("the tick handler", () => {
  const event = { schedule: "monthly", at: "2026-11-01T05:00:00Z" };

  it("starts the exports of its tick, and returns their ids", async () => {
    const { planner, app, started } = await openContext();
    const ids = await createTickHandler(planner)(event, invocation);
    expect(new Set(started)).toEqual(new Set(ids));
    expect((await listExports(app)).map(({ options }) => options)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ asOf: "2026-10-31", period: "this-month" }),
        expect.objectContaining({ asOf: "2026-10-31", period: null }),
      ]),
    );
    expect(await createTickHandler(planner)(event, invocation)).toEqual(ids);
  });

  it("fails with an error for callers, and logs other errors without their message", async () => {
    const output = captureOutput();
    const { planner } = await openContext();
    await expect(createTickHandler(planner)({ ...event, schedule: "daily" }, invocation)).rejects.toThrow(
      "SCHEDULES has monthly",
    );
    expect(output()).toBe("");
    const workflow = { start: () => Promise.reject(new TypeError("a customer's name")) };
    const attempt = createTickHandler({ ...planner, workflow })(event, invocation);
    await expect(attempt).rejects.toMatchObject({ name: "TypeError" });
    await expect(attempt).rejects.not.toThrow("customer");
    expect(output()).toContain('"name":"TypeError"');
    expect(output()).not.toContain("customer");
  });
});

describe("the watch handler", () => {
  it("makes the reports of a missing tick, and a late tick makes the same ones", async () => {
    const schedule = makeSchedule(5);
    const { planner, app, started } = await openContext([schedule]);
    const at = findLastTick(schedule.expression, createCalendar("UTC"), Date.now()) ?? Number.NaN;
    await createWatchHandler(planner)({}, invocation);
    expect(await listExports(app)).toHaveLength(1);
    const ids = await createTickHandler(planner)(
      { schedule: schedule.name, at: new Date(at).toISOString() },
      invocation,
    );
    expect(new Set(started)).toEqual(new Set(ids));
  });

  it("ignores ticks that are older than two days or in the future", async () => {
    const { planner, app } = await openContext([makeSchedule(49), { ...makeSchedule(-1), name: "next" }]);
    await createWatchHandler(planner)({}, invocation);
    expect(await listExports(app)).toEqual([]);
  });

  it("fails while a report has failed three times, and names the reason", async () => {
    const { planner, app } = await openContext([makeSchedule(1)]);
    const watch = createWatchHandler(planner);
    const problem = { code: "portal_unavailable", detail: "The portal was away." };
    for (let tries = 1; tries <= 3; tries += 1) {
      await watch({}, invocation);
      for (const { id } of await listExports(app))
        await changeExport(app, id, (state) => failExport(state, problem, new Date()));
    }
    await expect(watch({}, invocation)).rejects.toThrow(
      /of yearly at .* in try 4: .*\. The portal was away\./,
    );
    await expect(watch({}, invocation)).rejects.toThrow("in try 4");
    expect(await listExports(app)).toHaveLength(4);
  });

  it("fails while a report is missing a day and a half after its tick", async () => {
    const { planner } = await openContext([makeSchedule(37)]);
    await expect(createWatchHandler(planner)({}, invocation)).rejects.toThrow(/of yearly at .* in try 1: /);
  });

  it("logs every export that should be finished, and emits their number", async () => {
    const { planner, app } = await openContext([]);
    const now = Date.now();
    const ids = [13, 15, 20, 30, 32].map((hours) =>
      formatExportId({ startedMs: now - hours * hourMs, optionsKey: "0".repeat(12) }, "1".repeat(12)),
    );
    const request = parseQuery(new URLSearchParams(), app.calendar.dayOf(now));
    for (const id of ids) await app.bucket.writeJson(exportKey(id), newExportState(id, request, new Date()));
    await changeExport(app, ids[2] ?? "", (state) => failExport(state, cancelledProblem, new Date()));
    const output = captureOutput();
    await createWatchHandler(planner)({}, invocation);
    const late = listEventLines(output(), "late");
    expect(late.map(({ exportId }) => exportId)).toEqual([ids[1], ids[3]]);
    expect(readMetrics(output())).toEqual([{ ExportsLate: 2 }]);
    expect(listEventLines(output(), "watch")).toMatchObject([{ schedules: 0, overdue: 0, late: 2 }]);
  });

  it("emits nothing while no export is late", async () => {
    const output = captureOutput();
    const { planner } = await openContext([]);
    await createWatchHandler(planner)({}, invocation);
    expect(readMetrics(output())).toEqual([]);
  });

  it("watches every schedule, even if one of them fails", async () => {
    const { planner, app, started } = await openContext([
      makeSchedule(1),
      { ...makeSchedule(1), name: "second" },
    ]);
    await createWatchHandler(planner)({}, invocation);
    const [unreadable = "", other = ""] = started;
    await app.bucket.writeBytes(exportKey(unreadable), "of another version", { contentType: "" });
    captureOutput();
    await expect(createWatchHandler(planner)({}, invocation)).rejects.toMatchObject({ name: "SyntaxError" });
    expect(started.slice(2)).toEqual([other]);
  });
});
