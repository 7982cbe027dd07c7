import type { ExportError } from "../../core/basics/errors.ts";
import { findRetryAt } from "../../core/rate-limit/retry-after.ts";

/** What an answer said about the rate limit; null where it said nothing. */
export type RateHeaders = { remaining: number | null; perWindow: number | null };

/** `isBlank` when it shows of what was asked for no more than that it is not there. */
export type PortalReply<T> = { value: T; rate: RateHeaders; isBlank?: boolean };

/** A request that brought no usable answer, and may when it is sent again. */
export class RetryableError extends Error {
  override name = "LostReply";
  /** What was seen, without the path, such as `answered 502 with text/html`. */
  readonly seen: string;
  readonly rate: RateHeaders;
  /** Whether the portal said 429. */
  readonly isRefusal: boolean;
  /** Whether the portal answers nothing for a while: it said 429, or until when. */
  readonly isClosed: boolean;
  /** When the portal answers again, if it said so. */
  readonly retryAtMs: number | null;
  /** What to do if it stays so, where that is known. */
  readonly remedy: string | null;
  constructor(message: string, loss: Partial<RetryableDetails> = {}) {
    const { seen = message, rate = unknownRateHeaders, isRefusal = false, retryAtMs = null } = loss;
    super(message, { cause: loss.cause });
    this.seen = seen;
    this.rate = rate;
    this.isRefusal = isRefusal;
    this.isClosed = isRefusal || retryAtMs !== null;
    this.retryAtMs = retryAtMs;
    this.remedy = loss.remedy ?? null;
  }
}

export type RetryableDetails = {
  seen: string;
  rate: RateHeaders;
  isRefusal: boolean;
  retryAtMs: number | null;
  remedy: string;
  cause: unknown;
};

/**
 * An answer that is not what the API gives to a good request. It may pass all the same: something before the portal
 * may have given it. `verdict` is what it means where it stays.
 */
export class OddAnswerError extends RetryableError {
  override name = "OddReply";
  readonly verdict: ExportError;
  /** Whether it counts at once, as long as nothing shows that address and key are right. */
  readonly isClear: boolean;
  /** Whether it says its meaning in the API's own words. */
  readonly isExplicit: boolean;
  constructor(
    verdict: ExportError,
    { isClear, isExplicit, ...loss }: Partial<RetryableDetails> & { isClear: boolean; isExplicit: boolean },
  ) {
    super(verdict.message, loss);
    this.verdict = verdict;
    this.isClear = isClear;
    this.isExplicit = isExplicit;
  }
  get code(): string {
    return this.verdict.code;
  }
}

export const unknownRateHeaders: RateHeaders = { remaining: null, perWindow: null };

export function readRateHeaders(headers: Headers): RateHeaders {
  const perWindow = readCount(headers, "x-ratelimit-limit");
  // Nobody could send anything, and yet it answers: a word without sense, and so is what is left of it.
  if (perWindow === 0) return unknownRateHeaders;
  return { remaining: readCount(headers, "x-ratelimit-remaining"), perWindow };
}

/** When the sender wants to be asked again, by our clock. */
export function readRetryAt(headers: Headers, nowMs: number): number | null {
  const pause = {
    retryAfter: headers.get("retry-after"),
    reset: headers.get("x-ratelimit-reset"),
    date: headers.get("date"),
  };
  return findRetryAt(pause, nowMs);
}

/** The first number where a proxy has added its own: `60, 60;w=60`. */
function readCount(headers: Headers, name: string): number | null {
  const [, count] = /^(\d{1,12})(?:\s*[,;].*)?$/.exec(headers.get(name) ?? "") ?? [];
  return count === undefined ? null : Number(count);
}
