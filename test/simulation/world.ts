// oxlint-disable-next-line import/no-unassigned-import -- it must run before others import node:zlib
import "./synchronous-zlib.ts";
import { AsyncLocalStorage } from "node:async_hooks";
import type { HttpAnswer } from "../../functions/api/http-messages.ts";
import { createFront } from "../../functions/api/front.ts";
import { createApi } from "../../functions/api/router.ts";
import { type LambdaInvocation, type LogSink, withLogSink } from "../../functions/adapters/log/log.ts";
import { readHttpConfig } from "../../functions/adapters/settings/settings.ts";
import {
  createTickHandler,
  createWatchHandler,
  type ScheduleContext,
} from "../../functions/app/schedule/scheduled-reports.ts";
import { createExportWorkflow } from "../../functions/app/workflow/export-workflow.ts";
import { CrawlRegistry } from "../../functions/core/snapshot/crawl-registry.ts";
import { registryKey } from "../../functions/core/basics/bucket-keys.ts";
import { createCalendar } from "../../functions/core/basics/calendar.ts";
import { ScheduleError } from "../../functions/core/basics/errors.ts";
import { openContext } from "../../functions/app/context.ts";
import { createBounceHandler } from "../../functions/app/delivery/mail-bounces.ts";
import { readWebhooks } from "../../functions/adapters/webhook/webhook-receivers.ts";
import { hashPortal } from "../../functions/adapters/bucket/key-hashes.ts";
import { noPortalWebhookSecrets } from "../../functions/core/portal-webhooks/portal-webhook.ts";
import { readSchedules } from "../../functions/core/schedule/schedules.ts";
import { openDurableEngine } from "./durable-engine.ts";
import { openFaultSource } from "./fault-source.ts";
import { functionLimits } from "./function-limits.ts";
import { describeHttpEvent, type UserRequest } from "./http-event.ts";
import type { HistoryPlan } from "./history-plan.ts";
import { quietRates } from "./portal-faults.ts";
import { noTrace, openHistoryTrace } from "./history-trace.ts";
import { type ObservedAnswer, type ObservedReading, parseBody, recordObjects } from "./observations.ts";
import { openSimulatedFunction } from "./simulated-function.ts";
import { openSimulatedMail } from "./simulated-mail.ts";
import { drawPortalPlan, openSimulatedPortal, type PortalPlan } from "./simulated-portal.ts";
import { openSimulatedProcess, type SimulatedProcess } from "./simulated-process.ts";
import { openSimulatedReceivers } from "./simulated-receivers.ts";
import { openSimulatedS3, type SimulatedS3 } from "./simulated-s3.ts";
import { runScheduler } from "./simulated-scheduler.ts";
import { openSimulatedWorkflow } from "./simulated-workflow.ts";
import { openVirtualClock } from "./virtual-clock.ts";
import { accessToken, makeEnvironment, maxSkewMs, portalKey, worldRates } from "./world-settings.ts";

/** A user waits longer than the function may take. */
const patienceMs = 35_000;

export type World = ReturnType<typeof openWorld>;

/** An invocation of the workflow's function. A later one of the same execution takes its place. */
type Invocation = { exportId: string; execution: string; isOver: boolean };

