import { Temporal } from "temporal-polyfill";
import { type Day, parseDay } from "../basics/calendar.ts";
import type { Options } from "./options.ts";

/** The first and last day of issue that the options let through; null is unbounded. */
export type IssueRange = { from: Day | null; to: Day | null };

export function resolveRange(options: Options): IssueRange {
  if (options.period === null) return { from: readDay(options.issuedFrom), to: readDay(options.issuedTo) };
  const { start, months } = resolvePeriod(
    options.period,
    Temporal.PlainDate.from(options.asOf).with({ day: 1 }),
  );
  return {
    from: readDay(start.toString()),
    to: readDay(start.add({ months }).subtract({ days: 1 }).toString()),
  };
}

function resolvePeriod(
  name: string,
  month: Temporal.PlainDate,
): { start: Temporal.PlainDate; months: number } {
  const quarter = month.subtract({ months: (month.month - 1) % 3 });
  if (name === "this-month") return { start: month, months: 1 };
  if (name === "last-month") return { start: month.subtract({ months: 1 }), months: 1 };
  if (name === "last-quarter") return { start: quarter.subtract({ months: 3 }), months: 3 };
  if (name === "this-year") return { start: month.with({ month: 1 }), months: 12 };
  if (name.length === 7) return { start: Temporal.PlainDate.from(`${name}-01`), months: 1 };
  return { start: Temporal.PlainDate.from(`${name}-01-01`), months: 12 };
}

function readDay(text: string | null): Day | null {
  return text === null ? null : parseDay(text);
}
