import { describe, expect, it } from "vitest";
import {
  addAnomaly,
  addNote,
  beginCrawl,
  countPagesLeft,
  type CrawlState,
  repeatCrawl,
  resumeCrawl,
} from "../../../functions/core/crawl/crawl-state.ts";
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

  it("gives up at once when nothing has been read, unless the portal has worked before", () => {
    expect(pauseCrawl(begun)).toBe(null);
    expect(pauseCrawl({ ...begun, hasWorked: true })?.pauseMs).toBe(30_000);
    expect(pauseCrawl(beginCrawl({ ...settings, hasWorked: true }))?.crawl.brokenWindows).toBe(1);
  });
});

describe("a crawl whose windows the rate limit breaks off", () => {
  it("gives up after five in a row", () => {
    const fourth = [1, 2, 3, 4].reduce(interruptWindow, begun);
    expect(() => interruptWindow(fourth)).toThrow("5 windows");
  });

  it.each([
    [{ hasTold: true }, "portal_rate_starved", /too few requests through.* a key of its own/],
    [{ hasTold: false }, "portal_unavailable", /refused requests \(429\).* rate limit/],
    [{ hasTold: true, isOutage: true }, "portal_unavailable", /failed and asked for a pause/],
  ])("names the likely cause: %j", (limit, code, detail) => {
    const starved = { ...begun, brokenWindows: 4, limit: { ...begun.limit, ...limit } };
    expect(() => interruptWindow(starved)).toThrow(
      expect.objectContaining({ kind: "portal", code, detail: expect.stringMatching(detail) }),
    );
  });
});

describe("a crawl that begins again", () => {
  const limit = { ...begun.limit, perWindow: 60 };

  it("keeps what it has learnt and spent, and voids all that it has stored", () => {
    const lost: CrawlState = {
      ...begun,
      limit,
      nextPage: 21,
      parts: 3,
      voidParts: [2],
      offers: 300,
      requests: 30,
      refusals: 2,
      startedMs: 5_000,
      doubts: ["restless"],
      notes: ["contradicted"],
      entered: 4,
    };
    expect(repeatCrawl(lost)).toEqual({
      ...beginCrawl({ ...settings, limit, requests: 30, refusals: 2, expectedPages: 20 }),
      parts: 3,
      voidParts: [1, 2, 3],
      startedMs: 5_000,
      isRepeat: true,
    });
  });

  it("has the fields that an earlier version did not store", () => {
    const { notes, startedMs, highest, maxRows, minRows, entered, entries, rereads, ...early } = begun;
    const { isFarKept, extensions, isRepeat, ...earliest } = early;
    const added = { notes, startedMs, highest, maxRows, minRows, entered, entries, rereads };
    expect({ ...added, isFarKept, extensions, isRepeat }).toEqual({
      notes: [],
      startedMs: null,
      highest: null,
      maxRows: 0,
      minRows: null,
      entered: 0,
      entries: [],
      rereads: [],
      isFarKept: false,
      extensions: 0,
      isRepeat: false,
    });
    // The stored JSON of an earlier version lacks fields that the type has.
    const stored: CrawlState = JSON.parse(JSON.stringify(earliest));
    expect(resumeCrawl(stored)).toEqual(begun);
    expect(resumeCrawl({ ...begun, entered: 3 }).entered).toBe(3);
  });
});

describe("an anomaly or a note", () => {
  it("is kept once", () => {
    const once = addNote(addAnomaly(begun, "slid"), "contradicted");
    expect(once).toEqual({ ...begun, doubts: ["slid"], notes: ["contradicted"] });
    expect(addNote(addAnomaly(once, "slid"), "contradicted")).toEqual(once);
    expect(addAnomaly(once, "inserted").doubts).toEqual(["slid", "inserted"]);
  });
});
