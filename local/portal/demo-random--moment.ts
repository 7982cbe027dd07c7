import { Temporal } from "temporal-polyfill";

export const timeZone = "Europe/Amsterdam";

/** As the portal writes it: `2024-05-14T21:00:00+02:00`. */
export function writeAtom(moment: Temporal.ZonedDateTime): string {
  return moment.toString({ timeZoneName: "never", smallestUnit: "second" });
}

export function readAtom(text: string): Temporal.ZonedDateTime {
  return Temporal.Instant.from(text).toZonedDateTimeISO(timeZone);
}
