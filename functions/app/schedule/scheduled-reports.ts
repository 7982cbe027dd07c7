import { tellFigures } from "../../adapters/log/emit-metrics.ts";
import { type Invocation, tellFaults } from "../../adapters/log/log--fault.ts";
import { logEvent } from "../../adapters/log/log.ts";
import { readStarterConfig } from "../../adapters/settings/settings.ts";
import { openWorkflow } from "../../adapters/workflow/lambda-workflow.ts";
import { ScheduleError } from "../../core/basics/errors.ts";
import { findLastTick } from "../../core/schedule/cron-expression.ts";
import { isOverdue, isWatched } from "../../core/schedule/overdue-reports.ts";
import { readSchedules } from "../../core/schedule/schedules--plan.ts";
import { parseTick, type Schedule } from "../../core/schedule/schedules.ts";
import { openWorld } from "../context.ts";
import { listLate } from "./scheduled-reports--late.ts";
import { type Maker, makeReports } from "./scheduled-reports--tick.ts";

export type Planner = Maker & { schedules: Schedule[] };

/** Throws a ConfigError. */
export function openPlanner(env: NodeJS.ProcessEnv): Planner {
  const config = readStarterConfig(env);
  return {
    world: openWorld(config),
    workflow: openWorkflow(config.workflow),
    schedules: readSchedules(env),
  };
}

/** Takes a tick, which may come more than once; gives the ids of its exports. */
export function createTick(planner: Planner): (event: unknown, context: Invocation) => Promise<string[]> {
  return (event, context) =>
    tellFaults(context, async () => {
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
export function createWatch(planner: Planner): (event: unknown, context: Invocation) => Promise<void> {
  return (_event, context) =>
    tellFaults(context, async () => {
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
async function tellLate({ world }: Planner, now: Date): Promise<number> {
  const ids = await listLate(world, now.getTime());
  for (const exportId of ids) await logEvent("late", { exportId });
  if (ids.length > 0) await tellFigures({ ExportsLate: ids.length });
  return ids.length;
}

/** Tells of each report that is overdue. */
async function watchSchedule(planner: Planner, schedule: Schedule, now: Date): Promise<string[]> {
  const at = findLastTick(schedule.expression, planner.world.calendar, now.getTime());
  if (at === null || !isWatched(at, now.getTime())) return [];
  const attempts = await makeReports(planner, { schedule, at }, now);
  const overdue = attempts.filter((attempt) => isOverdue(attempt, at, now.getTime()));
  const tick = `${schedule.name} at ${new Date(at).toISOString()}`;
  return overdue.map(({ number, state, failed }) =>
    `There is no report of ${tick} yet, in try ${number}: ${state.id}. ${failed?.detail ?? ""}`.trim(),
  );
}
