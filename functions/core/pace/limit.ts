import * as z from "zod";
import { ExportError } from "../error.ts";

/**
 * How many requests the portal's rate limit allows, from what its answers said. Pure: the time is an
 * argument. It serves a limiter with fixed windows and one with a rolling window alike, because every
 * request is taken to weigh on the limit for a whole window after its answer came.
 */
export const Limit = z.object({
  windowMs: z.number(),
  /** Requests a window left to whatever else uses the key. */
  reserve: z.number(),
  /** `X-RateLimit-Limit`, once an answer has told it. */
  perWindow: z.number().nullable(),
  /** When the requests of the last window were answered, oldest first. */
  answeredMs: z.array(z.number()),
  inFlight: z.number(),
  /** The newest `X-RateLimit-Remaining`, counted at some moment from `sinceMs` to `atMs`. */
  told: z.object({ remaining: z.number(), sinceMs: z.number(), atMs: z.number() }).nullable(),
  /** After a 429: when the portal said that it answers again. */
  closedUntilMs: z.number(),
});
export type Limit = z.infer<typeof Limit>;

export type Answer = { sentMs: number; nowMs: number; remaining: number | null; perWindow: number | null };

/** How many requests may be sent now; else how long to wait, null being until an answer comes. */
export type Permit = { requests: number; waitMs: number | null };

export function openLimit(settings: { windowMs: number; reserve: number }): Limit {
  return { ...settings, perWindow: null, answeredMs: [], inFlight: 0, told: null, closedUntilMs: 0 };
}

/** No portal closes for longer, so what says so was written by another clock. */
const mostClosedMs = 86_400_000;

/** Throws where a wait would outlive the workflow, and keep everybody else from the portal meanwhile. */
export function assertOpens(waitMs: number): void {
  if (waitMs > mostClosedMs) throw new ExportError("portal", portalClosed, closed);
}

export const portalClosed = "portal_closed";
const closed =
  "The portal answers nothing for more than a day, by its own word. Try again later; if it stays so, ask its " +
  "supplier what has become of the API key's rate limit.";

/** What is wrong with a reserve that leaves nothing; null when it leaves something, or nobody knows yet. */
export function findReserveFault({
  perWindow,
  reserve,
}: Pick<Limit, "perWindow" | "reserve">): ExportError | null {
  if (perWindow === null || reserve < perWindow) return null;
  const detail =
    `PORTAL_RATE_RESERVE leaves ${reserve} requests a window to others, and the portal allows ${perWindow}: ` +
    "nothing is left for the export.";
  return new ExportError("portal", "rate_reserve_too_large", detail, { remedy: "Lower it." });
}

export function assertReserveFits(limit: Limit): void {
  const fault = findReserveFault(limit);
  if (fault !== null) throw fault;
}

/**
 * What an earlier crawl knew, under the settings of today. Nothing of the future counts: a clock that has been
 * set back would take it for requests that weigh for ever.
 */
export function resumeLimit(
  { perWindow, answeredMs, told, closedUntilMs }: Limit,
  settings: { windowMs: number; reserve: number },
  nowMs: number,
): Limit {
  return {
    ...openLimit(settings),
    perWindow,
    answeredMs: answeredMs.filter((atMs) => atMs <= nowMs),
    told: told !== null && told.atMs <= nowMs ? told : null,
    closedUntilMs: closedUntilMs <= nowMs + mostClosedMs ? closedUntilMs : 0,
  };
}

/** After requests that nobody has counted: the next answer must tell what is left. */
export function distrustLimit(limit: Limit): Limit {
  return { ...limit, told: null };
}

export function readPermit(limit: Limit, nowMs: number): Permit {
  const { closedUntilMs, inFlight } = limit;
  if (nowMs < closedUntilMs) return { requests: 0, waitMs: closedUntilMs - nowMs };
  const requests = countFree(limit, nowMs);
  if (requests > 0) return { requests, waitMs: 0 };
  const reopensMs = limit.answeredMs.find((atMs) => atMs + limit.windowMs > nowMs);
  if (inFlight > 0 || reopensMs === undefined)
    return { requests: 0, waitMs: inFlight > 0 ? null : limit.windowMs };
  return { requests: 0, waitMs: reopensMs + limit.windowMs - nowMs };
}

