import { randomUUID } from "node:crypto";
import * as z from "zod";
import { findMoment } from "../functions/core/basics/calendar.ts";
import { createTickHandler, type SchedulePlanner } from "../functions/app/schedule/scheduled-reports.ts";

/** A tick at a time of the day in REPORT_TIMEZONE, of the first schedule unless another is named. */
export const AskedTick = z.object({ at: z.string(), schedule: z.string().nullable() });
export type AskedTick = z.infer<typeof AskedTick>;

/** Stands in for EventBridge Scheduler, for one tick; gives the ids of its exports. */
export type Ticker = (asked: AskedTick) => Promise<string[]>;

export function createTicker(planner: SchedulePlanner): Ticker {
  const { schedules, world } = planner;
  const tick = createTickHandler(planner);
  return async ({ at, schedule }) => {
    const moment = findMoment(at, world.calendar);
    if (moment === null)
      throw new Error(
        `--at takes a time that the clocks of ${world.calendar.zone} show, as 2026-12-01T06:00`,
      );
    const event = { schedule: schedule ?? schedules[0]?.name ?? "", at: new Date(moment).toISOString() };
    return await tick(event, { awsRequestId: randomUUID() });
  };
}