/** Opens the service and everything around it: storage, portal, workflow engine, functions and their schedules. */
export function openWorld(plan: HistoryPlan) {
  const { seed, suppressed } = plan;
  const rates = plan.hasFaults ? worldRates : null;
  const clock = openVirtualClock(plan.startMs);
  const trace = plan.isTraced ? openHistoryTrace(clock.now) : noTrace;
  const faults = openFaultSource(seed, suppressed);
  const common = { clock, faults, trace };
  const s3 = openSimulatedS3({
    ...common,
    rates: rates?.s3 ?? {},
    ...(plan.defect !== undefined && { defect: plan.defect }),
  });
  const objects = recordObjects(s3, clock.now);
  const answers: ObservedAnswer[] = [];
  const readings: ObservedReading[] = [];
  const alarms: { atMs: number; text: string }[] = [];
  const errors: string[] = [];
  const env = makeEnvironment(plan);
  const config = readHttpConfig(env);
  const schedules = readSchedules(env);
  const registry = registryKey(hashPortal(config));
  const portalPlan = planPortal(seed);
  const portal = openSimulatedPortal({
    ...common,
    ...portalPlan,
    seed,
    size: plan.offers,
    key: portalKey,
    rates: rates?.portal ?? quietRates,
  });
  const mail = openSimulatedMail({
    ...common,
    rates: rates?.mail ?? {},
    returnRates: rates?.mailReturn ?? {},
    eventRates: rates?.mailEvent ?? {},
  });
  const webhooks = readWebhooks((name) => env[name]);
  const receivers = openSimulatedReceivers({
    ...common,
    rates: rates?.receivers ?? {},
    secrets: webhooks.secrets,
  });
  const invocations = new AsyncLocalStorage<Invocation>();
  const newest = new Map<string, Invocation>();

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
    return body === undefined ? null : (CrawlRegistry.parse(parseBody(body)).lease?.holderId ?? null);
  }

  function noteReading(process: SimulatedProcess): void {
    const invocation = invocations.getStore();
    if (invocation === undefined) return;
    const { exportId, execution, isOver } = invocation;
    const isLate = isOver || newest.get(execution) !== invocation;
    readings.push({ atMs: clock.now(), process: process.name, exportId, isLate, holderId: readHolder() });
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
      sendWebhook: receivers.serve(process),
    });
    s3.serve(app.bucket.s3.client, process);
    return { process, app };
  }

  const engine = openDurableEngine({
    ...common,
    rates: rates?.engine ?? {},
    openEnvironment: (name) => {
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
    },
  });

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

  const openStarter = (process: SimulatedProcess) =>
    openSimulatedWorkflow({ ...common, engine, rates: rates?.start ?? {} }, process);

  const web = { readDocument: async () => Buffer.from("<html>"), readAsset: async () => null };
  const openHttp = (name: string) => {
    const { process, app } = openProcess(name);
    const handle = createFront({
      accessTokens: config.accessTokens,
      noticeSecrets: noPortalWebhookSecrets,
      web,
      loadApi: async () => createApi({ app, workflow: openStarter(process), web }),
    });
    return { process, handler: logged(handle) };
  };
  const openScheduled =
    <R>(create: (context: ScheduleContext) => ScheduledHandler<R>) =>
    (name: string) => {
      const { process, app } = openProcess(name);
      return { process, handler: logged(create({ app, workflow: openStarter(process), schedules })) };
    };
  const openBounce = (name: string) => {
    const { process, app } = openProcess(name);
    return { process, handler: logged(createBounceHandler(app)) };
  };
  const settings = { ...common, rates: rates?.function ?? {}, queueRates: rates?.queue ?? {} };
  const http = openSimulatedFunction({
    ...settings,
    ...functionLimits.http,
    name: "http",
    callRates: rates?.call ?? {},
    open: openHttp,
  });
  const tick = openSimulatedFunction({
    ...settings,
    ...functionLimits.tick,
    name: "tick",
    open: openScheduled(createTickHandler),
  });
  const watch = openSimulatedFunction({
    ...settings,
    ...functionLimits.watch,
    name: "watch",
    open: openScheduled(createWatchHandler),
  });

  const bounce = openSimulatedFunction({
    ...settings,
    ...functionLimits.bounce,
    name: "bounce",
    open: openBounce,
  });
  mail.subscribe(bounce.queue);

  let requests = 0;

  /** Sends a user's request to the function URL. Returns null when no answer arrives. */
  async function request(who: string, asked: UserRequest): Promise<HttpAnswer | null> {
    const sentMs = clock.now();
    const requestId = `request-${(requests += 1)}`;
    const event = describeHttpEvent({ ...asked, token: accessToken, requestId, nowMs: sentMs });
    const answered = await http.call(event, patienceMs);
    const answer = answered.kind === "answered" ? answered.value : null;
    const { method, path } = asked;
    trace.note(who, `${method} ${path} -> ${answer === null ? answered.kind : describeAnswer(answer)}`);
    answers.push({ ...asked, who, sentMs, answeredMs: clock.now(), answer });
    return answer;
  }

  /** Plays EventBridge Scheduler and the alarms until then. */
  function runSchedules(untilMs: number): void {
    runScheduler(
      {
        ...common,
        rates: rates?.scheduler ?? {},
        schedules,
        calendar: createCalendar(config.zone),
        tick: tick.queue,
        watch: () => watch.queue({}),
        isBusy: () => hasUnfinished(s3),
      },
      untilMs,
    );
  }

  return {
    clock,
    trace,
    faults,
    s3,
    objects,
    answers,
    readings,
    mails: mail.accepted,
    webhooks: receivers.received,
    alarms,
    errors,
    engine,
    tick,
    watch,
    portal,
    portalPlan,
    request,
    runSchedules,
  };
}

/**
 * Draws what the portal is like. A page that always says that it is the last one, and pages beyond the end that repeat
 * others, contradict each other so much that an export refuses such a portal for ever.
 */
function planPortal(seed: string): PortalPlan {
  const plan = drawPortalPlan(seed);
  const isRepeating = String(plan.habits.beyond).includes("page");
  return isRepeating ? { ...plan, habits: { ...plan.habits, falseLast: 0 } } : plan;
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

type ScheduledHandler<R> = (event: unknown, invocation: LambdaInvocation) => Promise<R>;

/** True while the bucket holds an export that has not ended. */
function hasUnfinished({ objects }: SimulatedS3): boolean {
  return objects.listKeys("exports/").some((key) => {
    const body = objects.find(key)?.body;
    return (
      body !== undefined && /"status":"(queued|running)"/.test(Buffer.from(body.subarray(0, 100)).toString())
    );
  });
}

function describeAnswer({ statusCode, headers, body }: HttpAnswer): string {
  if (statusCode >= 400) {
    const code = /"code":"([^"]+)"/.exec(body)?.[1];
    return `${statusCode} ${code ?? ""}`;
  }
  const status = /"status":"([^"]+)"/.exec(body)?.[1];
  return [statusCode, status, headers["location"]?.replace(/\?.*/, "")]
    .filter((part) => part !== undefined)
    .join(" ");
}
