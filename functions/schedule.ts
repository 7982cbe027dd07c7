import { isOverdue, isWatched } from "./core/attempt.ts";
import { findLastTick } from "./core/cron.ts";
import { parseTick, type Schedule, ScheduleError } from "./core/schedule.ts";
import { readStarterConfig } from "./io/config.ts";
import { tellFaults } from "./io/fault.ts";
import { readSchedules } from "./io/plan.ts";
import { makeReports, type Maker } from "./io/tick.ts";
import { openWorkflow } from "./io/workflow.ts";
import { openWorld } from "./io/world.ts";

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
export function createTick(planner: Planner): (event: unknown) => Promise<string[]> {
  return (event) =>
    tellFaults(async () => {
      const attempts = await makeReports(planner, parseTick(event, planner.schedules), new Date());
      return attempts.map(({ state }) => state.id);
    });
}

/**
 * Looks after the last tick of each schedule: makes what did not come or has failed, for two days. Throws while a
 * report is overdue, which is what the alarm goes by.
 */
export function createWatch(planner: Planner): () => Promise<void> {
  return () =>
    tellFaults(async () => {
      const now = new Date();
      const watches = planner.schedules.map((schedule) => watchSchedule(planner, schedule, now));
      await Promise.allSettled(watches);
      const overdue = (await Promise.all(watches)).flat();
      if (overdue.length > 0) throw new ScheduleError(overdue.join(" "));
    });
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
