import * as z from "zod";
import { ExportError } from "../basics/errors.ts";
import { learnLimitFromRefusal, LearntLimit, addToMeasurement } from "./learnt-limit.ts";

/**
 * How many requests the portal's rate limit allows, from what its answers said. Pure: the time is an
 * argument. It serves a limiter with fixed windows and one with a rolling window alike, because every
 * request is taken to weigh on the limit for a whole window after its answer came.
 */
export const RateLimit = z.object({
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
  /** After a 429, or a failure that asks for a pause: when the portal answers again. */
  closedUntilMs: z.number(),
  /** Whether that was for a failure, and not for the limit. */
  isOutage: z.boolean().default(false),
  /** When the requests of the last window were refused with 429, oldest first: those may weigh too. */
  refusedMs: z.array(z.number()).default([]),
  /** Refusals in a row that no pause has ended, and when the last one was heard. */
  refusals: z.number().default(0),
  refusalMs: z.number().default(0),
  /** Whether the last good answer told nothing, with nothing known from before. */
  isSilent: z.boolean().default(false),
  /** Whether the portal has ever said how many requests are left. */
  hasTold: z.boolean().default(false),
  /** What 429s have shown of a limit that no answer tells. */
  learnt: LearntLimit.nullable().default(null),
});
export type RateLimit = z.infer<typeof RateLimit>;

