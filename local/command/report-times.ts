/** Writes moments as the clocks of the report's zone show them, such as `2026-11-22 20:47:21`. */
function writeClock(moment: string, zone: string): string {
  return new Date(moment).toLocaleString("sv", { timeZone: zone });
}

/** Writes a moment to the minute, with its zone. */
export function describeMoment(moment: string, zone: string): string {
  return `${writeClock(moment, zone).slice(0, -":ss".length)} (${zone})`;
}

/** Writes the time of a moment near `now`. The day stands before it when it is another day than today. */
export function describeTime(moment: string, zone: string, now: Date): string {
  const [today] = writeClock(now.toISOString(), zone).split(" ");
  const [day, time = ""] = writeClock(moment, zone).split(" ");
  return day === today ? time : `${day} ${time}`;
}
