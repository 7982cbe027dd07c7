import { AsyncLocalStorage } from "node:async_hooks";
import { hashPortal } from "../../../functions/adapters/bucket/key-hashes.ts";
import { type LogSink, withLogSink } from "../../../functions/adapters/log/log.ts";
import type { HttpConfig } from "../../../functions/adapters/settings/settings.ts";
import { openContext } from "../../../functions/app/context.ts";
import { createExportWorkflow } from "../../../functions/app/workflow/export-workflow.ts";
import { registryKey } from "../../../functions/core/basics/bucket-keys.ts";
import { ScheduleError } from "../../../functions/core/basics/errors.ts";
import type { Webhooks } from "../../../functions/core/delivery/webhook-event.ts";
import { CrawlRegistry } from "../../../functions/core/snapshot/crawl-registry.ts";
import type { DurableEnvironment } from "../lambda/durable-engine.ts";
import { type ObservedReading, parseBody } from "../invariants/observations.ts";
import type { openSimulatedMail } from "../deliveries/simulated-mail.ts";
import type { SimulatedPortal } from "../portal/simulated-portal.ts";
import { openSimulatedProcess, type SimulatedProcess } from "../time/simulated-process.ts";
import type { openSimulatedReceivers } from "../deliveries/simulated-receivers.ts";
import type { SimulatedS3 } from "../s3/simulated-s3.ts";
import { maxSkewMs, type VirtualClock } from "../time/virtual-clock.ts";

/** The services around the processes. */
export type ProcessSettings = {
  seed: string;
  clock: VirtualClock;
  s3: SimulatedS3;
  portal: SimulatedPortal;
  mail: ReturnType<typeof openSimulatedMail>;
  receivers: ReturnType<typeof openSimulatedReceivers>;
  config: HttpConfig;
  webhooks: Webhooks;
};

/** An invocation of the workflow's function. A later one of the same execution takes its place. */
type Invocation = { exportId: string; execution: string; isOver: boolean };

export type ServiceProcesses = ReturnType<typeof openServiceProcesses>;

/** Opens the processes of the service, and keeps what they log and which offers they ask for. */
export function openServiceProcesses(settings: ProcessSettings) {
  const { seed, clock, s3, portal, mail, receivers, config, webhooks } = settings;
  const registry = registryKey(hashPortal(config));
  const readings: ObservedReading[] = [];
  const alarms: { atMs: number; text: string }[] = [];
  const errors: string[] = [];
  const invocations = new AsyncLocalStorage<Invocation>();
  const newest = new Map<string, Invocation>();
  let holder: { body: Uint8Array; id: string | null } | null = null;

  /** Takes the log and the metrics of all processes. */
  const sink: LogSink = {
    log(level, line) {
      const name = String(line["name"] ?? "");
      if (level === "error" && bugs.has(name)) errors.push(`${name} ${JSON.stringify(line)}`);
    },
    count(values, ids) {
      if ("DeliveriesUnknown" in values)
        alarms.push({ atMs: clock.now(), text: `unknown mail ${ids.exportId} ${ids.deliveryId}` });
    },
  };

  function readHolder(): string | null {
    const body = s3.objects.find(registry)?.body;
    if (body === undefined) return null;
    // Most requests of a crawl find the registry as the last one has found it.
    if (holder?.body !== body)
      holder = { body, id: CrawlRegistry.parse(parseBody(body)).lease?.holderId ?? null };
    return holder.id;
  }

  function isLate(): boolean {
    const invocation = invocations.getStore();
    return invocation !== undefined && (invocation.isOver || newest.get(invocation.execution) !== invocation);
  }

  function noteReading({ name }: SimulatedProcess): void {
    const invocation = invocations.getStore();
    if (invocation === undefined) return;
    const { exportId } = invocation;
    readings.push({ atMs: clock.now(), process: name, exportId, isLate: isLate(), holderId: readHolder() });
  }

  function openProcess(name: string) {
    const process = openSimulatedProcess(name, seed, clock, maxSkewMs);
    const send = portal.serve(process);
    const app = openContext(config, {
      clock: process.clock,
      random: process.random,
      webhooks,
      fetch: (input, init) => {
        noteReading(process);
        return send(input, init);
      },
      openMailClient: mail.serve(process),
      sendWebhook: receivers.serve(process, isLate),
    });
    s3.serve(app.bucket.s3.client, process);
    return { process, app };
  }

  /** Opens an environment of the workflow's function. */
  function openExporter(name: string): DurableEnvironment {
    const { process, app } = openProcess(name);
    const handle = createExportWorkflow(app);
    return {
      process,
      async handler(event, context) {
        const execution = event.DurableExecutionArn.split("/").at(-2) ?? "";
        const invocation = { execution, exportId: execution.slice(0, exportIdLength), isOver: false };
        newest.set(execution, invocation);
        try {
          return await invocations.run(invocation, () => withLogSink(sink, () => handle(event, context)));
        } finally {
          invocation.isOver = true;
        }
      },
    };
  }

  /** Lets a handler log into the sink. An overdue report raises an alarm, because the watch fails with its name. */
  const logged =
    <E, C, R>(handle: (event: E, context: C) => Promise<R>) =>
    async (event: E, context: C): Promise<R> => {
      try {
        return await withLogSink(sink, () => handle(event, context));
      } catch (error) {
        if (error instanceof ScheduleError) alarms.push({ atMs: clock.now(), text: error.message });
        throw error;
      }
    };

  return { openProcess, openExporter, logged, readings, alarms, errors };
}

const exportIdLength = 35;

/** The names of errors that only a bug can cause. */
const bugs = new Set([
  "AlteredError",
  "RangeError",
  "ReferenceError",
  "SyntaxError",
  "TypeError",
  "ZodError",
  "$ZodError",
]);
