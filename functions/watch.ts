import { createWatchHandler, openScheduleContext } from "./app/schedule/scheduled-reports.ts";

/**
 * Watches the schedules and the exports. EventBridge Scheduler invokes this function every hour. It does not start
 * when a setting is missing or malformed.
 */
export const handler = createWatchHandler(openScheduleContext(process.env));
