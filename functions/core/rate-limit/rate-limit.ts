import * as z from "zod";
import { learnLimitFromRefusal, LearntLimit, addToMeasurement } from "./learnt-limit.ts";

/**
 * The portal's rate limit, as the portal's answers have shown it. The functions of this file update this state after
 * each request, answer and refusal (429). `request-permits.ts` decides how many requests may be sent. Times are in ms
 * since 1970. A request weighs on the limit until one window after its answer: until then, it uses up one request of
 * the limit. This rule is right for a portal with fixed windows and for one with a rolling window.
 *
 * Example: at 12:00:10 an answer says that 57 of 60 requests remain. The exporter's own log holds 2 requests of the
 * last minute, so another program has sent one. 57 more requests may be sent now, or 52 with a reserve of 5.
 */
export const RateLimit = z.object({
  windowMs: z.number(),
  /** The number of requests in each window that are left to other programs with the same API key. */
  reserve: z.number(),
  /** The number of requests per window, from `X-RateLimit-Limit`; null until an answer has this header. */
  perWindow: z.number().nullable(),
  /** The times at which the requests of the last window were answered, oldest first. */
  answeredMs: z.array(z.number()),
  inFlight: z.number(),
  /**
   * The number of remaining requests, from the newest `X-RateLimit-Remaining`; null when it is unknown. The portal
   * determined this number at a time between `sinceMs` and `atMs`.
   */
  told: z.object({ remaining: z.number(), sinceMs: z.number(), atMs: z.number() }).nullable(),
  /** The time at which requests may be sent again after a 429 or a failure that asks for a pause. */
  closedUntilMs: z.number(),
  /** True when the last pause was for a failure, and not for a 429. */
  isOutage: z.boolean().default(false),
  /**
   * The times at which requests of the last window got a 429 or a failure that asks for a pause, oldest first. Such
   * requests may use up the limit, too.
   */
  refusedMs: z.array(z.number()).default([]),
  /** The number of refusals since the last success. Refusals of requests that were under way together count as one. */
  refusals: z.number().default(0),
  /** The time of the newest refusal that `refusals` counts. */
  refusalMs: z.number().default(0),
  /**
   * True when the last successful answer had no `X-RateLimit-Remaining`, and no earlier value of this header is
   * still valid.
   */
  isSilent: z.boolean().default(false),
  /** True when at least one answer has had the header `X-RateLimit-Remaining`. */
  hasTold: z.boolean().default(false),
  /** The limit that refusals have shown, for a portal that sends no rate headers. */
  learnt: LearntLimit.nullable().default(null),
});
export type RateLimit = z.infer<typeof RateLimit>;

type RateAnswer = {
  sentMs: number;
  nowMs: number;
  /** The value of `X-RateLimit-Remaining`; null when the answer lacks this header. */
  remaining: number | null;
  /** The value of `X-RateLimit-Limit`; null when the answer lacks this header. */
  perWindow: number | null;
  /** True for a successful answer. A successful answer without rate headers shows that the portal sends none. */
  isGood?: boolean;
};

export function openRateLimit(settings: { windowMs: number; reserve: number }): RateLimit {
  return {
    ...settings,
    perWindow: null,
    answeredMs: [],
    inFlight: 0,
    told: null,
    closedUntilMs: 0,
    isOutage: false,
    refusedMs: [],
    refusals: 0,
    refusalMs: 0,
    isSilent: false,
    hasTold: false,
    learnt: null,
  };
}

/**
 * The longest pause that an export accepts: one day. A stored pause that ends later is ignored, because it may come
 * from a wrong clock.
 */
export const maxClosedMs = 86_400_000;

/**
 * Returns the stored rate limit with the present settings. Times in the future were stored before a clock was set back.
 * Requests and refusals with such times are removed, because they would use up the limit for too long.
 */
export function resumeRateLimit(
  written: z.input<typeof RateLimit>,
  settings: { windowMs: number; reserve: number },
  nowMs: number,
): RateLimit {
  const known = RateLimit.parse(written);
  const { perWindow, answeredMs, told, closedUntilMs, refusedMs, refusals, refusalMs, learnt } = known;
  const isPast = (atMs: number) => atMs <= nowMs;
  return {
    ...known,
    ...settings,
    perWindow: perWindow === 0 ? null : perWindow,
    answeredMs: answeredMs.filter(isPast),
    inFlight: 0,
    told: told !== null && isPast(told.atMs) ? told : null,
    closedUntilMs: closedUntilMs <= nowMs + maxClosedMs ? closedUntilMs : 0,
    refusedMs: refusedMs.filter(isPast),
    refusals: isPast(refusalMs) ? refusals : 0,
    refusalMs: isPast(refusalMs) ? refusalMs : 0,
    hasTold: known.hasTold || told !== null,
    learnt: learnt !== null && isPast(learnt.atMs) ? learnt : null,
  };
}

