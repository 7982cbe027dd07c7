import { formatDay } from "../basics/calendar.ts";
import { hasEveryStatus } from "./report-wording.ts";
import type { Locale } from "../language/locale.ts";
import type { Options } from "../options/options.ts";
import { resolveRange } from "../options/options--period.ts";

/** A report's file name, plain ASCII: its `asOf`, and what it is only a part of the offers by. */
export function nameReportFile(options: Options, locale: Locale): string {
  const { start, from: since, to: until } = locale.fileName;
  const { from, to } = resolveRange(options);
  const parts = [
    start,
    options.asOf,
    ...(from === null ? [] : [since, formatDay(from)]),
    ...(to === null ? [] : [until, formatDay(to)]),
    ...(hasEveryStatus(options) ? [] : options.status.map((status) => locale.statuses[status])),
  ];
  return `${parts.join("-")}.${options.format}`;
}
