import pRetry from "p-retry";
import type { RateLimit } from "../../core/rate-limit/rate-limit.ts";
import type { Timer } from "../clock/clock.ts";
import { createLimiter, type LimiterTerms as GateTerms } from "./limiter.ts";
import type { RequestAttempt } from "./portal-client.ts";
import { OddAnswerError, type PortalReply, RetryableError } from "./rate-headers.ts";
import { describeLostRequest, type KnownToWork, scopeMissingCode, tallySeen } from "./response-errors.ts";

/** Puts questions to the portal, within its rate limit. */
export type ClientQueue = {
  /** Asks until there is an answer; where the answers are of use only together, the first failure ends all. */
  ask: <T>(request: (attempt: RequestAttempt) => Promise<PortalReply<T>>) => Promise<T>;
  permits: () => number;
  left: () => number;
  requests: () => number;
  refusals: () => number;
  limit: () => RateLimit;
  /** Whether the portal has given what was asked for, to this line or as was known before. */
  hasWorked: () => boolean;
};

/** `known` is what has been seen to work in this export. */
export type QueueTerms = GateTerms & { known?: KnownToWork };

export const maxRequestsAtOnce = 10;
const retries = 4;
/** The first pause before a retry; each later one is twice as long, and chance adds up to as much again. */
const firstPauseMs = 300;

/** Each attempt goes through the gate by itself, so that every retry is paid for. */
export function openClientQueue(clock: Timer, terms: QueueTerms): ClientQueue {
  const limiter = createLimiter(terms, clock);
  const failed = new AbortController();
  let known: KnownToWork = terms.known ?? { key: false, scope: false };

  async function attempt<T>(request: (attempt: RequestAttempt) => Promise<PortalReply<T>>): Promise<T> {
    await limiter.open(failed.signal);
    const sentMs = clock.now();
    try {
      const {
        value,
        rate,
        isBlank = false,
      } = await request({ now: () => clock.now(), signal: failed.signal });
      limiter.noteAnswer(sentMs, rate, true);
      if (!isBlank) known = { key: true, scope: true };
      return value;
    } catch (error) {
      const lost = error instanceof RetryableError ? error : new RetryableError("");
      if (lost.isClosed) limiter.noteRefusal(sentMs, lost);
      else limiter.noteAnswer(sentMs, lost.rate, false);
      throw error;
    }
  }

  /** Whether asking again is of no use: the answer says so, and nothing shows that it must be wrong. */
  function isFinal(error: RetryableError): boolean {
    if (!(error instanceof OddAnswerError) || !error.isClear) return false;
    return error.code === scopeMissingCode ? !known.scope : !known.key;
  }

  /** The pauses go by the clock, so they are ours; counting the tries and giving up are the library's. */
  async function ask<T>(request: (attempt: RequestAttempt) => Promise<PortalReply<T>>): Promise<T> {
    const seen: string[] = [];
    try {
      return await pRetry(() => attempt(request), {
        retries,
        minTimeout: 0,
        // How long to wait for the limit, and when to give up, is the gate's to say.
        shouldConsumeRetry: ({ error }) => !(error instanceof RetryableError && error.isRefusal),
        onFailedAttempt({ error }) {
          if (error instanceof RetryableError) seen.push(error.seen);
        },
        async shouldRetry({ error, retriesConsumed }) {
          if (failed.signal.aborted || !(error instanceof RetryableError) || isFinal(error)) return false;
          if (!error.isClosed) await clock.sleep(drawPauseMs(retriesConsumed + 1));
          return true;
        },
      });
    } catch (error) {
      if (terms.isWhole) failed.abort();
      throw error instanceof RetryableError
        ? describeLostRequest(error, { seen: tallySeen(seen), known })
        : error;
    }
  }

  const { permits, left, requests, refusals, limit } = limiter;
  return { ask, permits, left, requests, refusals, limit, hasWorked: () => known.key };
}

function drawPauseMs(attempt: number): number {
  return firstPauseMs * 2 ** (attempt - 1) * (1 + Math.random());
}