/**
 * Closes the limit until `closedUntilMs`. The portal asked another attempt for a pause until this time. A time is
 * ignored when it is earlier than the known one or more than a day ahead.
 */
export function heedPause(limit: RateLimit, closedUntilMs: number, nowMs: number): RateLimit {
  const isLonger = closedUntilMs > limit.closedUntilMs && closedUntilMs <= nowMs + maxClosedMs;
  return isLonger ? { ...limit, closedUntilMs } : limit;
}

/**
 * Removes the known number of remaining requests. Call this when an attempt may have sent requests that were not
 * counted. The next answer shows the number again. Also removes the log if the portal states the number: each request
 * that leaves an incomplete log would seem to make room for another one.
 */
export function distrustRateLimit(limit: RateLimit): RateLimit {
  return { ...limit, told: null, ...(limit.hasTold && { answeredMs: [], refusedMs: [] }) };
}

/** Lists the requests that may still use up the limit. Returns the times of their answers or refusals, oldest first. */
export function listWeighing({ answeredMs, refusedMs, windowMs }: RateLimit, nowMs: number): number[] {
  const weighs = (atMs: number) => atMs + windowMs > nowMs;
  const refused = refusedMs.filter(weighs);
  const answered = answeredMs.filter(weighs);
  return refused.length === 0 ? answered : [...answered, ...refused].toSorted((a, b) => a - b);
}

/** Returns the number of answered requests that still use up the limit. */
export function countGranted({ answeredMs, windowMs }: RateLimit, nowMs: number): number {
  return answeredMs.filter((atMs) => atMs + windowMs > nowMs).length;
}

/**
 * Returns the number of remaining requests: the newest `X-RateLimit-Remaining`, plus the number of requests that have
 * stopped using up the limit since then. Returns null when the header is older than a window. The sum is too high when
 * it counts a request twice. Permits correct this with the exporter's own log, unless other programs use the key.
 */
export function countRemaining(limit: RateLimit, nowMs: number): number | null {
  const { told, windowMs } = limit;
  if (told === null || told.atMs + windowMs <= nowMs) return null;
  return told.remaining + listWeighing(limit, told.sinceMs).length - listWeighing(limit, nowMs).length;
}

export function noteRequestSent(limit: RateLimit): RateLimit {
  return { ...limit, inFlight: limit.inFlight + 1 };
}

/**
 * Notes an answer. Answers may come out of order. Among requests that were under way together, the lowest number of
 * remaining requests counts. The answer to a request that was sent later replaces this number. A failed request is
 * noted, too, because it may have used up one request of the limit.
 */
export function noteRateAnswer(limit: RateLimit, answer: RateAnswer): RateLimit {
  const { sentMs, nowMs } = answer;
  const answeredMs = [...limit.answeredMs.filter((atMs) => atMs + limit.windowMs > sentMs), nowMs];
  const after = { ...noteHeaders(limit, answer), answeredMs };
  if (answer.isGood !== true) return after;
  const { learnt } = after;
  const isSilent = answer.remaining === null && after.told === null;
  // When a request was sent before the last refusal, it was under way together with the refused request. The portal has
  // granted it, so the learnt limit may be too low.
  const granted = learnt !== null && sentMs <= limit.refusalMs ? countGranted(after, nowMs) : 0;
  return {
    ...after,
    isSilent,
    refusals: sentMs > limit.refusalMs ? 0 : limit.refusals,
    learnt: learnt && addToMeasurement(learnt, granted),
  };
}

function noteHeaders(limit: RateLimit, answer: RateAnswer): RateLimit {
  const perWindow = isPlausible(limit, answer) ? answer.perWindow : limit.perWindow;
  return {
    ...limit,
    inFlight: limit.inFlight - 1,
    perWindow,
    told: noteRemaining(limit, answer),
    hasTold: limit.hasTold || answer.remaining !== null,
  };
}

