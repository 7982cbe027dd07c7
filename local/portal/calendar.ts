import { Temporal } from "temporal-polyfill";
import type { Random } from "./random.ts";

const spanMonths = 26;

/** How busy a day is, from 0 to 1: the building holidays and Christmas are quiet, weekends more so. */
function weighDay(day: Temporal.PlainDate): number {
  const week = day.dayOfWeek > 5 ? 0.08 : 1;
  if (day.month === 7) return week * 0.5;
  if (day.month === 8) return week * 0.4;
  return day.month === 12 && day.day > 18 ? week * 0.25 : week;
}

/** Picks days on which an offer was issued, until yesterday. */
export function makeDayPicker(today: string, random: Random): () => Temporal.PlainDate {
  const end = Temporal.PlainDate.from(today);
  const start = end.subtract({ months: spanMonths });
  const spanDays = start.until(end).days;
  const days = Array.from({ length: spanDays }, (_, index) => start.add({ days: index }));
  return () => {
    let day = random.pick(days);
    while (random.unit() > weighDay(day)) day = random.pick(days);
    return day;
  };
}