export type RateAnswer = {
  sentMs: number;
  nowMs: number;
  remaining: number | null;
  perWindow: number | null;
  /** Whether it was what was asked for: then it would have told of the limit, were that the portal's way. */
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

/** No portal closes for longer, so what says so was written by another clock. */
const maxClosedMs = 86_400_000;

/** Throws where a wait would outlive the workflow, and keep everybody else from the portal meanwhile. */
export function assertOpensSoon(waitMs: number): void {
  if (waitMs > maxClosedMs) throw new ExportError("portal", portalClosedCode, closed);
}

export const portalClosedCode = "portal_closed";
const closed =
  "The portal answers nothing for more than a day, by its own word. Try again later; if it stays so, ask its " +
  "supplier what has become of the API key's rate limit.";

/** What is wrong with a reserve that leaves nothing; null when it leaves something, or nobody knows yet. */
export function findReserveFault({
  perWindow,
  reserve,
}: Pick<RateLimit, "perWindow" | "reserve">): ExportError | null {
  // Without a reserve it is the portal's word that makes no sense.
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

/**
 * What an earlier crawl knew, under the settings of today. Nothing of the future counts: a clock that has been
 * set back would take it for requests that weigh for ever. It may have been written by an earlier version.
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

/** The limit of a reading that goes on, with a pause that another one has heard of. */
export function heedPause(limit: RateLimit, closedUntilMs: number, nowMs: number): RateLimit {
  const isHeeded = closedUntilMs > limit.closedUntilMs && closedUntilMs <= nowMs + maxClosedMs;
  return isHeeded ? { ...limit, closedUntilMs } : limit;
}

/** After requests that nobody has counted: the next answer must tell what is left. */
export function distrustRateLimit(limit: RateLimit): RateLimit {
  return { ...limit, told: null };
}

/** All that may weigh on the limit, oldest first. */
export function listWeighing({ answeredMs, refusedMs, windowMs }: RateLimit, nowMs: number): number[] {
  const weighs = (atMs: number) => atMs + windowMs > nowMs;
  const refused = refusedMs.filter(weighs);
  const answered = answeredMs.filter(weighs);
  return refused.length === 0 ? answered : [...answered, ...refused].toSorted((a, b) => a - b);
}

export function countGranted({ answeredMs, windowMs }: RateLimit, nowMs: number): number {
  return answeredMs.filter((atMs) => atMs + windowMs > nowMs).length;
}

/**
 * The portal's last word, with what has ceased to weigh since. A request that did so while the word was on
 * its way may be counted twice; then our own log is the lower. After a whole window the word is void.
 */
export function countTold(limit: RateLimit, nowMs: number): number | null {
  const { told, windowMs } = limit;
  if (told === null || told.atMs + windowMs <= nowMs) return null;
  return told.remaining + listWeighing(limit, told.sinceMs).length - listWeighing(limit, nowMs).length;
}

export function noteRequestSent(limit: RateLimit): RateLimit {
  return { ...limit, inFlight: limit.inFlight + 1 };
}

/**
 * Answers come out of order: of requests that were under way together the lowest count stands, a request
 * that was sent after the last word brings a new one. A request without an answer may have been counted.
 */
export function noteRateAnswer(limit: RateLimit, answer: RateAnswer): RateLimit {
  const { sentMs, nowMs } = answer;
  const answeredMs = [...limit.answeredMs.filter((atMs) => atMs + limit.windowMs > sentMs), nowMs];
  const heard = { ...hear(limit, answer), answeredMs };
  if (answer.isGood !== true) return heard;
  const { learnt } = heard;
  const isSilent = answer.remaining === null && heard.told === null;
  // Under way with a request that was refused, it was let through all the same.
  const granted = learnt !== null && sentMs <= limit.refusalMs ? countGranted(heard, nowMs) : 0;
  return {
    ...heard,
    isSilent,
    refusals: sentMs > limit.refusalMs ? 0 : limit.refusals,
    learnt: learnt && addToMeasurement(learnt, granted),
  };
}

function hear(limit: RateLimit, answer: RateAnswer): RateLimit {
  const perWindow = isSensible(limit, answer) ? answer.perWindow : limit.perWindow;
  return {
    ...limit,
    inFlight: limit.inFlight - 1,
    perWindow,
    told: hearRemaining(limit, answer),
    hasTold: limit.hasTold || answer.remaining !== null,
  };
}

/** A limit that is lower than what is left, or than what has just been answered, is a word without sense. */
function isSensible(limit: RateLimit, { perWindow, remaining, nowMs }: RateAnswer): boolean {
  if (perWindow === null || perWindow === 0 || perWindow < (remaining ?? 0)) return false;
  return countGranted(limit, nowMs) < perWindow;
}

function hearRemaining(
  limit: RateLimit,
  { sentMs, nowMs, remaining, isGood }: RateAnswer,
): RateLimit["told"] {
  const known = countTold(limit, nowMs);
  const overlaps = limit.told !== null && sentMs < limit.told.atMs;
  if (remaining === null) {
    // The last word may have counted it; where it did not, our own log is the lower.
    const isCounted = overlaps && isGood === true && limit.perWindow !== null;
    return known === null ? null : { remaining: known - (isCounted ? 0 : 1), sinceMs: nowMs, atMs: nowMs };
  }
  if (overlaps && known !== null && known < remaining)
    return { remaining: known, sinceMs: nowMs, atMs: nowMs };
  return { remaining, sinceMs: sentMs, atMs: nowMs };
}

/** `isOutage` for another failure that asks for a pause than a 429. */
export type RateRefusal = RateAnswer & { retryAtMs: number | null; isOutage?: boolean };

/**
 * A 429, or another failure that asks for a pause: nothing goes out before the portal's own moment, or before our
 * window ends when it named none. Where a pause has not helped, the next one is longer.
 */
export function noteRateRefusal(limit: RateLimit, refusal: RateRefusal): RateLimit {
  const { sentMs, nowMs, retryAtMs, isOutage = false } = refusal;
  const isAnother = sentMs > limit.refusalMs;
  const refusals = limit.refusals + (isAnother ? 1 : 0);
  const [oldestMs] = listWeighing(limit, nowMs);
  const opensMs = retryAtMs ?? (oldestMs === undefined || isOutage ? nowMs : oldestMs + limit.windowMs);
  const weighs = (atMs: number) => atMs + limit.windowMs > sentMs;
  const learnt = isOutage ? limit.learnt : learnByRefusal(limit, refusal, isAnother);
  return {
    ...hear(limit, refusal),
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

/** What was let through before a 429 is the limit, as far as a portal shows that does not tell it. */
function learnByRefusal(
  limit: RateLimit,
  { nowMs, perWindow }: RateRefusal,
  isAnother: boolean,
): RateLimit["learnt"] {
  const { learnt, windowMs } = limit;
  const granted = countGranted(limit, nowMs);
  const isToldOf = limit.perWindow !== null || perWindow !== null || countTold(limit, nowMs) !== null;
  if (isToldOf || granted === 0) return learnt;
  if (isAnother || learnt === null) return learnLimitFromRefusal(learnt, { granted, nowMs, windowMs });
  return addToMeasurement(learnt, granted);
}

/** What a request told that was neither begun nor noted before; `isClosed` when nothing may follow it for now. */
export type HeardAnswer = RateRefusal & { isClosed: boolean };

/** The limit after requests that followed each other. */
export function hearAnswers(limit: RateLimit, heard: HeardAnswer[]): RateLimit {
  return heard.reduce((known, answer) => {
    const sent = noteRequestSent(known);
    return answer.isClosed ? noteRateRefusal(sent, answer) : noteRateAnswer(sent, answer);
  }, limit);
}
