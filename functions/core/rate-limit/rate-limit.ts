import * as z from "zod";
import { learnLimitFromRefusal, LearntLimit, addToMeasurement } from "./learnt-limit.ts";

/**
 * The portal's rate limit, as its answers have shown it. This file keeps the state, and changes it with each
 * request, answer and refusal (429). `request-permits.ts` decides how many requests may be sent. Times are in ms
 * since 1970. Each request weighs on the limit (counts against it) for a whole window after its answer. This is
 * right for fixed windows and for a rolling window.
 *
 * Example: at 12:00:10 an answer says that 57 of 60 requests remain. Our log holds 2 requests of the last minute,
 * so another program has sent one. 57 more requests may be sent now, or 52 with a reserve of 5.
 */
export const RateLimit = z.object({
  windowMs: z.number(),
  /** The requests of each window that are left to other users of the key. */
  reserve: z.number(),
  /** `X-RateLimit-Limit`; null until an answer has it. */
  perWindow: z.number().nullable(),
  /** When the requests of the last window were answered, oldest first. */
  answeredMs: z.array(z.number()),
  inFlight: z.number(),
  /** The newest `X-RateLimit-Remaining`. The portal counted it between `sinceMs` and `atMs`. */
  told: z.object({ remaining: z.number(), sinceMs: z.number(), atMs: z.number() }).nullable(),
  /** After a 429, or a failure that asks for a pause: when requests may be sent again. */
  closedUntilMs: z.number(),
  /** True when the pause is for a failure, and not for a 429. */
  isOutage: z.boolean().default(false),
  /** When requests of the last window were refused with 429, oldest first. They may weigh on the limit, too. */
  refusedMs: z.array(z.number()).default([]),
  /** The number of refusals in a row. Refusals of requests that were under way together count once. */
  refusals: z.number().default(0),
  /** When the newest of these refusals came. */
  refusalMs: z.number().default(0),
  /**
   * True when the last successful answer had no rate headers, and no earlier `X-RateLimit-Remaining` is still in
   * force.
   */
  isSilent: z.boolean().default(false),
  /** True when any answer has said how many requests remain. */
  hasTold: z.boolean().default(false),
  /** The limit that refusals have shown, for a portal that sends no rate headers. */
  learnt: LearntLimit.nullable().default(null),
});
export type RateLimit = z.infer<typeof RateLimit>;

type RateAnswer = {
  sentMs: number;
  nowMs: number;
  /** `X-RateLimit-Remaining` */
  remaining: number | null;
  /** `X-RateLimit-Limit` */
  perWindow: number | null;
  /** True for a successful answer: without rate headers it shows that the portal sends none. */
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

/** No portal closes for longer than a day. A later moment comes from another clock. */
export const maxClosedMs = 86_400_000;

/**
 * Returns a stored limit with the present settings. Moments in the future are dropped: after a clock was set back,
 * such requests would weigh for ever.
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

/** Adds a pause that another attempt has met. */
export function heedPause(limit: RateLimit, closedUntilMs: number, nowMs: number): RateLimit {
  const isLonger = closedUntilMs > limit.closedUntilMs && closedUntilMs <= nowMs + maxClosedMs;
  return isLonger ? { ...limit, closedUntilMs } : limit;
}

/**
 * Forgets how many requests remain. Call this after requests that nobody has counted. The next answer shows the
 * number again.
 */
export function distrustRateLimit(limit: RateLimit): RateLimit {
  return { ...limit, told: null };
}

/** Returns when the requests that may weigh on the limit were answered or refused, oldest first. */
export function listWeighing({ answeredMs, refusedMs, windowMs }: RateLimit, nowMs: number): number[] {
  const weighs = (atMs: number) => atMs + windowMs > nowMs;
  const refused = refusedMs.filter(weighs);
  const answered = answeredMs.filter(weighs);
  return refused.length === 0 ? answered : [...answered, ...refused].toSorted((a, b) => a - b);
}

/** Returns the number of answered requests that weigh on the limit. */
export function countGranted({ answeredMs, windowMs }: RateLimit, nowMs: number): number {
  return answeredMs.filter((atMs) => atMs + windowMs > nowMs).length;
}

/**
 * Returns the newest `X-RateLimit-Remaining`, plus the number of requests that have ceased to weigh since; null
 * when it is older than a window. The sum may count a request twice and be too high. Then our own log gives a lower
 * number, and the lower one counts.
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
 * Answers may come out of order. Among requests that were under way together the lowest remaining number counts; the
 * answer to a later request replaces it. A failed request weighs, too, because the portal may have counted it.
 */
export function noteRateAnswer(limit: RateLimit, answer: RateAnswer): RateLimit {
  const { sentMs, nowMs } = answer;
  const answeredMs = [...limit.answeredMs.filter((atMs) => atMs + limit.windowMs > sentMs), nowMs];
  const after = { ...noteHeaders(limit, answer), answeredMs };
  if (answer.isGood !== true) return after;
  const { learnt } = after;
  const isSilent = answer.remaining === null && after.told === null;
  // The request was under way together with a refused one, and was granted.
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

/** A limit cannot be lower than the requests that remain, or than those that were just granted. */
function isPlausible(limit: RateLimit, { perWindow, remaining, nowMs }: RateAnswer): boolean {
  if (perWindow === null || perWindow === 0 || perWindow < (remaining ?? 0)) return false;
  return countGranted(limit, nowMs) < perWindow;
}

function noteRemaining(
  limit: RateLimit,
  { sentMs, nowMs, remaining, isGood }: RateAnswer,
): RateLimit["told"] {
  const known = countRemaining(limit, nowMs);
  const overlaps = limit.told !== null && sentMs < limit.told.atMs;
  if (remaining === null) {
    // The newest number may already include this request. If it does not, the result is one too high. Then our own
    // log gives a lower number, and the lower one counts.
    const isCounted = overlaps && isGood === true && limit.perWindow !== null;
    return known === null ? null : { remaining: known - (isCounted ? 0 : 1), sinceMs: nowMs, atMs: nowMs };
  }
  if (overlaps && known !== null && known < remaining)
    return { remaining: known, sinceMs: nowMs, atMs: nowMs };
  return { remaining, sinceMs: sentMs, atMs: nowMs };
}

/** `isOutage` is true for a failure other than a 429 that asks for a pause. `retryAtMs` is the moment that it names. */
type RateRefusal = RateAnswer & { retryAtMs: number | null; isOutage?: boolean };

/**
 * No request is sent before the moment that the refusal names, or before our window ends when it names none. When a
 * pause has not helped, the next one is longer.
 */
export function noteRateRefusal(limit: RateLimit, refusal: RateRefusal): RateLimit {
  const { sentMs, nowMs, retryAtMs, isOutage = false } = refusal;
  // Requests that were under way together count as one refusal.
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

/** When the portal sends no rate headers, the requests that it granted before a 429 are the limit. */
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

/** The answer to a request that was not noted when it was sent. `isClosed` is true when it asks for a pause. */
export type AnsweredRequest = RateRefusal & { isClosed: boolean };

/** Notes requests that followed each other, with their answers. */
export function noteAnsweredRequests(limit: RateLimit, answers: AnsweredRequest[]): RateLimit {
  return answers.reduce((before, answer) => {
    const sent = noteRequestSent(before);
    return answer.isClosed ? noteRateRefusal(sent, answer) : noteRateAnswer(sent, answer);
  }, limit);
}
