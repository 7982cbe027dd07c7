import { setTimeout as sleep } from "node:timers/promises";

export interface Timer {
  /** Returns the current time in milliseconds since 1970. */
  now: () => number;
  sleep: (ms: number) => Promise<void>;
}

/**
 * The clock for waits, for the rate limit and for the duration of a crawl. On the local stack this clock may run faster
 * than the system's clock. Links, `asOf` and a caller's `Prefer: wait` use the system's clock instead.
 */
export interface Clock extends Timer {
  /** Converts a time of this clock, in ms since 1970, to the time of the system's clock. */
  dateOf: (ms: number) => Date;
}

export const systemClock: Clock = {
  now: Date.now,
  sleep: async (ms) => {
    await sleep(ms);
  },
  dateOf: (ms) => new Date(ms),
};

/** Returns the current time of the system's clock, for stored states and answers. */
export function dateNow({ dateOf, now }: Clock): Date {
  return dateOf(now());
}

/**
 * Converts seconds of the system's clock to seconds of this clock. The system's clock measures leases, and this clock
 * measures waits.
 */
export function toClockSeconds({ dateOf }: Clock, systemSeconds: number): number {
  const speed = 1_000_000 / (dateOf(1_000_000).getTime() - dateOf(0).getTime());
  return Math.ceil(systemSeconds * speed);
}
