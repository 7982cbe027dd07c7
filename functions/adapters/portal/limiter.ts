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

/** Lets requests through as the rate limit allows: one permit is one request. */
export type Limiter = {
  /** Waits for a permit and takes it. Throws WindowBroken when the wait is too long to spend in a running function. */
  acquire: (failed: AbortSignal) => Promise<void>;
  /** `isGood`: the response held the requested data. */
  noteResponse: (sentMs: number, rate: RateHeaders, isGood: boolean) => void;
  noteRefusal: (sentMs: number, refusal: Refusal) => void;
  requests: () => number;
  /** The number of responses with status 429. */
  refusals: () => number;
  /** The number of requests that may be sent now. */
  permits: () => number;
  /** The number of requests left in this window's budget. */
  left: () => number;
  limit: () => RateLimit;
};

type Refusal = { rate: RateHeaders; retryAtMs: number | null; isRefusal: boolean };

/** The rate limit asks for a wait that is too long to spend in a running function. The workflow waits instead. */
export class WindowBroken extends Error {
  override name = "WindowBroken";
}

/** The longest wait in a running function, as a share of the window: 5 of 60 seconds. */
const maxWaitShare = 1 / 12;
/** The longest time that one window may take. Lambda bills a waiting function, and ends it at its timeout. */
const maxWindowMs = 180_000;

export type LimiterOptions = {
  limit: RateLimit;
  /** True when the caller needs all responses of a window: one failure makes the others useless. */
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
   * Throws WindowBroken for a wait that is too long. With `isAllOrNothing` it allows a wait of a whole window of the
   * rate limit once there are responses, because breaking off would lose them.
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
