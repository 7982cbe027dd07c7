import { describe, expect, it } from "vitest";
import { beginCrawl, countPagesLeft, type CrawlState } from "../../../functions/core/crawl/crawl-state.ts";
import { makeOfferPage } from "../../../functions/core/crawl/offer-page.ts";
import { noRepairs, openWindow } from "../../../functions/core/crawl/open-window.ts";
import { interruptWindow, pauseCrawl } from "../../../functions/core/crawl/read-window.ts";

const settings = { windowMs: 60_000, reserve: 0 };

describe("countPagesLeft", () => {
  it("counts up to the last snapshot's end", () => {
    expect(countPagesLeft(beginCrawl({ ...settings, expectedPages: 20 }))).toBe(20);
    expect(countPagesLeft({ ...beginCrawl({ ...settings, expectedPages: 20 }), nextPage: 15 })).toBe(6);
  });

  it("is unknown without a hint, and after the hint proves too low", () => {
    expect(countPagesLeft(beginCrawl(settings))).toBeNull();
    expect(countPagesLeft({ ...beginCrawl({ ...settings, expectedPages: 20 }), nextPage: 21 })).toBeNull();
  });

  it("is 0 when the last page has been read", () => {
    const pages = [makeOfferPage(1, [{ id: "a" }], false), makeOfferPage(2, [{ id: "b" }], true)];
    const crawl = openWindow(beginCrawl(settings), { pages, repairs: noRepairs, isFramed: true });
    expect(countPagesLeft(crawl)).toBe(0);
    expect(countPagesLeft({ ...crawl, open: null, done: true })).toBe(0);
  });
});

const begun = beginCrawl({ windowMs: 60_000, reserve: 0 });

describe("a crawl whose portal is away", () => {
  it("waits longer each time, seven and a half minutes in total", () => {
    const pauses: number[] = [];
    let crawl: CrawlState | undefined = { ...begun, parts: 1 };
    while (crawl !== undefined) {
      const paused = pauseCrawl(crawl);
      if (paused !== null) pauses.push(paused.pauseMs / 1000);
      crawl = paused?.crawl;
    }
    expect(pauses).toEqual([30, 60, 120, 240]);
  });

  it("gives up at once when nothing has been read", () => {
    expect(pauseCrawl(begun)).toBe(null);
  });
});

describe("a crawl whose windows the rate limit breaks off", () => {
  it("gives up after five in a row", () => {
    const fourth = [1, 2, 3, 4].reduce(interruptWindow, begun);
    expect(() => interruptWindow(fourth)).toThrow("5 windows");
  });
});
