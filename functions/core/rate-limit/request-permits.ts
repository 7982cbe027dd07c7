import { documentedPerWindow } from "./learnt-limit.ts";
import { countGranted, countTold, listWeighing, type RateLimit } from "./rate-limit.ts";

/** How many requests may be sent now; else how long to wait, null being until an answer comes. */
export type Permit = { requests: number; waitMs: number | null };

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

/** The smaller of what our own log and what the portal's last word leave; one request finds out what is unknown. */
function countFree(limit: RateLimit, nowMs: number): number {
  const { inFlight, reserve, perWindow } = limit;
  const told = countTold(limit, nowMs);
  if (told === null) return limit.isSilent ? countFreeInSilence(limit, nowMs) : inFlight === 0 ? 1 : 0;
  const weighing = listWeighing(limit, nowMs).length;
  const own = perWindow === null ? told : perWindow - weighing;
  return Math.max(0, Math.min(own, told) - reserve - inFlight);
}

/** Of a portal that does not say what is left. Beyond what is assumed, and after a 429, requests go one by one. */
function countFreeInSilence(limit: RateLimit, nowMs: number): number {
  const { inFlight, refusals } = limit;
  const free = countShare(limit) - listWeighing(limit, nowMs).length - inFlight;
  if (free > 0 && refusals === 0) return free;
  return inFlight === 0 && (free > 0 || mayProbe(limit, nowMs)) ? 1 : 0;
}

/** Our requests of a window, by what is said, learnt or assumed of it. */
function countShare(limit: RateLimit): number {
  return Math.max(1, assumePerWindow(limit) - limit.reserve);
}

function assumePerWindow({ perWindow, learnt }: RateLimit): number {
  return perWindow ?? learnt?.perWindow ?? documentedPerWindow;
}

/** Whether to go on beyond what is assumed. A reserve is somebody else's: it is not tried how much that is. */
function mayProbe(limit: RateLimit, nowMs: number): boolean {
  const { perWindow, reserve, learnt, isSilent, windowMs } = limit;
  if (perWindow !== null || reserve > 0 || !isSilent || countTold(limit, nowMs) !== null) return false;
  if (learnt === null || learnt.measured === null) return true;
  const { probeAtMs } = learnt;
  const oldestMs = limit.answeredMs.find((atMs) => atMs + windowMs > nowMs) ?? nowMs;
  // Of a log that reaches into the window before, nobody knows how much the portal still counts.
  const isOfOneWindow = nowMs - oldestMs < windowMs / 2 || nowMs >= probeAtMs + maxDelayWindows * windowMs;
  return nowMs >= probeAtMs && isOfOneWindow;
}

const maxDelayWindows = 2;

/** For a new window: where all that was assumed has been let through, twice as much may be. */
export function raiseAssumption(limit: RateLimit, nowMs: number): RateLimit {
  const granted = countGranted(limit, nowMs);
  const measured = limit.learnt?.measured ?? null;
  // What a 429 has shown is the limit until more was let through.
  const isExceeded = granted >= assumePerWindow(limit) && granted > (measured ?? 0);
  if (!isExceeded || !mayProbe(limit, nowMs)) return limit;
  const holdWindows = limit.learnt?.holdWindows ?? 0;
  return {
    ...limit,
    learnt: { perWindow: 2 * granted, measured, holdWindows, atMs: nowMs, probeAtMs: nowMs },
  };
}

/** Requests that a whole window holds for us, less what others were seen to take; null as long as nobody told. */
export function countBudget(limit: RateLimit): number | null {
  const { told, perWindow, reserve, inFlight, isSilent, learnt } = limit;
  if (told === null) {
    const isUnknown = perWindow === null && !isSilent && learnt === null;
    return isUnknown ? null : perWindow === null ? countShare(limit) : perWindow - reserve;
  }
  const held = assumePerWindow(limit);
  const weighing = listWeighing(limit, told.atMs).length + inFlight;
  return held - reserve - Math.max(0, held - told.remaining - weighing);
}

/** What a window is planned with as long as nothing is known of the limit. */
export function assumeBudget(limit: RateLimit): number {
  return countBudget(limit) ?? countShare(limit);
}

/** Whether a limit that is used up was so by others: they have taken more than we, or the portal has closed. */
export function isTakenByOthers(limit: RateLimit, nowMs: number): boolean {
  const { told, perWindow, closedUntilMs } = limit;
  if (nowMs < closedUntilMs) return limit.hasTold && !limit.isOutage;
  if (told === null || perWindow === null) return false;
  const own = listWeighing(limit, told.atMs).length;
  return perWindow - told.remaining - own > own;
}

/** How long to wait until so many requests may follow each other; 0 when they may now. */
export function waitForWindow(limit: RateLimit, nowMs: number, requests: number): number {
  const permit = readPermit(limit, nowMs);
  const [oldestMs] = listWeighing(limit, nowMs);
  const isUnknown = limit.told === null && !limit.isSilent;
  if (permit.requests >= requests || isUnknown || oldestMs === undefined || mayProbe(limit, nowMs))
    return permit.waitMs ?? 0;
  return Math.max(permit.waitMs ?? 0, oldestMs + limit.windowMs - nowMs);
}

/** When so many requests will have been sent, if the next window opens at `fromMs`. */
export function estimateSentMs(limit: RateLimit, requests: number, fromMs: number): number {
  const perWindow = Math.max(1, countBudget(limit) ?? 1);
  return fromMs + (Math.ceil(requests / perWindow) - 1) * limit.windowMs;
}
