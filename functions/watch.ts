import { createWatchHandler, openScheduleContext } from "./app/schedule/scheduled-reports.ts";

/** EventBridge Scheduler invokes it every hour. A missing or malformed setting stops it at start. */
export const handler = createWatchHandler(openScheduleContext(process.env));
