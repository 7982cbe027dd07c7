import pLimit from "p-limit";
import { hashAttempt, hashReport } from "../../adapters/bucket/key-hashes.ts";
import { emitMetrics } from "../../adapters/log/emit-metrics.ts";
import { type LambdaInvocation, logEvent, logFaults } from "../../adapters/log/log.ts";
import { readStarterConfig } from "../../adapters/settings/settings.ts";
import { type ExportWorkflow, openLambdaWorkflow } from "../../adapters/workflow/lambda-workflow.ts";
import { formatExportId } from "../../core/basics/bucket-keys.ts";
import type { Moment } from "../../core/basics/calendar.ts";
import { ScheduleError } from "../../core/basics/errors.ts";
import type { Problem } from "../../core/basics/stored-values.ts";
import {
  failInterrupted,
  isFinished,
  hasDiedQueued,
  newExportState,
} from "../../core/export/export-state.ts";
import type { Options } from "../../core/options/options.ts";
import { findLastTick } from "../../core/schedule/cron-expression.ts";
import {
  findLatePrefix,
  isFailedAttempt,
  isReportOverdue,
  isWatchedTick,
  mayStillRun,
  type ReportAttempt,
} from "../../core/schedule/overdue-reports.ts";
import {
  describeReports,
  parseTick,
  readSchedules,
  type Schedule,
  type Tick,
} from "../../core/schedule/schedules.ts";
import { type AppContext, openContext, type StateStore } from "../context.ts";
import { changeExport, claimExport, readUnfinished } from "../export/export-store.ts";
import { ensureStarted } from "../export/start-export.ts";

export type SchedulePlanner = ReportMaker & { schedules: Schedule[] };

/** Throws a ConfigError. */
export function openSchedulePlanner(env: NodeJS.ProcessEnv): SchedulePlanner {
  const config = readStarterConfig(env);
  return {
    app: openContext(config),
    workflow: openLambdaWorkflow(config.workflow),
    schedules: readSchedules(env),
  };
}

/** Takes a tick, which may come more than once; gives the ids of its exports. */
export function createTickHandler(
  planner: SchedulePlanner,
): (event: unknown, context: LambdaInvocation) => Promise<string[]> {
  return (event, context) =>
    logFaults(context, async () => {
      const tick = parseTick(event, planner.schedules);
      const attempts = await makeReports(planner, tick, new Date());
      await logEvent("tick", { schedule: tick.schedule.name, exports: attempts.length });
      return attempts.map(({ state }) => state.id);
    });
}

/**
 * Looks after the last tick of each schedule: makes what did not come or has failed, for two days. Throws while a
 * report is overdue, which is what the alarm goes by. Counts exports that should be finished by now and are not.
 */
export function createWatchHandler(
  planner: SchedulePlanner,
): (event: unknown, context: LambdaInvocation) => Promise<void> {
  return (_event, context) =>
    logFaults(context, async () => {
      const now = new Date();
      const watches = planner.schedules.map((schedule) => watchSchedule(planner, schedule, now));
      await Promise.allSettled(watches);
      const late = await tellLate(planner, now);
      const overdue = (await Promise.all(watches)).flat();
      await logEvent("watch", { schedules: watches.length, overdue: overdue.length, late });
      if (overdue.length > 0) throw new ScheduleError(overdue.join(" "));
    });
}

/** How many exports should be finished by now and are not. */
async function tellLate({ app }: SchedulePlanner, now: Date): Promise<number> {
  const ids = await listLateExports(app, now.getTime());
  for (const exportId of ids) await logEvent("late", { exportId });
  if (ids.length > 0) await emitMetrics({ ExportsLate: ids.length });
  return ids.length;
}

/** Tells of each report that is overdue. */
async function watchSchedule(planner: SchedulePlanner, schedule: Schedule, now: Date): Promise<string[]> {
  const at = findLastTick(schedule.expression, planner.app.calendar, now.getTime());
  if (at === null || !isWatchedTick(at, now.getTime())) return [];
  const attempts = await makeReports(planner, { schedule, at }, now);
  const overdue = attempts.filter((attempt) => isReportOverdue(attempt, at, now.getTime()));
  const tick = `${schedule.name} at ${new Date(at).toISOString()}`;
  return overdue.map(({ number, state, failed }) =>
    `There is no report of ${tick} yet, in try ${number}: ${state.id}. ${failed?.detail ?? ""}`.trim(),
  );
}

/** What makes reports: exports, and what runs them. */
export type ReportMaker = {
  app: Pick<AppContext, "bucket" | "calendar" | "config">;
  workflow: ExportWorkflow;
};

/**
 * Makes what is missing of a tick's reports, and tells how they are. The exports are named after the tick, so it
 * may be asked any number of times, at once too, and be cut off anywhere: there is one export of each report, and
 * another one only after it has failed. None is made of offers that were read before the tick.
 */
export async function makeReports(maker: ReportMaker, tick: Tick, now: Date): Promise<ReportAttempt[]> {
  const reports = describeReports(tick, maker.app.calendar).map((options) =>
    makeReport(maker, tick, { options, now }),
  );
  // One that cannot be made keeps no other from it.
  await Promise.allSettled(reports);
  return await Promise.all(reports);
}

async function makeReport(
  { app, workflow }: ReportMaker,
  { schedule, at }: Tick,
  { options, now }: { options: Options; now: Date },
): Promise<ReportAttempt> {
  const place = { startedMs: at, optionsKey: hashReport(app.config, options) };
  const maxAgeSeconds = Math.max(0, Math.floor((now.getTime() - at) / 1000));
  let failed: Problem | null = null;
  for (let number = 1; ; number += 1) {
    const id = formatExportId(place, hashAttempt(schedule.name, number));
    const state = await claimExport(
      app,
      newExportState(
        id,
        { options, maxAgeSeconds, schedule: schedule.name, recipients: schedule.recipients ?? [] },
        now,
      ),
    );
    if (!isFailedAttempt(state)) return { number, failed, state: await ensureStarted(workflow, state) };
    failed = state.problem;
  }
}

const maxAtOnce = 10;

/**
 * The ids of exports that should be finished by now and are not, those that died without a word included. One whose
 * workflow never began is not late: whoever asked for it was told, and here it is written down as failed.
 */
export async function listLateExports(store: StateStore, now: Moment): Promise<string[]> {
  const keys = await store.bucket.listKeys("exports/", `exports/${findLatePrefix(now)}`);
  const ids = keys.map((key) => key.slice("exports/".length, -".json".length));
  const atOnce = pLimit(maxAtOnce);
  const watched = ids.filter((id) => mayStillRun(id, now));
  const late = await Promise.all(watched.map((id) => atOnce(isLate, store, id, new Date(now))));
  return watched.filter((_, index) => late[index]);
}

async function isLate(store: StateStore, id: string, now: Date): Promise<boolean> {
  const state = await readUnfinished(store, id);
  if (state === null || !hasDiedQueued(state, now)) return state !== null;
  const left = await changeExport(store, id, (before) =>
    hasDiedQueued(before, now) ? failInterrupted(before) : before,
  );
  return left !== null && !isFinished(left);
}
