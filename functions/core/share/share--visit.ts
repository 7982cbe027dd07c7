import { type Day, formatDay, parseDay } from "../basics/calendar.ts";
import { ExportError } from "../basics/errors.ts";
import type { Options } from "../options/options.ts";
import { resolveRange } from "../options/options--period.ts";
import type { Progress } from "../basics/stored-values.ts";
import { type ExportRequest, parseOptions } from "../options/export-request.ts";
import { minShareAgeSeconds, type Share } from "./share.ts";

/** A link whose export keeps failing must not keep the portal busy either. */
const restSeconds = 300;

/** What a visit on that day asks for; throws where this version knows an option no more. */
export function resolveShare({ options }: Share, today: Day): ExportRequest {
  return { ...parseOptions({ maxAge: minShareAgeSeconds, ...options }, today), restSeconds };
}

/**
 * The options whose report may stand in for the visit's, the newest first: its own, and those of the days before,
 * back to the earliest, where the share is about the day on which it is opened. They let the same days through:
 * on the first of a month yesterday's `this-month` does not.
 */
export function listStandInOptions(
  { options: given }: Share,
  { options }: ExportRequest,
  earliest: Day,
): Options[] {
  const today = parseDay(options.asOf) ?? earliest;
  const days = given["asOf"] === undefined ? Math.max(0, today - earliest) : 0;
  return Array.from({ length: days + 1 }, (_, ago) => ({ ...options, asOf: formatDay(today - ago) })).filter(
    (former) => describeRange(former) === describeRange(options),
  );
}

function describeRange(options: Options): string {
  const { from, to } = resolveRange(options);
  return `${from}/${to}`;
}

const leastPauseSeconds = 5;
/** What Excel's Power Query waits at most: https://learn.microsoft.com/en-us/power-query/handling-status-codes. */
const mostPauseSeconds = 120;

/** To come back when the export is expected to be finished. */
export function unreadyShareError({ estimatedFinishAt, waitingUntil }: Progress, now: Date): ExportError {
  const readyAt = estimatedFinishAt ?? waitingUntil;
  const leftSeconds = readyAt === null ? 0 : Math.ceil((Date.parse(readyAt) - now.getTime()) / 1000);
  const pauseSeconds = Math.min(mostPauseSeconds, Math.max(leastPauseSeconds, leftSeconds));
  const detail = `The report is being made. Try again in ${pauseSeconds} seconds.`;
  return new ExportError("busy", "share_not_ready", detail, {
    headers: { "retry-after": String(pauseSeconds) },
  });
}
