import { setTimeout as sleep } from "node:timers/promises";

export interface Timer {
  /** Returns the current time in milliseconds since 1970. */
  now: () => number;
  sleep: (ms: number) => Promise<void>;
}

/**
 * The only source of time. On the local stack, the time of `now` and `sleep` may pass faster than the system's time.
 * Waits, the rate limit and the duration of a crawl use this time. Stored states, links and `asOf` use the date that
 * `dateNow` returns.
 */
export interface Clock extends Timer {
  /** Converts a time of this clock, in ms since 1970, to the time of the system's clock. */
  dateOf: (ms: number) => Date;
  system: SystemTimer;
}

/**
 * Measures and limits how long work takes. Its time passes as the system's time also when the clock is faster, because
 * a fast clock shortens waits, but makes neither work nor a caller faster.
 */
export interface SystemTimer {
  /** Returns the milliseconds since a fixed moment. Only differences have a meaning. Never goes back. */
  elapsedMs: () => number;
  /** Returns early, without an error, when the signal aborts. */
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Returns a signal that aborts after `ms`. It does not keep the process alive. */
  timeout: (ms: number) => AbortSignal;
}

export const systemTimer: SystemTimer = {
  elapsedMs: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, signal && { signal }).catch(() => undefined),
  timeout: (ms) => AbortSignal.timeout(ms),
};

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms) => systemTimer.sleep(ms),
  dateOf: (ms) => new Date(ms),
  system: systemTimer,
};

/**
 * Returns the current date of the system's clock, for stored states, answers and signatures. Signatures of links and
 * webhooks need this date also when the clock is faster, because S3 and receivers compare it with their own clocks.
 */
export function dateNow({ dateOf, now }: Pick<Clock, "dateOf" | "now">): Date {
  return dateOf(now());
}

/**
 * Converts seconds of the system's clock to seconds of this clock. The system's clock measures leases, and this clock
 * measures waits.
 */
export function toClockSeconds({ dateOf }: Pick<Clock, "dateOf">, systemSeconds: number): number {
  const speed = 1_000_000 / (dateOf(1_000_000).getTime() - dateOf(0).getTime());
  return Math.ceil(systemSeconds * speed);
}
