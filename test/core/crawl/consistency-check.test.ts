import { describe, expect, it } from "vitest";
import {
  compareViews,
  countNewOffers,
  createDuplicateCheck,
} from "../../../functions/core/crawl/consistency-check.ts";
import { beginCrawl, type CrawlState } from "../../../functions/core/crawl/crawl-state.ts";
import { assertNotCircular, rereadRepeats } from "../../../functions/core/crawl/last-page-search.ts";
import { makeOfferPage } from "../../../functions/core/crawl/offer-page.ts";

const crawl = beginCrawl({ windowMs: 60_000, reserve: 0 });
const lookAt = (ids: string, number = 5, isLast = false) => ({ number, ids: ids.split(""), isLast });
const compare = (before: string, after: string, number = 5, isLast = false) =>
  compareViews(crawl, lookAt(before, number, isLast), lookAt(after, number, isLast));

describe("countNewOffers", () => {
  it.each([
    ["abc", "abc", 0],
    ["abc", "xyab", 2],
    ["abc", "xbc", 1],
    ["abc", "bcd", 0],
    ["abc", "xyz", null],
    ["", "", 0],
    ["", "a", null],
  ])("after %o shows %o is %o", (before, after, entered) => {
    expect(countNewOffers(before.split(""), after.split(""))).toBe(entered);
  });
});

describe("two observations of a page", () => {
  it("agree when the list has only shifted", () => {
    for (const after of ["abcd", "bcde", "xabc", "acde", "wxyz", ""])
      expect(compare("abcd", after)).toEqual(crawl);
  });

  it("reveal that the order changed", () => {
    expect(compare("abcd", "acbd").doubts).toEqual(["reordered"]);
  });

  it("reveal an offer that entered between two others", () => {
    expect(compare("abcd", "abxc").doubts).toEqual(["inserted"]);
  });

  it("show at which end new offers enter", () => {
    expect(compare("abcd", "xabc", 1).grows).toBe("near");
    expect(compare("ab", "abx", 5, true).grows).toBe("far");
    expect(compare("ab", "abx", 5, false).grows).toBeNull();
  });

  it("reveal a list that grows at both ends", () => {
    const grown = compareViews({ ...crawl, grows: "far" }, lookAt("abcd", 1), lookAt("xabc", 1));
    expect(grown).toMatchObject({ grows: "far", doubts: ["twosided"] });
  });
});

describe("the duplicate check", () => {
  const check = (known: Partial<CrawlState>, ...parts: string[]) => {
    const { addPart, isDoubled } = createDuplicateCheck({ ...crawl, ...known });
    for (const [index, ids] of parts.entries()) addPart(index + 1, ids.split(""));
    return isDoubled();
  };
  const reread = { part: 2, offers: 3, isMend: true };
  const repair = (unseen: number) => ({ rereads: [{ ...reread, unseen }], entered: 1 });

  it("demands of a repair the offers that the part before lacks", () => {
    expect(check(repair(1), "abdefg", "bcdhij")).toBe(false);
    expect(check(repair(1), "abdefg", "abdhij")).toBe(true);
    expect(check(repair(1), "abdefg", "ucvhij")).toBe(true);
    expect(check({ rereads: [reread] }, "abdefg", "abdhij")).toBe(false);
  });

  it("demands as many offers as the list has had, including those that entered on page 1", () => {
    expect(check({ minOffers: 4 }, "abc", "d")).toBe(false);
    expect(check({ minOffers: 5 }, "abc", "d")).toBe(true);
    expect(check({ minOffers: 5, entered: 1, newIds: ["x"] }, "abc", "d")).toBe(false);
    expect(check({ minOffers: 5, entered: 1, newIds: ["a"] }, "abc", "d")).toBe(true);
  });
});

function pageOf(number: number, ids: string[], isLast = false) {
  return makeOfferPage(
    number,
    ids.map((id) => ({ id })),
    isLast,
  );
}

const count = (length: number) => Array.from({ length }, (_, index) => index + 1);

describe("rereadRepeats", () => {
  const read = async (numbers: number[]) => {
    const asked: number[] = [];
    const reader = {
      readPage: async (number: number) => pageOf(number, [`${number}`]),
      readPages: async (again: number[]) => {
        asked.push(...again);
        return again.map((number) => pageOf(number, [`${number}`]));
      },
      left: () => 60,
    };
    const pages = count(30).map((number) => pageOf(number, [numbers.includes(number) ? "1" : `${number}`]));
    return { asked, pages: await rereadRepeats(pages, ["1"], reader) };
  };

  it("asks again for a page that shows page 1", async () => {
    const { asked, pages } = await read([25]);
    expect(asked).toEqual([25]);
    expect(pages.map(({ ids }) => ids[0])).toEqual(count(30).map(String));
    expect(() => assertNotCircular(pages, ["1"])).not.toThrow();
  });

  it("asks for nothing again when many pages show page 1", async () => {
    const { asked, pages } = await read([5, 10, 15, 25]);
    expect(asked).toEqual([]);
    expect(() => assertNotCircular(pages, ["1"])).toThrow("page 25");
  });
});

describe("assertNotCircular", () => {
  it("refuses twenty pages in a row that bring nothing new", () => {
    const pages = [
      pageOf(1, ["a"]),
      ...count(19).map((number) => pageOf(number + 1, ["a"])),
      pageOf(21, ["b"]),
    ];
    expect(() => assertNotCircular(pages, [])).not.toThrow();
    expect(() => assertNotCircular([...pages.slice(0, 20), pageOf(21, ["a"])], [])).toThrow("shown before");
  });

  it("refuses twenty empty pages in a row that announce another", () => {
    expect(() =>
      assertNotCircular(
        count(19).map((number) => pageOf(number, [])),
        [],
      ),
    ).not.toThrow();
    expect(() =>
      assertNotCircular(
        count(20).map((number) => pageOf(number, [])),
        [],
      ),
    ).toThrow("shown before");
  });

  it("refuses the list's first page far from its place, but not a single offer of it", () => {
    const top = ["top", "x"];
    expect(() => assertNotCircular([pageOf(20, top)], top)).not.toThrow();
    expect(() => assertNotCircular([pageOf(21, ["y", "top"])], top)).not.toThrow();
    expect(() => assertNotCircular([pageOf(21, top)], top)).toThrow("page 21");
  });

  it("distinguishes offers without an id by all of their fields", () => {
    const pages = count(30).map((number) => makeOfferPage(number, [{ amount: number }], false));
    expect(() => assertNotCircular(pages, [])).not.toThrow();
    expect(() =>
      assertNotCircular(
        count(30).map((number) => makeOfferPage(number, [{ amount: 1 }], false)),
        [],
      ),
    ).toThrow("shown before");
  });
});
