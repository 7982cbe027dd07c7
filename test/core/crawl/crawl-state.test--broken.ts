import { describe, expect, it } from "vitest";
import { interruptWindow, pauseCrawl } from "../../../functions/core/crawl/read-window--broken.ts";
import { beginCrawl, type CrawlState } from "../../../functions/core/crawl/crawl-state.ts";

const begun = beginCrawl({ windowMs: 60_000, reserve: 0 });

describe("a crawl whose portal is away", () => {
  it("lets it be for ever longer, seven and a half minutes in all", () => {
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
