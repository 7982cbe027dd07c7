import { emitMetrics } from "../../adapters/log/emit-metrics.ts";
import { type LambdaInvocation, logFaults } from "../../adapters/log/log--fault.ts";
import { logEvent } from "../../adapters/log/log.ts";
import { readStarterConfig } from "../../adapters/settings/settings.ts";
import { openLambdaWorkflow } from "../../adapters/workflow/lambda-workflow.ts";
import { ScheduleError } from "../../core/basics/errors.ts";
import { findLastTick } from "../../core/schedule/cron-expression.ts";
import { isReportOverdue, isWatchedTick } from "../../core/schedule/overdue-reports.ts";
import { readSchedules } from "../../core/schedule/schedules--plan.ts";
import { parseTick, type Schedule } from "../../core/schedule/schedules.ts";
import { openContext } from "../context.ts";
import { listLateExports } from "./scheduled-reports--late.ts";
import { type ReportMaker, makeReports } from "./scheduled-reports--tick.ts";

export type SchedulePlanner = ReportMaker & { schedules: Schedule[] };

/** Throws a ConfigError. */
export function openSchedulePlanner(env: NodeJS.ProcessEnv): SchedulePlanner {
  const config = readStarterConfig(env);
  return {
    world: openContext(config),
    workflow: openLambdaWorkflow(config.workflow),
    schedules: readSchedules(env),
  };
}

/** Takes a tick, which may come more than once; gives the ids of its exports. */
export function createTickHandler(planner: SchedulePlanner): (event: unknown, context: LambdaInvocation) => Promise<string[]> {
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
export function createWatchHandler(planner: SchedulePlanner): (event: unknown, context: LambdaInvocation) => Promise<void> {
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
async function tellLate({ world }: SchedulePlanner, now: Date): Promise<number> {
  const ids = await listLateExports(world, now.getTime());
  for (const exportId of ids) await logEvent("late", { exportId });
  if (ids.length > 0) await emitMetrics({ ExportsLate: ids.length });
  return ids.length;
}

/** Tells of each report that is overdue. */
async function watchSchedule(planner: SchedulePlanner, schedule: Schedule, now: Date): Promise<string[]> {
  const at = findLastTick(schedule.expression, planner.world.calendar, now.getTime());
  if (at === null || !isWatchedTick(at, now.getTime())) return [];
  const attempts = await makeReports(planner, { schedule, at }, now);
  const overdue = attempts.filter((attempt) => isReportOverdue(attempt, at, now.getTime()));
  const tick = `${schedule.name} at ${new Date(at).toISOString()}`;
  return overdue.map(({ number, state, failed }) =>
    `There is no report of ${tick} yet, in try ${number}: ${state.id}. ${failed?.detail ?? ""}`.trim(),
  );
}
