import {
  type RateLimit,
  noteRateAnswer,
  noteRateRefusal,
  noteRequestSent,
} from "../../core/rate-limit/rate-limit.ts";
import {
  assertOpensSoon,
  assertReserveFits,
  assumeBudget,
  raiseAssumption,
  readPermit,
} from "../../core/rate-limit/request-permits.ts";
import type { Timer } from "../clock/clock.ts";
import type { RateHeaders } from "./response-headers.ts";

/** Lets requests through as the rate limit allows. Each request takes one permit. */
export type Limiter = {
  /** Waits for a permit and takes it. Throws WindowBroken when the wait is too long for a running function. */
  acquire: (failed: AbortSignal) => Promise<void>;
  /**
   * Notes the response to a request that was sent at `sentMs`. `isGood` is true when the response held the requested
   * data.
   */
  noteResponse: (sentMs: number, rate: RateHeaders, isGood: boolean) => void;
  noteRefusal: (sentMs: number, refusal: Refusal) => void;
  requests: () => number;
  /** Returns the number of this limiter's requests that the portal has refused with 429. */
  refusals: () => number;
  /** Returns the number of requests that the rate limit allows now. */
  permits: () => number;
  /** Returns the program's share of the requests in one window, minus the requests that this limiter has sent. */
  left: () => number;
  limit: () => RateLimit;
};

type Refusal = { rate: RateHeaders; retryAtMs: number | null; isRefusal: boolean };

/** Thrown when the rate limit asks for a wait that is too long for a running function. The workflow waits instead. */
export class WindowBroken extends Error {
  override name = "WindowBroken";
}

/** The longest wait in a running function, as a share of the rate limit's window: 5 seconds of a window of 60. */
const maxWaitShare = 1 / 12;
/** Every wait must end within this time after the limiter's creation, because Lambda ends a function at its timeout. */
const maxWindowMs = 180_000;

export type LimiterOptions = {
  limit: RateLimit;
  /** True when one failed request makes the responses to the caller's other requests useless. */
  isAllOrNothing: boolean;
};

export function createLimiter(options: LimiterOptions, clock: Timer): Limiter {
  const endMs = clock.now() + maxWindowMs;
  let limit: RateLimit = raiseAssumption({ ...options.limit, inFlight: 0 }, clock.now());
  let requests = 0;
  let responses = 0;
  let refusals = 0;
  let waiting: (() => void)[] = [];

  function wakeAll(): void {
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  }

  /**
   * Throws WindowBroken when `waitMs` is too long. With `isAllOrNothing`, a wait of a whole window of the rate limit is
   * allowed after the first response, because giving up would lose the responses.
   */
  function assertWorthWaiting(waitMs: number): void {
    assertOpensSoon(waitMs);
    const mustKeep = options.isAllOrNothing && responses > 0;
    const maxMs = limit.windowMs * (mustKeep ? 1 + maxWaitShare : maxWaitShare);
    if (waitMs > maxMs || clock.now() + waitMs > endMs)
      throw new WindowBroken("the rate limit's window is used up");
  }

  async function acquire(failed: AbortSignal): Promise<void> {
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
    acquire,
    noteResponse(sentMs, rate, isGood) {
      responses += 1;
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
