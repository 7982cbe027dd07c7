import { createTickHandler, openScheduleContext } from "./app/schedule/scheduled-reports.ts";

/**
 * Starts the reports of a schedule. EventBridge Scheduler invokes this function at each tick. The function does not
 * start when a setting is missing or malformed.
 */
export const handler = createTickHandler(openScheduleContext(process.env));
