import { setTimeout as sleep } from "node:timers/promises";

export interface Timer {
  /** In milliseconds since 1970. */
  now: () => number;
  sleep: (ms: number) => Promise<void>;
}

/**
 * The clock of waits, of the rate limit and of a crawl. On the local stack it may run faster than the system's clock.
 * Links, `asOf` and a caller's `Prefer: wait` use the system's clock.
 */
export interface Clock extends Timer {
  /** Converts this clock's time to that of the system's clock. */
  dateOf: (ms: number) => Date;
}

export const systemClock: Clock = {
  now: Date.now,
  sleep: async (ms) => {
    await sleep(ms);
  },
  dateOf: (ms) => new Date(ms),
};

/** The current time of the system's clock, for stored states and answers. */
export function dateNow({ dateOf, now }: Clock): Date {
  return dateOf(now());
}

/** Converts seconds of the system's clock, which leases use, to seconds of this clock, for a wait. */
export function toClockSeconds({ dateOf }: Clock, systemSeconds: number): number {
  const speed = 1_000_000 / (dateOf(1_000_000).getTime() - dateOf(0).getTime());
  return Math.ceil(systemSeconds * speed);
}
