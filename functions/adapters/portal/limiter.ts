import {
  type RateLimit,
  noteRateAnswer,
  noteRateRefusal,
  noteRequestSent,
} from "../../core/rate-limit/rate-limit.ts";
import { assertOpensSoon, assertReserveFits } from "../../core/rate-limit/request-permits.ts";
import { assumeBudget, raiseAssumption, readPermit } from "../../core/rate-limit/request-permits.ts";
import type { Timer } from "../clock/clock.ts";
import type { RateHeaders } from "./rate-headers.ts";

/** Lets requests through as the rate limit allows: one opening is one request. */
export type Limiter = {
  /** Waits for a permit and takes it; throws a WindowBroken where that is worth a wait between windows. */
  open: (failed: AbortSignal) => Promise<void>;
  /** `isGood` when it brought what was asked for. */
  noteAnswer: (sentMs: number, rate: RateHeaders, isGood: boolean) => void;
  noteRefusal: (sentMs: number, refusal: Refusal) => void;
  requests: () => number;
  /** Requests that were answered with 429. */
  refusals: () => number;
  /** Requests that may be sent now. */
  permits: () => number;
  /** What this window's budget has left. */
  left: () => number;
  limit: () => RateLimit;
};

type Refusal = { rate: RateHeaders; retryAtMs: number | null; isRefusal: boolean };

/** The rate limit lets a window's requests through only after a wait that is worth ending the step for. */
export class WindowBroken extends Error {
  override name = "WindowBroken";
}

/** Shorter waits than this part of a window (5 s of 60) are sat out from the start. */
const patience = 1 / 12;
/** What sits in a function is paid for, and must end before the function's time does. */
const maxWindowMs = 180_000;

export type LimiterTerms = {
  limit: RateLimit;
  /** Whether the window's answers are of use only together. */
  isWhole: boolean;
};

export function createLimiter({ limit: begun, isWhole }: LimiterTerms, clock: Timer): Limiter {
  const endMs = clock.now() + maxWindowMs;
  let limit: RateLimit = raiseAssumption({ ...begun, inFlight: 0 }, clock.now());
  let requests = 0;
  let answers = 0;
  let refusals = 0;
  let waiting: (() => void)[] = [];

  function wakeAll(): void {
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  }

  /** A whole window is sat out rather than lose the answers that there are. */
  function assertWorthWaiting(waitMs: number): void {
    assertOpensSoon(waitMs);
    const maxMs = isWhole && answers > 0 ? limit.windowMs * (1 + patience) : limit.windowMs * patience;
    if (waitMs > maxMs || clock.now() + waitMs > endMs)
      throw new WindowBroken("the rate limit's window is used up");
  }

  async function open(failed: AbortSignal): Promise<void> {
    for (;;) {
      failed.throwIfAborted();
      assertReserveFits(limit);
      const permit = readPermit(limit, clock.now());
      if (permit.requests > 0) break;
      if (permit.waitMs === null) await new Promise<void>((resolve) => waiting.push(resolve));
      else {
        assertWorthWaiting(permit.waitMs);
        await clock.sleep(permit.waitMs);
      }
    }
    limit = noteRequestSent(limit);
    requests += 1;
  }

  return {
    open,
    noteAnswer(sentMs, rate, isGood) {
      answers += 1;
      limit = noteRateAnswer(limit, { sentMs, nowMs: clock.now(), ...rate, isGood });
      wakeAll();
    },
    noteRefusal(sentMs, { rate, retryAtMs, isRefusal }) {
      if (isRefusal) refusals += 1;
      const isOutage = !isRefusal;
      limit = noteRateRefusal(limit, { sentMs, nowMs: clock.now(), ...rate, retryAtMs, isOutage });
      wakeAll();
    },
    requests: () => requests,
    refusals: () => refusals,
    permits: () => readPermit(limit, clock.now()).requests,
    left() {
      assertReserveFits(limit);
      return assumeBudget(limit) - requests;
    },
    limit: () => limit,
  };
}
