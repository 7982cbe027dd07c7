import { onTestFinished } from "vitest";
import { beginCrawl, type Crawl, type Window } from "../../functions/core/crawl.ts";
import { type Clock, systemClock } from "../../functions/io/clock.ts";
import { openPortal } from "../../functions/io/portal.ts";
import { readWindow } from "../../functions/io/window.ts";
import { type Portal, type PortalOptions, startPortal } from "../../local/portal/server.ts";
import { rawOffer } from "./offer.ts";

export const portalKey = "portal-key-of-the-tests";

type Options = Omit<PortalOptions, "keys" | "offers"> & { offers?: Record<string, unknown>[] };

/** A real portal on loopback that ends with the test. Its limit is out of the way unless the test sets one. */
export async function openTestPortal({ offers = [], ...options }: Options): Promise<Portal> {
  const listed = offers.map((offer) => ({ id: "", ...offer }));
  const keys = { [portalKey]: ["offers.read", "customers.read"] as const };
  const portal = await startPortal({ limit: 100_000, ...options, keys, offers: listed });
  onTestFinished(() => portal.stop());
  return portal;
}

type Reading = { url: string; key?: string; crawl?: Crawl; clock?: Clock; evidence?: boolean };

/** Reads one window of the portal at that address. */
export function readOnce({
  url,
  key = portalKey,
  crawl,
  clock = systemClock,
  evidence = false,
}: Reading): Promise<Window> {
  const begun = crawl ?? beginCrawl({ windowMs: 60_000, reserve: 0 });
  return readWindow(openPortal({ url, key }), clock, { crawl: begun, evidence });
}

export function listIds(window: Window): unknown[] {
  return window.pages.flatMap((page) => page.offers).map((offer) => rawOffer(Object(offer))["id"]);
}

/** A clock that a test turns: whoever sleeps wakes at once, later. */
export function fakeClock(startMs = 1_000_000): Clock & { sleptMs: () => number } {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    sleptMs: () => nowMs - startMs,
    async sleep(ms) {
      nowMs += ms;
    },
  };
}
