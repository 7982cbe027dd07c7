import { ExportError } from "../basics/errors.ts";
import { documentedPerWindow } from "./learnt-limit.ts";
import { countGranted, countRemaining, listWeighing, maxClosedMs, type RateLimit } from "./rate-limit.ts";

/**
 * Permits say how many requests may be sent now, or how long to wait. The number of requests is the lower of two
 * numbers: the limit minus the requests in the exporter's own log, and the number of remaining requests that the
 * portal has stated.
 *
 * Example: the limit is 60 requests a minute. The log holds 60 requests, and the oldest was answered at 12:00:10.
 * No request may be sent. At 12:01:10 the oldest request is one minute old and no longer counts against the limit,
 * so one request may be sent. Before the first answer, one request is sent alone, because its answer shows the
 * limit.
 */

/** The largest number of requests that run at the same time, even when the rate limit allows more. */
export const maxRequestsAtOnce = 10;

/**
 * `requests` is the number of requests that may be sent now. When this number is 0, `waitMs` is the time to wait,
 * or null when the caller must wait for the answer to a running request.
 */
type Permit = { requests: number; waitMs: number | null };

export function readPermit(limit: RateLimit, nowMs: number): Permit {
  const { closedUntilMs, inFlight } = limit;
  if (nowMs < closedUntilMs) return { requests: 0, waitMs: closedUntilMs - nowMs };
  const requests = countFree(limit, nowMs);
  if (requests > 0) return { requests, waitMs: 0 };
  const [oldestMs] = listWeighing(limit, nowMs);
  if (inFlight > 0 || oldestMs === undefined)
    return { requests: 0, waitMs: inFlight > 0 ? null : limit.windowMs };
  return { requests: 0, waitMs: oldestMs + limit.windowMs - nowMs };
}

function countFree(limit: RateLimit, nowMs: number): number {
  const { inFlight, reserve, perWindow } = limit;
  const remaining = countRemaining(limit, nowMs);
  if (remaining === null) return limit.isSilent ? countFreeInSilence(limit, nowMs) : inFlight === 0 ? 1 : 0;
  const weighing = listWeighing(limit, nowMs).length;
  const logged = perWindow === null ? remaining : perWindow - weighing;
  return Math.max(0, Math.min(logged, remaining) - reserve - inFlight);
}

/**
 * Returns the number of requests that may be sent now to a portal without rate headers. Above the assumed limit,
 * and after a 429, requests are sent one by one.
 */
function countFreeInSilence(limit: RateLimit, nowMs: number): number {
  const { inFlight, refusals } = limit;
  const free = countShare(limit) - listWeighing(limit, nowMs).length - inFlight;
  if (free > 0 && refusals === 0) return free;
  return inFlight === 0 && (free > 0 || mayProbe(limit, nowMs)) ? 1 : 0;
}

/**
 * Returns the number of requests per window that the exporter may send: the stated, learnt or documented limit
 * minus the reserve, but at least 1.
 */
function countShare(limit: RateLimit): number {
  return Math.max(1, assumePerWindow(limit) - limit.reserve);
}

function assumePerWindow({ perWindow, learnt }: RateLimit): number {
  return perWindow ?? learnt?.perWindow ?? documentedPerWindow;
}

/**
 * True when requests may go beyond the assumed limit to find the real limit. With a reserve this is not allowed,
 * because the reserve belongs to other programs.
 */
function mayProbe(limit: RateLimit, nowMs: number): boolean {
  const { perWindow, reserve, learnt, isSilent, windowMs } = limit;
  if (perWindow !== null || reserve > 0 || !isSilent || countRemaining(limit, nowMs) !== null) return false;
  if (learnt === null || learnt.measured === null) return true;
  const { probeAtMs } = learnt;
  const oldestMs = limit.answeredMs.find((atMs) => atMs + windowMs > nowMs) ?? nowMs;
  // The log should hold requests of one window only. When its oldest request is more than half a window old, that
  // request may belong to the portal's previous window, and it is unknown whether the portal still counts it.
  const isOfOneWindow = nowMs - oldestMs < windowMs / 2 || nowMs >= probeAtMs + maxDelayWindows * windowMs;
  return nowMs >= probeAtMs && isOfOneWindow;
}

const maxDelayWindows = 2;

/**
 * Raises the assumed limit to twice the number of granted requests, when the portal has granted the whole assumed
 * limit. Call this when a new window of requests begins.
 */
