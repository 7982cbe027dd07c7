import { createTickHandler, openScheduleContext } from "./app/schedule/scheduled-reports.ts";

/** What EventBridge Scheduler invokes at each tick: a missing or malformed setting stops it at its start. */
export const handler = createTickHandler(openScheduleContext(process.env));
