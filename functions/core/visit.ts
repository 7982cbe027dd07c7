import { type Day, dayMs } from "./calendar.ts";
import { ExportError } from "./error.ts";
import type { ExportState, Result } from "./export.ts";
import type { Options } from "./option.ts";
import { resolveRange } from "./period.ts";
import type { Progress } from "./progress.ts";
import { type ExportRequest, parseOptions } from "./request.ts";
import { leastAgeSeconds, type Share } from "./share.ts";

/** A link whose export keeps failing must not keep the portal busy either. */
const restSeconds = 300;

/** What a visit on that day asks for; throws where this version knows an option no more. */
export function resolveShare({ options }: Share, today: Day): ExportRequest {
  return { ...parseOptions({ maxAge: leastAgeSeconds, ...options }, today), restSeconds };
}

/** The share once a visit was given that export; `former` is the one before it. */
export function noteVisit(share: Share, newestId: string, former: ExportState | null): Share {
  const completeId = former !== null && isComplete(former) ? former.id : share.completeId;
  return { ...share, newestId, completeId };
}

export type Finished = { id: string; result: Result };

/**
 * Whether the export's report may stand in for one that is not there: it is complete, its offers were read at
 * most a day ago, and it lets the same days through. On the first of a month yesterday's `this-month` does not.
 */
export function standsIn(
  state: ExportState,
  { options }: ExportRequest,
  now: Date,
): state is ExportState & Finished {
  if (!isComplete(state)) return false;
  const ageMs = now.getTime() - Date.parse(state.result.snapshotAt);
  return ageMs <= dayMs && describeRange(state.options) === describeRange(options);
}

function isComplete(state: ExportState): state is ExportState & Finished {
  return state.result?.completeness === "complete";
}

function describeRange(options: Options): string {
  const { from, to } = resolveRange(options);
  return `${from}/${to}`;
}

const leastPauseSeconds = 5;
/** What Excel's Power Query waits at most: https://learn.microsoft.com/en-us/power-query/handling-status-codes. */
const mostPauseSeconds = 120;

/** To come back when the export is expected to be finished. */
export function unreadyShare({ estimatedFinishAt, waitingUntil }: Progress, now: Date): ExportError {
  const readyAt = estimatedFinishAt ?? waitingUntil;
  const leftSeconds = readyAt === null ? 0 : Math.ceil((Date.parse(readyAt) - now.getTime()) / 1000);
  const pauseSeconds = Math.min(mostPauseSeconds, Math.max(leastPauseSeconds, leftSeconds));
  const detail = `The report is being made. Try again in ${pauseSeconds} seconds.`;
  return new ExportError("busy", "share_not_ready", detail, {
    headers: { "retry-after": String(pauseSeconds) },
  });
}
