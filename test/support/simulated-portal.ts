import { beginCrawl, type CrawlState } from "../../functions/core/crawl/crawl-state.ts";
import { countRequestsDue } from "../../functions/core/crawl/probe-page.ts";
import { waitForWindow } from "../../functions/core/rate-limit/request-permits.ts";
import type { OfferPage } from "../../functions/core/crawl/offer-page.ts";
import { attemptWindow } from "../../functions/app/crawl/crawl-window.ts";
import type { Clock } from "../../functions/adapters/clock/clock.ts";
import type { OfferPortal } from "../../functions/adapters/portal/portal-client.ts";
import { openOfferReader } from "../../functions/adapters/portal/offer-reader.ts";
import { RetryableError } from "../../functions/adapters/portal/portal-errors.ts";
import { unknownRateHeaders } from "../../functions/adapters/portal/response-headers.ts";
import { systemRandom } from "../../functions/adapters/random/random.ts";
import { createVirtualClock } from "../../local/fast-clock.ts";
import { type LimiterKind, makeLimiter } from "../../local/portal/portal-limiter.ts";
import { type DrawNumber, listCollected, listParts, type CrawledList, showListPage } from "./crawled-list.ts";

/**
 * How often something goes wrong. Of 1,000 requests, `failures` fail before they count towards the rate limit, `cuts`
 * lose their answer, and `visits` come after a request of another program. Of 1,000 windows of the rate limit, the
 * pages of `crashes` are lost.
 */
export type PortalTroubles = { failures: number; cuts: number; visits: number; crashes: number };

export type SimulatedPortal = {
  list: CrawledList;
  draw: DrawNumber;
  pageSize: number;
  limit: number;
  limiter: LimiterKind;
  /** True when answers have no rate-limit headers. */
  isSilent?: boolean;
  trouble: PortalTroubles;
  change: () => void;
};

const windowMs = 60_000;

/**
 * Opens a portal whose list changes before each answer, on a virtual clock. Requests overtake each other. Some
 * requests fail before they count towards the rate limit, and others later. Other programs use the same key.
 */
function openLivingPortal(app: SimulatedPortal, clock: Clock): OfferPortal {
  const { list, draw, trouble, limit: perWindow } = app;
  const limiter = makeLimiter(app.limiter, { limit: perWindow, windowMs });
  const happens = (perMille: number) => draw(1000) < perMille;

  return {
    async requestPage(number) {
      await clock.sleep(20 + draw(200));
      if (happens(trouble.failures)) throw new RetryableError("503");
      if (happens(trouble.visits)) limiter.take("key", clock.now());
      const { allowed, remaining, waitMs } = limiter.take("key", clock.now());
      const rate = app.isSilent === true ? unknownRateHeaders : { remaining, perWindow };
      const retryAtMs = draw(3) === 0 ? null : clock.now() + Math.ceil(waitMs / 1000) * 1000;
      if (allowed) list.requests += 1;
      app.change();
      const page = showListPage(list, app.pageSize, number);
      await clock.sleep(20 + draw(200));
      if (!allowed) throw new RetryableError("429", { rate, isRefusal: true, retryAtMs });
      if (happens(trouble.cuts)) throw new RetryableError("cut");
      return { value: page, rate };
    },
    requestOffer: () => Promise.reject(new Error("no single offer is asked for")),
  };
}

/**
 * Crawls the portal's list, one window of the rate limit after the other, as the workflow does. The pages of a window
 * that crashed are read again.
 */
export async function crawlSimulatedPortal(app: SimulatedPortal) {
  const { list, draw, trouble } = app;
  const clock = createVirtualClock();
  const random = { ...systemRandom, fraction: () => draw(1000) / 1000 };
  const portal = openLivingPortal(app, clock);
  const written = new Map<number, OfferPage[]>();
  let crawl: CrawlState = beginCrawl({ windowMs, reserve: draw(2) });
  while (!crawl.done) {
    const { limit, hasWorked = false } = crawl;
    const reader = openOfferReader(portal, clock, { limit, evidence: false, hasWorked, random });
    const read = await attemptWindow(crawl, reader);
    if (read.pages.length > 0) written.set(read.crawl.parts, read.pages);
    if (draw(1000) < trouble.crashes) continue;
    crawl = keepAsStep(read.crawl);
    list.era += 1;
    const waitMs = Math.max(read.pauseMs, waitForWindow(crawl.limit, clock.now(), countRequestsDue(crawl)));
    await clock.sleep(crawl.done ? 0 : waitMs);
  }
  const parts = listParts(crawl, written);
  return { crawl, parts, collected: listCollected(parts), list };
}

/** Copies the state through JSON, as a durable step stores it. */
function keepAsStep(crawl: CrawlState): CrawlState {
  const kept: CrawlState = JSON.parse(JSON.stringify(crawl));
  return kept;
}
