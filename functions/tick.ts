import { createTickHandler, openScheduleContext } from "./app/schedule/scheduled-reports.ts";

/** EventBridge Scheduler invokes it at each tick of a schedule. A missing or malformed setting stops it at start. */
export const handler = createTickHandler(openScheduleContext(process.env));
