import { onTestFinished } from "vitest";
import { beginCrawl, type CrawlState } from "../../functions/core/crawl/crawl-state.ts";
import type { OfferPage } from "../../functions/core/crawl/offer-page.ts";
import { readWindow } from "../../functions/core/crawl/read-window.ts";
import { type Clock, systemClock, systemTimer } from "../../functions/adapters/clock/clock.ts";
import { openPortal } from "../../functions/adapters/portal/portal-client.ts";
import { openOfferReader } from "../../functions/adapters/portal/offer-reader.ts";
import type { Scope } from "../../local/portal/portal-store.ts";
import { type Portal, type PortalOptions, startPortal } from "../../local/portal/portal-server.ts";
import { findWorld } from "./virtual-world.ts";
import { markSecret } from "./written-output.ts";

export const portalKey = markSecret("portal-key-of-the-tests");

/** The number of requests in the crawl of a one-page list: for page 1, twice for page 2, and for page 1 again. */
export const onePageRequests = 4;

/** Counts the crawls of a list of one page. Each crawl requests page 2 twice. */
export function countCrawls({ requests }: Pick<Portal, "requests">): number {
  return requests.filter(({ path }) => path === "/v1/customer-offers?page=2").length / 2;
}

export type TestPortalOptions = Omit<PortalOptions, "keys" | "offers"> & {
  offers?: Record<string, unknown>[];
  scopes?: readonly Scope[];
  /** Further keys that the portal accepts. Each key has its own rate limit. */
  otherKeys?: readonly string[];
};

const allScopes = ["offers.read", "customers.read"] as const;

/** Completes the options of a portal. Without a `limit`, tests never reach the rate limit. */
export function readPortalOptions({
  offers = [],
  scopes = allScopes,
  otherKeys = [],
  ...options
}: TestPortalOptions): PortalOptions {
  const listed = offers.map((offer) => ({ id: "", ...offer }));
  const keys = Object.fromEntries([portalKey, ...otherKeys].map((key) => [key, scopes]));
  return { limit: 100_000, ...options, keys, offers: listed };
}

/** Starts the demo portal on loopback; it stops with the test. */
export async function openTestPortal(options: TestPortalOptions): Promise<Portal> {
  const portal = await startPortal(readPortalOptions(options));
  onTestFinished(() => portal.stop());
  return portal;
}

type Reading = { url: string; key?: string; crawl?: CrawlState; clock?: Clock; evidence?: boolean };

/** Reads the pages of one window of the rate limit from the portal at `url`. */
export async function readOneWindow({
  url,
  key = portalKey,
  crawl,
  clock = findWorld()?.clock ?? systemClock,
  evidence = false,
}: Reading) {
  const begun = crawl ?? beginCrawl({ windowMs: 60_000, reserve: 0 });
  const reader = openOfferReader(openPortal({ url, key }), clock, { limit: begun.limit, evidence });
  return { ...(await readWindow(begun, reader)), requests: reader.requests(), limit: reader.limit() };
}

/** Lists the ids of the offers on the pages, each id once, in the list's order. */
export function listPageIds({ pages }: { pages: OfferPage[] }): string[] {
  return [...new Set(pages.flatMap((page) => page.ids))];
}

/** Makes a clock whose `sleep` returns at once and sets the clock forward. */
export function fakeClock(startMs = Date.UTC(2026, 0, 1)): Clock & { sleptMs: () => number } {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    dateOf: (ms) => new Date(ms),
    system: systemTimer,
    sleptMs: () => nowMs - startMs,
    async sleep(ms) {
      nowMs += ms;
    },
  };
}

/** Makes a clock that follows the clock of the test's world or of the system, and that a test can set forward. */
export function shiftedClock(): Clock & { shift: (ms: number) => void } {
  const clock = findWorld()?.clock ?? systemClock;
  let aheadMs = 0;
  return {
    ...clock,
    now: () => clock.now() + aheadMs,
    shift: (ms) => void (aheadMs += ms),
  };
}
