import { setTimeout as sleep } from "node:timers/promises";

/** The time that waits and the rate limit go by; links and `asOf` go by the system's own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now: () => number;
  sleep: (ms: number) => Promise<void>;
}

export const systemClock: Clock = {
  now: Date.now,
  sleep: async (ms) => {
    await sleep(ms);
  },
};
