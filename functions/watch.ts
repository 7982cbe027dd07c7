import { createWatchHandler, openScheduleContext } from "./app/schedule/scheduled-reports.ts";

/** What EventBridge Scheduler invokes every hour: a missing or malformed setting stops it at its start. */
export const handler = createWatchHandler(openScheduleContext(process.env));
