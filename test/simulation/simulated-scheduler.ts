import type { Calendar } from "../../functions/core/basics/calendar.ts";
import { findLastTick } from "../../functions/core/schedule/cron-expression.ts";
import type { Schedule } from "../../functions/core/schedule/schedules.ts";
import type { FaultRates, FaultSource } from "./fault-source.ts";
import type { HistoryTrace } from "./history-trace.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** What can go wrong with one run of a schedule. */
export type SchedulerFault =
  /** The target refuses the event for a while, and EventBridge Scheduler repeats it for up to a day. */
  | "late"
  /** The event comes again some time later. */
  | "twice"
  /** The event comes again at once, while the first is still worked on. */
  | "overlap"
  /** The event never comes. */
  | "lost";

export type TickEvent = { schedule: string; at: string };

export type SchedulerSettings = {
  clock: VirtualClock;
  faults: FaultSource;
  trace: HistoryTrace;
  rates: { tick?: FaultRates<SchedulerFault>; watch?: FaultRates<SchedulerFault> };
  schedules: readonly Schedule[];
  calendar: Calendar;
  /** Gives the event of a tick to its function. */
  tick: (event: TickEvent) => void;
  /** Gives the hourly event to the function that watches the schedules. */
  watch: () => void;
  /** True while an export is unfinished and its execution may still run. */
  isBusy: () => boolean;
};

const hourMs = 3_600_000;
/** EventBridge Scheduler begins within the minute. */
const precisionMs = 60_000;
const maxLateMs = 24 * hourMs;
const maxAgainMs = 2 * hourMs;
const maxOverlapMs = 2_000;

/** For this long after a tick every watch runs. The watch makes missing reports for 48 hours. */
const watchedMs = 50 * hourMs;
/** While nothing can be missing, one of so many watches runs. */
const quietHours = 24;

/**
 * Plays EventBridge Scheduler from now until `untilMs`: it gives each tick of the schedules and each hourly watch to
 * its function. Most watches find nothing to do and change nothing, which simulated-scheduler.test.ts shows. So most of
 * these are left out.
 */
export function runScheduler(settings: SchedulerSettings, untilMs: number): void {
  const { clock, faults, trace, rates, schedules, calendar, tick, watch, isBusy } = settings;
  const startMs = clock.now();
  const ticks = schedules.flatMap(({ name, expression }) =>
    listTicks(expression, calendar, { fromMs: startMs - watchedMs, untilMs }).map((atMs) => ({ name, atMs })),
  );

  for (const { name, atMs } of ticks) {
    if (atMs <= startMs) continue;
    const event = { schedule: name, at: formatScheduledTime(atMs) };
    clock.schedule(atMs - startMs, () =>
      deliver({ what: `tick of ${name}`, place: "tick", rates: rates.tick ?? {} }, () => tick(event)),
    );
  }

  /** The hour of the day at which the quiet watch runs; another one for each day. */
  let quietHour = faults.drawDelayMs("quiet watch", 0, quietHours - 1);
  let hours = 0;
  const firstMs = faults.drawDelayMs("first watch", 0, hourMs - 1);
  if (startMs + firstMs < untilMs) clock.schedule(firstMs, runHour);

  function runHour(): void {
    if (isWatchTime()) deliver({ what: "watch", place: "watch", rates: rates.watch ?? {} }, watch);
    hours = (hours + 1) % quietHours;
    if (hours === 0) quietHour = faults.drawDelayMs("quiet watch", 0, quietHours - 1);
    if (clock.now() + hourMs < untilMs) clock.schedule(hourMs, runHour);
  }

  function isWatchTime(): boolean {
    const nowMs = clock.now();
    const isNearTick = ticks.some(({ atMs }) => atMs <= nowMs && nowMs - atMs < watchedMs);
    return isNearTick || hours === quietHour || isBusy();
  }

  function deliver(
    { what, place, rates: placeRates }: { what: string; place: string; rates: FaultRates<SchedulerFault> },
    give: () => void,
  ): void {
    const fault = faults.drawFault(`scheduled ${place}`, placeRates);
    if (fault !== null) trace.note("scheduler", `${what}: ${fault}`);
    if (fault === "lost") return;
    const delayMs = faults.drawDelayMs(
      `scheduled ${place}`,
      fault === "late" ? precisionMs : 0,
      fault === "late" ? maxLateMs : precisionMs,
    );
    clock.schedule(delayMs, give);
    if (fault !== "twice" && fault !== "overlap") return;
    const againMs = faults.drawDelayMs(
      `scheduled ${place} again`,
      0,
      fault === "twice" ? maxAgainMs : maxOverlapMs,
    );
    clock.schedule(delayMs + againMs, give);
  }
}

/** Lists the ticks after `fromMs` and up to `untilMs`, the earliest first. */
export function listTicks(
  expression: Schedule["expression"],
  calendar: Calendar,
  { fromMs, untilMs }: { fromMs: number; untilMs: number },
): number[] {
  const ticks: number[] = [];
  for (let beforeMs = untilMs; ;) {
    const atMs = findLastTick(expression, calendar, beforeMs);
    if (atMs === null || atMs <= fromMs) return ticks.toReversed();
    ticks.push(atMs);
    beforeMs = atMs - 1;
  }
}

/** Formats the time that EventBridge Scheduler puts in the place of `<aws.scheduler.scheduled-time>`. */
function formatScheduledTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}
