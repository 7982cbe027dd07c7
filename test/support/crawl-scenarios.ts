import type { OfferPage } from "../../functions/core/crawl/offer-page.ts";
import { type CrawledList, crawlChangingList, openCrawledList } from "./crawled-list.ts";

/** A list of `size` offers. `changes` are made right before the request with this number, counted from 1. */
export type CrawlScenario = {
  size: number;
  pageSize?: number;
  perWindow?: number;
  expectedPages?: number;
  changes?: Record<number, (list: CrawledList) => void>;
  /** Changes what the portal answers. */
  twist?: (page: OfferPage, list: CrawledList) => OfferPage;
};

/**
 * Crawls the list, with answers in the order of the requests. `windows` has the numbers of the pages that each window
 * requests, in order. `extra` are the collected offers that are not in the list any more.
 */
export async function runCrawlScenario(scenario: CrawlScenario) {
  const { size, pageSize = 5, perWindow = 8, expectedPages, changes = {}, twist = (page) => page } = scenario;
  const list = openCrawledList(size);
  const { crawl, collected, visits } = await crawlChangingList({
    list,
    draw: () => 0,
    pageSize,
    perWindow,
    change: () => changes[list.requests]?.(list),
    twist: (page) => twist(page, list),
    ...(expectedPages === undefined ? {} : { expectedPages }),
  });
  const { doubts, notes, voidParts, parts, offers, shifts, entered, grows, rereads } = crawl;
  return {
    windows: visits.map(({ looks }) => looks.map(({ number }) => number).join(" ")),
    missing: list.ids.filter((id) => !collected.includes(id)),
    extra: collected.filter((id) => !list.ids.includes(id)),
    state: { doubts, notes, voidParts, parts, offers, shifts, entered, grows, rereads },
  };
}
