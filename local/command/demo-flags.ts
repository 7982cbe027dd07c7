import type { DemoChoice } from "../stack-settings.ts";
import { type Arguments, readCount } from "./command-line.ts";

/**
 * The maximum speed of the clock. With a faster clock, the waits of a crawl would end before the crawl itself has made
 * progress.
 */
const maxSpeed = 1000;
const maxOffers = 1_000_000;

/** The flags that shape the demo portal. */
export const demoFlags = {
  clock: { values: `1-${maxSpeed}`, help: "how many times as fast time passes for the demo portal's limit" },
  offers: {
    values: `1-${maxOffers}`,
    help: "how many offers the demo portal has; another number makes a new one",
  },
};

export function readDemoFlags(given: Arguments): DemoChoice {
  return { speed: readCount(given, "clock", maxSpeed), offers: readCount(given, "offers", maxOffers) };
}