/** The smaller of what our own log and what the portal's last word leave; one request finds out what is unknown. */
function countFree(limit: Limit, nowMs: number): number {
  const { inFlight, reserve, perWindow } = limit;
  const told = countTold(limit, nowMs);
  if (told === null || perWindow === null) return inFlight === 0 ? 1 : 0;
  const weighing = listWeighing(limit, nowMs).length;
  return Math.max(0, Math.min(perWindow - weighing, told) - reserve - inFlight);
}

function listWeighing({ answeredMs, windowMs }: Limit, nowMs: number): number[] {
  return answeredMs.filter((atMs) => atMs + windowMs > nowMs);
}

/**
 * The portal's last word, with what has ceased to weigh since. A request that did so while the word was on
 * its way may be counted twice; then our own log is the lower. After a whole window the word is void.
 */
function countTold(limit: Limit, nowMs: number): number | null {
  const { told, windowMs } = limit;
  if (told === null || told.atMs + windowMs <= nowMs) return null;
  return told.remaining + listWeighing(limit, told.sinceMs).length - listWeighing(limit, nowMs).length;
}

/** Requests that a whole window holds for us, less what others were seen to take; null as long as nobody told. */
export function countBudget(limit: Limit): number | null {
  const { told, perWindow, reserve, inFlight } = limit;
  if (perWindow === null) return null;
  const weighing = told === null ? perWindow : listWeighing(limit, told.atMs).length + inFlight;
  const byOthers = told === null ? 0 : Math.max(0, perWindow - told.remaining - weighing);
  return perWindow - reserve - byOthers;
}

/** Whether a limit that is used up was so by others: they have taken more than we, or the portal has closed. */
export function isTakenByOthers(limit: Limit, nowMs: number): boolean {
  const { told, perWindow, closedUntilMs } = limit;
  if (nowMs < closedUntilMs) return true;
  if (told === null || perWindow === null) return false;
  const own = listWeighing(limit, told.atMs).length;
  return perWindow - told.remaining - own > own;
}

/** How long to wait until so many requests may follow each other; 0 when they may now. */
export function waitForWindow(limit: Limit, nowMs: number, requests: number): number {
  const permit = readPermit(limit, nowMs);
  const [oldestMs] = listWeighing(limit, nowMs);
  if (permit.requests >= requests || limit.told === null || oldestMs === undefined) return permit.waitMs ?? 0;
  return oldestMs + limit.windowMs - nowMs;
}

export function noteSent(limit: Limit): Limit {
  return { ...limit, inFlight: limit.inFlight + 1 };
}

/**
 * Answers come out of order: of requests that were under way together the lowest count stands, a request
 * that was sent after the last word brings a new one. A request without an answer may have been counted.
 */
export function noteAnswer(limit: Limit, answer: Answer): Limit {
  return {
    ...limit,
    answeredMs: [...listWeighing(limit, answer.sentMs), answer.nowMs],
    inFlight: limit.inFlight - 1,
    perWindow: answer.perWindow ?? limit.perWindow,
    told: hearRemaining(limit, answer),
  };
}

function hearRemaining(limit: Limit, { sentMs, nowMs, remaining }: Answer): Limit["told"] {
  const known = countTold(limit, nowMs);
  if (remaining === null)
    return known === null ? null : { remaining: known - 1, sinceMs: nowMs, atMs: nowMs };
  const overlaps = limit.told !== null && sentMs < limit.told.atMs;
  if (overlaps && known !== null && known < remaining)
    return { remaining: known, sinceMs: nowMs, atMs: nowMs };
  return { remaining, sinceMs: sentMs, atMs: nowMs };
}

/** A 429: nothing goes out before the portal's own moment, or before our window ends when it named none. */
export function noteRefusal(limit: Limit, answer: Answer & { retryAtMs: number | null }): Limit {
  const [startedMs = answer.nowMs] = listWeighing(limit, answer.nowMs);
  return {
    ...noteAnswer(limit, answer),
    told: null,
    closedUntilMs: Math.max(limit.closedUntilMs, answer.retryAtMs ?? startedMs + limit.windowMs),
  };
}

/** What a request told that was neither begun nor noted before; `isClosed` when nothing may follow it for now. */
export type Heard = Answer & { isClosed: boolean; retryAtMs: number | null };

/** The limit after requests that followed each other. */
export function hearAnswers(limit: Limit, heard: Heard[]): Limit {
  return heard.reduce((known, answer) => {
    const sent = noteSent(known);
    return answer.isClosed ? noteRefusal(sent, answer) : noteAnswer(sent, answer);
  }, limit);
}