/**
 * True when the limit that the answer states can be right. A right limit is at least the number of remaining requests,
 * and at least the number of requests that the portal granted in the last window.
 */
function isPlausible(limit: RateLimit, { perWindow, remaining, nowMs }: RateAnswer): boolean {
  if (perWindow === null || perWindow < (remaining ?? 0)) return false;
  return countGranted(limit, nowMs) < perWindow;
}

function noteRemaining(
  limit: RateLimit,
  { sentMs, nowMs, remaining, isGood }: RateAnswer,
): RateLimit["told"] {
  const known = countRemaining(limit, nowMs);
  const overlaps = limit.told !== null && sentMs < limit.told.atMs;
  if (remaining === null) {
    // The portal may have counted this request already when it stated the known number, so the request is not
    // subtracted again. If the portal had not counted it, the result is one too high. Permits correct this with the
    // exporter's own log, unless other programs use the key.
    const isCounted = overlaps && isGood === true && limit.perWindow !== null;
    return known === null ? null : { remaining: known - (isCounted ? 0 : 1), sinceMs: nowMs, atMs: nowMs };
  }
  if (overlaps && known !== null && known < remaining)
    return { remaining: known, sinceMs: nowMs, atMs: nowMs };
  return { remaining, sinceMs: sentMs, atMs: nowMs };
}

/**
 * A 429, or another failure that asks for a pause (`isOutage`). `retryAtMs` is the time that the portal names for
 * the next request; null when the portal names none.
 */
type RateRefusal = RateAnswer & { retryAtMs: number | null; isOutage?: boolean };

/**
 * Notes a refusal. No request is sent until the time that the refusal names. When a 429 names no time, no request is
 * sent until the oldest request in the log is one window old. When a pause has not helped, the next pause is longer.
 */
export function noteRateRefusal(limit: RateLimit, refusal: RateRefusal): RateLimit {
  const { sentMs, nowMs, retryAtMs, isOutage = false } = refusal;
  // Refusals of requests that were under way together count as one refusal.
  const isAnother = sentMs > limit.refusalMs;
  const refusals = limit.refusals + (isAnother ? 1 : 0);
  const [oldestMs] = listWeighing(limit, nowMs);
  const opensMs = retryAtMs ?? (oldestMs === undefined || isOutage ? nowMs : oldestMs + limit.windowMs);
  const weighs = (atMs: number) => atMs + limit.windowMs > sentMs;
  const learnt = isOutage ? limit.learnt : learnFromRefusal(limit, refusal, isAnother);
  return {
    ...noteHeaders(limit, refusal),
    told: null,
    refusedMs: [...limit.refusedMs.filter(weighs), nowMs],
    refusals,
    refusalMs: isAnother ? nowMs : limit.refusalMs,
    isOutage,
    learnt,
    closedUntilMs: Math.max(limit.closedUntilMs, opensMs, nowMs + growPause(refusals, limit.windowMs)),
  };
}

const firstPauseMs = 1_000;

function growPause(refusals: number, windowMs: number): number {
  return Math.min(windowMs, firstPauseMs * 2 ** (Math.max(1, refusals) - 1));
}

/**
 * Learns the limit of a portal that sends no rate headers: the number of requests that the portal granted in the
 * window before the 429.
 */
function learnFromRefusal(
  limit: RateLimit,
  { nowMs, perWindow }: RateRefusal,
  isAnother: boolean,
): RateLimit["learnt"] {
  const { learnt, windowMs } = limit;
  const granted = countGranted(limit, nowMs);
  const isKnown = limit.perWindow !== null || perWindow !== null || countRemaining(limit, nowMs) !== null;
  if (isKnown || granted === 0) return learnt;
  if (isAnother || learnt === null) return learnLimitFromRefusal(learnt, { granted, nowMs, windowMs });
  return addToMeasurement(learnt, granted);
}

/**
 * A request that was not noted when it was sent, together with its answer. `isClosed` is true when the answer asks for
 * a pause.
 */
export type AnsweredRequest = RateRefusal & { isClosed: boolean };

/** Notes requests that were sent one after the other, with their answers. */
export function noteAnsweredRequests(limit: RateLimit, answers: AnsweredRequest[]): RateLimit {
  return answers.reduce((before, answer) => {
    const sent = noteRequestSent(before);
    return answer.isClosed ? noteRateRefusal(sent, answer) : noteRateAnswer(sent, answer);
  }, limit);
}
