import { describe, expect, it } from "vitest";
import { beginCrawl, type CrawlState } from "../../../functions/core/crawl/crawl-state.ts";
import { makeOfferPage } from "../../../functions/core/crawl/offer-page.ts";
import { noRepairs, openWindow } from "../../../functions/core/crawl/open-window.ts";
import {
  countRequestsDue,
  estimateCrawl,
  estimateFinishMs,
} from "../../../functions/core/crawl/probe-page.ts";
import { openRateLimit, type RateLimit } from "../../../functions/core/rate-limit/rate-limit.ts";

const settings = { windowMs: 60_000, reserve: 0 };
const unknown = openRateLimit(settings);
const limitOf = (perWindow: number): RateLimit => ({ ...unknown, perWindow });
const begun = (expectedPages: number | null, limit = limitOf(60)): CrawlState =>
  beginCrawl({ ...settings, expectedPages, limit });

describe("the estimated end of a crawl", () => {
  it("is one window later for each 58 of 60 requests, because two prove the window", () => {
    const ends = [57, 58, 115, 116].map((pages) => estimateFinishMs(begun(pages), 1_000));
    expect(ends).toEqual([1_000, 61_000, 61_000, 121_000]);
  });

  it("assumes a page a window while the limit is unknown, or leaves no more", () => {
    for (const limit of [unknown, limitOf(2), limitOf(1)])
      expect(estimateFinishMs(begun(3, limit), 1_000)).toBe(181_000);
  });

  it("is unknown while the length of the list is", () => {
    expect(estimateFinishMs(begun(null), 1_000)).toBeNull();
  });
});

describe("the estimated requests of a crawl", () => {
  it("are one for each page, and two for each window", () => {
    expect([0, 1, 58, 59, 116, 117].map((pages) => estimateCrawl(pages, limitOf(60)))).toEqual([
      0, 3, 60, 63, 120, 123,
    ]);
  });

  it("are those of one window while the limit is unknown", () => {
    expect([0, 1, 500].map((pages) => estimateCrawl(pages, unknown))).toEqual([0, 3, 502]);
  });

  it("are three for each page when the limit leaves one page a window", () => {
    expect(estimateCrawl(4, limitOf(1))).toBe(12);
  });
});

describe("the requests that the next window sends without a pause", () => {
  const page = (number: number, ids: string, isLast = false) =>
    makeOfferPage(
      number,
      ids.split("").map((id) => ({ id })),
      isLast,
    );
  const openWith = (...ids: string[]) => {
    const pages = ids.map((letters, index) => page(index + 1, letters, index === ids.length - 1));
    return openWindow({ ...begun(null), topIds: ["a", "b"] }, { pages, repairs: noRepairs, isFramed: true });
  };

  it("are all that the limit allows, and those of 400 pages at most", () => {
    expect(countRequestsDue(begun(null))).toBe(60);
    expect(countRequestsDue(begun(null, limitOf(402)))).toBe(402);
    expect(countRequestsDue(begun(null, limitOf(403)))).toBe(402);
    expect(countRequestsDue(begun(null, unknown))).toBe(1);
  });

  it("are three when only the proof of the last window remains, and no page may lack an offer", () => {
    expect(countRequestsDue(openWith("ab", "cd", "ef", "g"))).toBe(3);
    expect(countRequestsDue(openWith("ab", "bc", "de", "g"))).toBe(60);
    expect(countRequestsDue({ ...begun(null), open: null })).toBe(60);
  });
});
