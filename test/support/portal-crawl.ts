import { beginCrawl, type CrawlState } from "../../functions/core/crawl/crawl-state.ts";
import { countRequestsDue } from "../../functions/core/crawl/probe-page.ts";
import type { OfferPage } from "../../functions/core/crawl/offer-page.ts";
import { waitForWindow } from "../../functions/core/rate-limit/request-permits.ts";
import type { Clock } from "../../functions/adapters/clock/clock.ts";
import { attemptWindow } from "../../functions/app/crawl/crawl-window.ts";
import { openPortal } from "../../functions/adapters/portal/portal-client.ts";
import { openOfferReader } from "../../functions/adapters/portal/offer-reader.ts";
import type { PortalResponse } from "../../local/portal/portal-server.ts";
import { portalKey } from "./test-portal.ts";

/**
 * Crawls the whole list, one window of the rate limit after the other. As in the workflow, each window gets the state
 * of the previous window as JSON.
 */
export async function crawlWholeList(
  url: string,
  clock: Clock,
): Promise<{ crawl: CrawlState; pages: OfferPage[] }> {
  let crawl = beginCrawl({ windowMs: 60_000, reserve: 0 });
  const pages: OfferPage[] = [];
  while (!crawl.done) {
    const { limit, hasWorked = false } = crawl;
    const reader = openOfferReader(openPortal({ url, key: portalKey }), clock, {
      limit,
      evidence: false,
      hasWorked,
    });
    const read = await attemptWindow(crawl, reader);
    crawl = JSON.parse(JSON.stringify(read.crawl));
    pages.push(...read.pages);
    const waitMs = Math.max(read.pauseMs, waitForWindow(crawl.limit, clock.now(), countRequestsDue(crawl)));
    if (!crawl.done && waitMs > 0) await clock.sleep(waitMs);
  }
  return { crawl, pages };
}

export function sendJson(response: PortalResponse, status: number, body: unknown): true {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  return true;
}

export function sendHtml(response: PortalResponse, status: number, text = "<h1>One moment</h1>"): true {
  response.writeHead(status, { "content-type": "text/html; charset=utf-8" }).end(text);
  return true;
}
