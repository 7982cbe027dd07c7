import type { Row } from "../report/report-row.ts";

/** How many days ago open offers were issued; `later` is after the day of judgement. */
export const ageBands = ["0-7", "8-14", "15-30", "31-60", "61+", "later", "unknown"] as const;
export type AgeBand = (typeof ageBands)[number];

/** The last days of the first ages. */
const lastDays = [7, 14, 30, 60] as const;

export function findAgeBand({ daysOpen }: Row): AgeBand {
  if (daysOpen === null) return "unknown";
  if (daysOpen < 0) return "later";
  const index = lastDays.findIndex((last) => daysOpen <= last);
  return ageBands[index] ?? "61+";
}
