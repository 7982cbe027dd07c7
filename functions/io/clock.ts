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
