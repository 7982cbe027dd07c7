// oxlint-disable-next-line import/no-unassigned-import -- it must run before others import node:zlib
import "../time/synchronous-zlib.ts";
// The workflow imports this module on demand, and the first time that takes real time.
// oxlint-disable-next-line import/no-unassigned-import -- it is only to be loaded
import "../../../functions/app/delivery/mail-sender.ts";
import type { HttpAnswer } from "../../../functions/api/http-messages.ts";
import { readHttpConfig } from "../../../functions/adapters/settings/settings.ts";
import { readWebhooks } from "../../../functions/adapters/webhook/webhook-receivers.ts";
import { createCalendar } from "../../../functions/core/basics/calendar.ts";
import { readSchedules } from "../../../functions/core/schedule/schedules.ts";
import { openDurableEngine } from "../lambda/durable-engine.ts";
import { openFaultSource } from "../faults/fault-source.ts";
import { describeHttpEvent, type UserRequest } from "./http-event.ts";
import type { HistoryPlan } from "./history-plan.ts";
import { quietRates } from "../portal/portal-faults.ts";
import { noTrace, openHistoryTrace } from "../time/history-trace.ts";
import { type ObservedAnswer, recordObjects } from "../invariants/observations.ts";
import { openServiceFunctions } from "./service-functions.ts";
import { openServiceProcesses } from "./service-processes.ts";
import { openSimulatedMail } from "../deliveries/simulated-mail.ts";
import { drawPortalPlan, openSimulatedPortal, type PortalPlan } from "../portal/simulated-portal.ts";
import { openSimulatedReceivers } from "../deliveries/simulated-receivers.ts";
import { openSimulatedS3 } from "../s3/simulated-s3.ts";
import { runScheduler } from "../lambda/simulated-scheduler.ts";
import { hasReports, hasUnfinished } from "./stored-exports.ts";
import { openVirtualClock } from "../time/virtual-clock.ts";
import { simulatedSettings } from "../lambda/function-settings.ts";
import { accessToken, makeEnvironment, worldRates } from "./world-settings.ts";

/** A user waits longer than the function may take. */
const patienceMs = 35_000;

export type World = ReturnType<typeof openWorld>;

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
  const env = makeEnvironment(plan);
  const config = readHttpConfig(env);
  const schedules = readSchedules(env);
  const portalPlan = planPortal(seed);
  const portal = openSimulatedPortal({
    ...common,
    ...portalPlan,
    seed,
    size: plan.offers,
    key: simulatedSettings.PORTAL_API_KEY,
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
  const processes = openServiceProcesses({ seed, clock, s3, portal, mail, receivers, config, webhooks });
  const engine = openDurableEngine({
    ...common,
    rates: rates?.engine ?? {},
    openEnvironment: processes.openExporter,
  });
  const functions = openServiceFunctions({ ...common, rates, config, schedules, engine, processes });
  const { http, tick, watch } = functions;
  mail.subscribe(functions.bounce.queue);

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
        isBusy: () => hasUnfinished(s3.objects, clock.now()),
        hasReports: (tickMs) => hasReports(s3.objects, tickMs, plan.reports.length),
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
    readings: processes.readings,
    mails: mail.accepted,
    webhooks: receivers.received,
    alarms: processes.alarms,
    errors: processes.errors,
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