export function raiseAssumption(limit: RateLimit, nowMs: number): RateLimit {
  const granted = countGranted(limit, nowMs);
  const measured = limit.learnt?.measured ?? null;
  // A limit that a 429 has shown stays in force until the portal grants more requests than this limit.
  const isExceeded = granted >= assumePerWindow(limit) && granted > (measured ?? 0);
  if (!isExceeded || !mayProbe(limit, nowMs)) return limit;
  const holdWindows = limit.learnt?.holdWindows ?? 0;
  return {
    ...limit,
    learnt: { perWindow: 2 * granted, measured, holdWindows, atMs: nowMs, probeAtMs: nowMs },
  };
}

/**
 * Returns the number of requests that the exporter may send in a whole window; null when the limit is unknown. The
 * reserve and the requests that other programs seem to have sent are subtracted.
 */
export function countBudget(limit: RateLimit): number | null {
  const { told, perWindow, reserve, inFlight, isSilent, learnt } = limit;
  if (told === null) {
    const isUnknown = perWindow === null && !isSilent && learnt === null;
    return isUnknown ? null : perWindow === null ? countShare(limit) : perWindow - reserve;
  }
  const total = assumePerWindow(limit);
  const ours = listWeighing(limit, told.atMs).length + inFlight;
  const others = Math.max(0, total - told.remaining - ours);
  return total - reserve - others;
}

/** Returns the result of `countBudget`. When the limit is unknown, returns the result for the assumed limit. */
export function assumeBudget(limit: RateLimit): number {
  return countBudget(limit) ?? countShare(limit);
}

/**
 * True when other programs seem to use up the rate limit. Either they have sent more requests than the exporter, or the
 * portal answers 429 although the exporter never sends more requests than the portal says remain.
 */
export function isTakenByOthers(limit: RateLimit, nowMs: number): boolean {
  const { told, perWindow, closedUntilMs } = limit;
  if (nowMs < closedUntilMs) return limit.hasTold && !limit.isOutage;
  if (told === null || perWindow === null) return false;
  const ours = listWeighing(limit, told.atMs).length;
  return perWindow - told.remaining - ours > ours;
}

/**
 * Returns the number of ms to wait until `requests` requests can be sent without another wait; 0 when they can be sent
 * now.
 */
export function waitForWindow(limit: RateLimit, nowMs: number, requests: number): number {
  const permit = readPermit(limit, nowMs);
  const [oldestMs] = listWeighing(limit, nowMs);
  const isUnknown = limit.told === null && !limit.isSilent;
  if (permit.requests >= requests || isUnknown || oldestMs === undefined || mayProbe(limit, nowMs))
    return permit.waitMs ?? 0;
  return Math.max(permit.waitMs ?? 0, oldestMs + limit.windowMs - nowMs);
}

/**
 * Returns the time at which the last of `requests` requests will be sent, if the next window of the rate limit begins
 * at `fromMs`.
 */
export function estimateSentMs(limit: RateLimit, requests: number, fromMs: number): number {
  const perWindow = Math.max(1, countBudget(limit) ?? 1);
  return fromMs + (Math.ceil(requests / perWindow) - 1) * limit.windowMs;
}

/**
 * Throws an ExportError when a wait is longer than a day. Such a wait would outlast the workflow and keep all other
 * exports waiting.
 */
export function assertOpensSoon(waitMs: number): void {
  if (waitMs > maxClosedMs) throw new ExportError("portal", portalClosedCode, closed);
}

export const portalClosedCode = "portal_closed";
const closed =
  "The portal answers nothing for more than a day, by its own word. Try again later; if it stays so, ask its " +
  "supplier what has become of the API key's rate limit.";

/**
 * Returns an error when the reserve leaves no request to the export. Returns null when the export may send some
 * requests, or when the limit is unknown.
 */
export function findReserveFault({
  perWindow,
  reserve,
}: Pick<RateLimit, "perWindow" | "reserve">): ExportError | null {
  // With a reserve of 0, the setting `PORTAL_RATE_RESERVE` is not the reason for a limit of 0.
  if (perWindow === null || reserve === 0 || reserve < perWindow) return null;
  const detail =
    `PORTAL_RATE_RESERVE leaves ${reserve} requests a window to others, and the portal allows ${perWindow}: ` +
    "nothing is left for the export.";
  return new ExportError("portal", "rate_reserve_too_large", detail, { remedy: "Lower it." });
}

export function assertReserveFits(limit: RateLimit): void {
  const fault = findReserveFault(limit);
  if (fault !== null) throw fault;
}
