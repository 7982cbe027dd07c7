import pLimit from "p-limit";
import { hashAttempt, hashReport } from "../../adapters/bucket/key-hashes.ts";
import { dateNow } from "../../adapters/clock/clock.ts";
import { emitMetrics, type LambdaInvocation, logEvent, logFaults } from "../../adapters/log/log.ts";
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
import type { Options } from "../../core/options/export-options.ts";
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
import { type AppContext, openContext, type StarterOptions, type StateStore } from "../context.ts";
import { changeExport, claimExport, readUnfinished } from "../export/export-store.ts";
import { ensureStarted } from "../export/start-export.ts";

export type ScheduleContext = ReportContext & { schedules: Schedule[] };

/**
 * Reads the settings from the environment variables, and opens what scheduled reports need. Throws a ConfigError when a
 * setting is missing or malformed.
 */
export function openScheduleContext(
  env: NodeJS.ProcessEnv,
  { workflow, ...options }: StarterOptions = {},
): ScheduleContext {
  const config = readStarterConfig(env);
  const app = openContext(config, options);
  return {
    app,
    workflow: workflow ?? openLambdaWorkflow(config.workflow, { timer: app.clock.system }),
    schedules: readSchedules(env),
  };
}

/**
 * Returns the handler that runs at each tick, a due time of a schedule. The handler starts the exports of the tick and
 * returns their ids. It is idempotent, because EventBridge may repeat a tick.
 */
export function createTickHandler(
  context: ScheduleContext,
): (event: unknown, invocation: LambdaInvocation) => Promise<string[]> {
  return (event, invocation) =>
    logFaults(invocation, async () => {
      const tick = parseTick(event, context.schedules);
      const attempts = await makeReports(context, tick, dateNow(context.app.clock));
      await logEvent("tick", { schedule: tick.schedule.name, exports: attempts.length });
      return attempts.map(({ state }) => state.id);
    });
}

/**
 * Returns the handler that runs every hour. For two days after the last tick of each schedule, the handler starts the
 * tick's reports that are missing or have failed. The handler throws while a report is overdue, and this error raises
 * the alarm. The handler also logs and counts the exports that should have finished by now.
 */
export function createWatchHandler(
  context: ScheduleContext,
): (event: unknown, invocation: LambdaInvocation) => Promise<void> {
  return (_event, invocation) =>
    logFaults(invocation, async () => {
      const now = dateNow(context.app.clock);
      const watches = context.schedules.map((schedule) => watchSchedule(context, schedule, now));
      await Promise.allSettled(watches);
      const late = await reportLateExports(context, now);
      const overdue = (await Promise.all(watches)).flat();
      await logEvent("watch", { schedules: watches.length, overdue: overdue.length, late });
      if (overdue.length > 0) throw new ScheduleError(overdue.join(" "));
    });
}

/** Logs and counts the unfinished exports that should have finished by now. Returns their number. */
async function reportLateExports({ app }: ScheduleContext, now: Date): Promise<number> {
  const ids = await listLateExports(app, now.getTime());
  for (const exportId of ids) await logEvent("late", { exportId });
  if (ids.length > 0) await emitMetrics({ ExportsLate: ids.length });
  return ids.length;
}

/** Starts the missing and failed reports of the schedule's last tick. Returns one message for each overdue report. */
async function watchSchedule(context: ScheduleContext, schedule: Schedule, now: Date): Promise<string[]> {
  const at = findLastTick(schedule.expression, context.app.calendar, now.getTime());
  if (at === null || !isWatchedTick(at, now.getTime())) return [];
  const attempts = await makeReports(context, { schedule, at }, now);
  const overdue = attempts.filter((attempt) => isReportOverdue(attempt, at, now.getTime()));
  const tick = `${schedule.name} at ${new Date(at).toISOString()}`;
  return overdue.map(({ number, state, failed }) =>
    `There is no report of ${tick} yet, in try ${number}: ${state.id}. ${failed?.detail ?? ""}`.trim(),
  );
}

export type ReportContext = {
  app: StateStore & Pick<AppContext, "calendar">;
  workflow: ExportWorkflow;
};

/**
 * Starts an export for each report of the tick, if the report has no export yet or its last export has failed. Returns
 * the latest export of each report. An export's id depends only on the tick, the options and the index of the attempt.
 * So concurrent or repeated calls make the same export, and only a failure leads to another attempt. A report contains
 * only offers that were read after the tick.
 */
export async function makeReports(context: ReportContext, tick: Tick, now: Date): Promise<ReportAttempt[]> {
  const reports = describeReports(tick, context.app.calendar).map((options) =>
    makeReport(context, tick, { options, now }),
  );
  // Waits for all reports, because an error in one report must not stop the others.
  await Promise.allSettled(reports);
  return await Promise.all(reports);
}

async function makeReport(
  { app, workflow }: ReportContext,
  { schedule, at }: Tick,
  { options, now }: { options: Options; now: Date },
): Promise<ReportAttempt> {
  const idParts = { startedMs: at, optionsKey: hashReport(app.config, options) };
  const maxAgeSeconds = Math.max(0, Math.floor((now.getTime() - at) / 1000));
  let failed: Problem | null = null;
  for (let number = 1; ; number += 1) {
    const id = formatExportId(idParts, hashAttempt(schedule.name, number));
    const request = {
      options,
      maxAgeSeconds,
      schedule: schedule.name,
      recipients: schedule.recipients ?? [],
      mailWhen: schedule.mailWhen ?? "always",
    };
    const state = await claimExport(app, newExportState(id, request, now));
    if (!isFailedAttempt(state)) return { number, failed, state: await ensureStarted(workflow, state) };
    failed = state.problem;
  }
}

const maxAtOnce = 10;

/**
 * Returns the ids of unfinished exports that should have finished by now, including exports that have died without an
 * error. An export whose workflow has never started is stored as failed instead, because its caller has already got an
 * error.
 */
export async function listLateExports(store: StateStore, now: Moment): Promise<string[]> {
  const keys = await store.bucket.listKeys("exports/", `exports/${findLatePrefix(now)}`);
  const ids = keys.map((key) => key.slice("exports/".length, -".json".length));
  const limitConcurrency = pLimit(maxAtOnce);
  const candidates = ids.filter((id) => mayStillRun(id, now));
  const late = await Promise.all(candidates.map((id) => limitConcurrency(isLate, store, id, new Date(now))));
  return candidates.filter((_, index) => late[index]);
}

async function isLate(store: StateStore, id: string, now: Date): Promise<boolean> {
  const state = await readUnfinished(store, id);
  if (state === null || !hasDiedQueued(state, now)) return state !== null;
  const changed = await changeExport(store, id, (before) =>
    hasDiedQueued(before, now) ? failInterrupted(before) : before,
  );
  return changed !== null && !isFinished(changed);
}
