import { createWatchHandler, openScheduleContext } from "./app/schedule/scheduled-reports.ts";

/**
 * Starts scheduled reports that are missing or have failed, and finds exports that run too long. EventBridge Scheduler
 * invokes this function every hour. The function does not start when a setting is missing or malformed.
 */
export const handler = createWatchHandler(openScheduleContext(process.env));
