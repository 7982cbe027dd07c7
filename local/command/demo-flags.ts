import { defaultOffers, defaultSpeed } from "../demo-directory.ts";
import type { DemoChoice } from "../stack-settings.ts";
import { type Arguments, readCount } from "./command-line.ts";

/**
 * The maximum speed of the clock. With a faster clock, the waits of a crawl would end before the crawl itself has made
 * progress.
 */
const maxSpeed = 1000;
const maxOffers = 1_000_000;

const kept = "Later starts without this flag keep the number.";

/** The flags that shape the demo portal. */
export const demoFlags = {
  clock: {
    values: `1-${maxSpeed}`,
    help: `how many times as fast time passes for the demo portal's limit: ${defaultSpeed} at first. ${kept}`,
  },
  offers: {
    values: `1-${maxOffers}`,
    help: `how many offers the demo portal has: ${defaultOffers} at first. Another number makes a new one. ${kept}`,
  },
};

export function readDemoFlags(given: Arguments): DemoChoice {
  return { speed: readCount(given, "clock", maxSpeed), offers: readCount(given, "offers", maxOffers) };
}
