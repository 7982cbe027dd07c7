import { statuses } from "../../functions/core/offer/offer-status.ts";
import { openWorld, type World } from "./world.ts";
import { lifecycle, scheduleName, uploadDays } from "./world-settings.ts";
import { type HistoryPlan, type HistoryRequest, planHistory } from "./history-plan.ts";
import { type Observations, recordExpired } from "./observations.ts";
import { listKeys } from "./observations.ts";
import { runUser } from "./users.ts";
import { installVirtualGlobals } from "./virtual-globals.ts";
import { listViolations } from "./invariants.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** The list of offers changes so often while nobody reads it. */
const lifeGapMs = 3 * hourMs;
/** An execution has ended this long after its start. */
const executionMs = 31 * hourMs;

export type HistoryRun = Awaited<ReturnType<typeof runHistory>>;

/** Runs the history of a seed from its first event until nothing is left, and checks what it has to keep to. */
export async function runHistory(request: HistoryRequest) {
  const plan = planHistory(request);
  const world = openWorld(plan);
  const uninstall = installVirtualGlobals(world.clock, plan.seed);
  try {
    const observed = await observeHistory(world, plan);
    return { violations: listViolations(observed), observed, world, plan };
  } finally {
    uninstall();
  }
}

async function observeHistory(world: World, plan: HistoryPlan): Promise<Observations> {
  const { clock, faults, s3, objects } = world;
  const restMs = Math.max(plan.calmMs, plan.tickMs + 2 * dayMs) + executionMs;
  world.runSchedules(restMs - hourMs);
  if (plan.hasFaults) world.portal.live(plan.calmMs, lifeGapMs);
  void runLifecycle(world, restMs);
  for (const user of plan.users) void runUser(world, user);
  await clock.advance(plan.calmMs);
  faults.calm();
  await clock.advance(restMs);
  // Somebody looks at each export after everything has ended.
  const looks = listKeys({ objects }, "exports/").map((key) =>
    world.request("auditor", { method: "GET", path: `/${key.slice(0, -".json".length)}` }),
  );
  await clock.complete(Promise.all(looks));
  const executions = [...world.engine.executions.values()].map(({ name, status }) => ({ name, status }));
  for (const days of new Set(lifecycle.map((rule) => rule.days))) {
    await clock.advance((Math.ceil(restMs / dayMs) + days + 2) * dayMs);
    recordExpired(objects, s3.objects.expire(lifecycle, uploadDays), clock.now());
  }
  // Links have no rule of the lifecycle. Whoever lists them removes those whose time has passed.
  await clock.complete(world.request("auditor", { method: "GET", path: "/shares" }));
  return {
    objects,
    answers: world.answers,
    readings: world.readings,
    mails: world.mails,
    webhooks: world.webhooks,
    excesses: listExcesses(world),
    reports: plan.reports.map((options) => ({
      schedule: scheduleName,
      tickMs: plan.tickMs,
      options: { period: null, status: [...statuses], ...options },
    })),
    alarms: [
      ...world.alarms,
      ...world.tick.deadLetters().map(() => ({ atMs: clock.now(), text: "a tick is a dead letter" })),
    ],
    errors: world.errors,
    offers: new Map([...world.portal.list.everListed()].map((offer) => [offer.id, offer])),
    isPortalOrderly: world.portalPlan.order === "stable",
    calmMs: plan.calmMs,
    restMs,
    endMs: clock.now(),
    executions,
    leftovers: [...s3.objects.listKeys(), ...s3.objects.openUploads().map((key) => `the upload of ${key}`)],
  };
}

/** Applies the bucket's lifecycle once a day until then. */
async function runLifecycle({ clock, s3, objects }: World, untilMs: number): Promise<void> {
  while (clock.now() + dayMs < untilMs) {
    await clock.sleep(dayMs);
    recordExpired(objects, s3.objects.expire(lifecycle, uploadDays), clock.now());
  }
}

/** An invocation that has ended may go on beside the next one, and for this long it may have been told of a pause that the next one does not know. */
const lateMs = 600_000;

/**
 * Lists the requests that were too many. A request sent alone is none of them: a step that runs again sends one to learn
 * what is left. Nor is a request of a process in which the work of an ended invocation goes on: it does not know what
 * the present invocation is told.
 */
function listExcesses({ portal, readings }: World): string[] {
  const late = readings.filter(({ isLate }) => isLate);
  const isBesideLate = (process: string, atMs: number) =>
    late.some((reading) => reading.process === process && Math.abs(reading.atMs - atMs) < lateMs);
  return portal.limits
    .excesses()
    .filter(({ isLone, process, atMs }) => !isLone && !isBesideLate(process, atMs))
    .map(
      ({ atMs, process, target, kind }) =>
        `${process} sent ${target} at ${new Date(atMs).toISOString()}: ${kind}`,
    );
}
