import { setTimeout as sleep } from "node:timers/promises";

export interface Timer {
  /** Milliseconds since 1970. */
  now: () => number;
  sleep: (ms: number) => Promise<void>;
}

/** The time that waits, the rate limit and a crawl go by; links, `asOf` and a caller's patience go by the system's. */
export interface Clock extends Timer {
  /** When the system's clock shows what this one does at that time. */
  dateOf: (ms: number) => Date;
}

export const systemClock: Clock = {
  now: Date.now,
  sleep: async (ms) => {
    await sleep(ms);
  },
  dateOf: (ms) => new Date(ms),
};

/** Now, as it is written into what others read. */
export function dateNow({ dateOf, now }: Clock): Date {
  return dateOf(now());
}

/** Leases go by the system's clock, waits by the crawl's, which may be faster. */
export function toClockSeconds({ dateOf }: Clock, systemSeconds: number): number {
  const speed = 1_000_000 / (dateOf(1_000_000).getTime() - dateOf(0).getTime());
  return Math.ceil(systemSeconds * speed);
}
