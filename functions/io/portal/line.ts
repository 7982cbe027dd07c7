import pRetry from "p-retry";
import { ExportError } from "../../core/error.ts";
import type { Limit } from "../../core/pace/limit.ts";
import type { Timer } from "../clock.ts";
import { createGate, type Terms } from "./gate.ts";
import type { Attempt } from "./portal.ts";
import { LostReply, type Reply, unknownRate } from "./reply.ts";

/** Puts questions to the portal, within its rate limit. */
export type Line = {
  /** Asks until there is an answer; where the answers are of use only together, the first failure ends all. */
  ask: <T>(request: (attempt: Attempt) => Promise<Reply<T>>) => Promise<T>;
  permits: () => number;
  left: () => number;
  requests: () => number;
  refusals: () => number;
  limit: () => Limit;
};

export const mostAtOnce = 10;
const retries = 4;
/** The first pause before a retry; each later one is twice as long, and chance adds up to as much again. */
const firstPauseMs = 300;

/** Each attempt goes through the gate by itself, so that every retry is paid for. */
export function openLine(clock: Timer, terms: Terms): Line {
  const gate = createGate(terms, clock);
  const failed = new AbortController();

  async function attempt<T>(request: (attempt: Attempt) => Promise<Reply<T>>): Promise<T> {
    await gate.open(failed.signal);
    const sentMs = clock.now();
    try {
      const { value, rate } = await request({ now: () => clock.now(), signal: failed.signal });
      gate.noteAnswer(sentMs, rate);
      return value;
    } catch (error) {
      if (error instanceof LostReply && error.isClosed) gate.noteRefusal(sentMs, error);
      else gate.noteAnswer(sentMs, error instanceof LostReply ? error.rate : unknownRate);
      throw error;
    }
  }

  /** The pauses go by the clock, so they are ours; counting the tries and giving up are the library's. */
  async function ask<T>(request: (attempt: Attempt) => Promise<Reply<T>>): Promise<T> {
    try {
      return await pRetry(() => attempt(request), {
        retries,
        minTimeout: 0,
        async shouldRetry({ error, attemptNumber }) {
          if (failed.signal.aborted || !(error instanceof LostReply)) return false;
          if (!error.isClosed) await clock.sleep(drawPauseMs(attemptNumber));
          return true;
        },
      });
    } catch (error) {
      if (terms.isWhole) failed.abort();
      throw error instanceof LostReply ? describeLoss(error) : error;
    }
  }

  const { permits, left, requests, refusals, limit } = gate;
  return { ask, permits, left, requests, refusals, limit };
}

/** The code of a portal that failed for some seconds: it may be back in some minutes. */
export const unavailable = "portal_unavailable";

function drawPauseMs(attempt: number): number {
  return firstPauseMs * 2 ** (attempt - 1) * (1 + Math.random());
}

function describeLoss(error: LostReply): ExportError {
  const detail = `The portal failed ${retries + 1} times in a row: ${error.message}. Try again later.`;
  return new ExportError("portal", unavailable, detail, { cause: error });
}
