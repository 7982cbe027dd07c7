import { describe, expect, it } from "vitest";
import { beginCrawl, countPagesLeft } from "../../../functions/core/crawl/crawl-state.ts";
import { openWindow } from "../../../functions/core/crawl/open-window.ts";
import { makeOfferPage } from "../../../functions/core/crawl/offer-page.ts";

const settings = { windowMs: 60_000, reserve: 0 };

describe("countPagesLeft", () => {
  it("counts up to the last snapshot's end", () => {
    expect(countPagesLeft(beginCrawl({ ...settings, expectedPages: 20 }))).toBe(20);
    expect(countPagesLeft({ ...beginCrawl({ ...settings, expectedPages: 20 }), nextPage: 15 })).toBe(6);
  });

  it("is unknown without a hint, and once there were more pages", () => {
    expect(countPagesLeft(beginCrawl(settings))).toBeNull();
    expect(countPagesLeft({ ...beginCrawl({ ...settings, expectedPages: 20 }), nextPage: 21 })).toBeNull();
  });

  it("is nothing once the last page has been read", () => {
    const pages = [makeOfferPage(1, [{ id: "a" }], false), makeOfferPage(2, [{ id: "b" }], true)];
    const crawl = openWindow(beginCrawl(settings), { pages, lead: [], isFramed: true });
    expect(countPagesLeft(crawl)).toBe(0);
    expect(countPagesLeft({ ...crawl, open: null, done: true })).toBe(0);
  });
});
