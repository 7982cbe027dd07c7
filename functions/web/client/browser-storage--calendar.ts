import { browserStorage } from "./browser-storage.ts";

const key = "time-zone";

/** The check tells it; until it first has, the zone is that of most of the portal's owners. */
export function rememberTimeZone(timeZone: string): void {
  browserStorage.write(key, timeZone);
}

/** The day on the calendar of the reports, as `YYYY-MM-DD`. */
export function calendarDayOf(moment: string | number): string {
  const timeZone = browserStorage.read(key) ?? "Europe/Amsterdam";
  // Swedish writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat("sv-SE", { timeZone }).format(new Date(moment));
}
