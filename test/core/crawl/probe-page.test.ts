import { describe, expect, it } from "vitest";
import { beginCrawl, type CrawlState } from "../../../functions/core/crawl/crawl-state.ts";
import { makeOfferPage, type PageReader } from "../../../functions/core/crawl/offer-page.ts";
import { noRepairs, openWindow } from "../../../functions/core/crawl/open-window.ts";
import {
  countRequestsDue,
  estimateCrawl,
  estimateFinishMs,
  takeReferenceFrame,
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

describe("the pages that a window begins with", () => {
  /** The next window begins on page 3. The last window has ended with offer e, at the third page's start. */
  const known: CrawlState = {
    ...begun(60),
    topIds: ["a", "b"],
    nextPage: 4,
    seamIds: ["c", "d", "e"],
    seamPlace: { rank: 4, entered: 0 },
  };

  /** Begins the window. Each page has its answers in order, and repeats the last one. */
  async function begin(answers: Record<number, string[]>, before = known) {
    const requests: number[] = [];
    const rest = new Map(Object.entries(answers).map(([number, pages]) => [Number(number), [...pages]]));
    const readPage = async (number: number) => {
      requests.push(number);
      const pages = rest.get(number) ?? ["yz"];
      const ids = (pages.length > 1 ? pages.shift() : pages[0]) ?? "";
      return makeOfferPage(
        number,
        ids.split("").map((id) => ({ id })),
        false,
      );
    };
    const reader: PageReader = {
      readPage,
      readPages: async (numbers) => await Promise.all(numbers.map(readPage)),
      left: () => 20,
    };
    const { crawl, isStill, start, probe } = await takeReferenceFrame(before, reader, 2);
    const asked = requests.map((number) => (number === probe.number ? "probe" : number)).join(" ");
    return { crawl, isStill, asked, start: start.map(({ ids }) => ids.join("")).join(" ") };
  }

  it("are read once while nothing moves", async () => {
    const { crawl, ...frame } = await begin({ 3: ["ef"], 1: ["ab"] });
    expect(frame).toEqual({ isStill: true, asked: "probe 3 1", start: "ef" });
    expect(crawl.seamPlace).toEqual({ rank: 4, entered: 0 });
  });

  it("are read again when one shows offers that stand before it", async () => {
    const { crawl, ...frame } = await begin({ 3: ["de", "ef"], 1: ["ab"] });
    expect(frame).toEqual({ isStill: true, asked: "probe 3 1 probe 3 1", start: "ef" });
    expect(crawl.doubts).toEqual([]);
    expect((await begin({ 3: ["cd"], 1: ["ab"] })).isStill).toBe(false);
  });

  it("may show as many offers that stood before them as have entered", async () => {
    const { crawl, ...frame } = await begin({ 3: ["de"], 1: ["xa"] });
    expect(frame).toEqual({ isStill: true, asked: "probe 3 1 probe 3 1", start: "de" });
    expect(crawl.seamPlace).toEqual({ rank: 5, entered: 0 });
  });

  it("are compared with the place at which they stood when the window was begun before", async () => {
    const { crawl } = await begin({ 3: ["fg"], 2: ["de"], 1: ["ab"] });
    expect(crawl.seamPlace).toEqual({ rank: 3, entered: 0 });
    // Page 3 shows the offers of the page before it, as if no offer had been deleted.
    const { asked, start } = await begin({ 3: ["ef", "fg"], 2: ["de"], 1: ["ab"] }, crawl);
    expect({ asked, start }).toEqual({ asked: "probe 3 1 probe 3 2 1", start: "de fg" });
  });

  it("have no known place while offers enter", async () => {
    expect((await begin({ 3: ["ef"], 1: ["xa", "yx"] })).crawl.seamPlace).toEqual({ rank: 4, entered: null });
  });

  it("may have lost offers before them", async () => {
    expect(await begin({ 3: ["fg"], 2: ["de"], 1: ["ab"] })).toMatchObject({
      isStill: true,
      asked: "probe 3 2 1",
      start: "de fg",
    });
  });

  it("are asked for again when one shows page 1", async () => {
    expect(await begin({ 3: ["ab", "ef"], 1: ["ab"] })).toMatchObject({
      isStill: true,
      asked: "probe 3 3 1",
      start: "ef",
    });
  });
});
