import { describe, expect, it } from "vitest";
import {
  compareViews,
  countNewOffers,
  createDuplicateCheck,
  openConsistencyCheck,
  spreadSample,
} from "../../../functions/core/crawl/consistency-check.ts";
import { beginCrawl, type CrawlState, type OpenWindow } from "../../../functions/core/crawl/crawl-state.ts";
import { assertNotCircular, rereadRepeats } from "../../../functions/core/crawl/last-page-search.ts";
import { makeOfferPage, type OfferPage, type PageReader } from "../../../functions/core/crawl/offer-page.ts";
import { noRepairs, openWindow } from "../../../functions/core/crawl/open-window.ts";

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
    expect(compare("abcd", "ba").doubts).toEqual(["reordered"]);
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

describe("an offer that appears at an end of the list", () => {
  const started = { ...crawl, startedMs: Date.parse("2026-01-31T12:00:00Z") };
  const [old, recent] = ["2026-01-31T11:00:00Z", "2026-01-31T12:01:00Z"];

  /** Compares two views. In the second one, capital letters are offers that are older than the crawl. */
  const doubtsOf = (before: string, after: string, number: number, isLast = false) => {
    const offers = after.split("").map((letter) => ({
      id: letter,
      createdAt: letter === letter.toLowerCase() ? recent : old,
    }));
    const shown = { ...lookAt(after, number, isLast), offers };
    return compareViews(started, lookAt(before, number, isLast), shown).doubts;
  };

  it("was moved there when it is older than the crawl", () => {
    expect(doubtsOf("abcd", "Xabc", 1)).toEqual(["reordered"]);
    expect(doubtsOf("abcd", "xabc", 1)).toEqual([]);
    expect(doubtsOf("ab", "abX", 5, true)).toEqual(["reordered"]);
    expect(doubtsOf("ab", "abx", 5, true)).toEqual([]);
  });

  it("comes from a neighbouring page on every other page", () => {
    expect(doubtsOf("abcd", "Xabc", 5)).toEqual([]);
    expect(doubtsOf("ab", "abX", 5)).toEqual([]);
  });

  it("shows whether the list has slid, or grown fast, when page 1 has none of its offers left", () => {
    expect(doubtsOf("abcd", "WXYZ", 1)).toEqual(["slid"]);
    expect(doubtsOf("abcd", "wxYz", 1)).toEqual(["slid"]);
    expect(doubtsOf("abcd", "wxyz", 1)).toEqual(["restless"]);
    expect(compare("abcd", "wxyz", 1).doubts).toEqual(["restless"]);
    expect(compare("", "wxyz", 1).doubts).toEqual([]);
  });
});

describe("the pages that a window reads", () => {
  const page = (number: number, ids: string, isLast = false) => pageOf(number, ids.split(""), isLast);

  /** Reads these pages one after the other, and returns the crawl's state with what the check has found. */
  async function check(
    before: CrawlState,
    pages: OfferPage[],
    after: CrawlState = before,
  ): Promise<CrawlState> {
    const answers = [...pages];
    const reader: PageReader = {
      readPage: async (number) => answers.shift() ?? page(number, ""),
      readPages: async (numbers) => numbers.map((number) => answers.shift() ?? page(number, "")),
      left: () => 7,
    };
    const opened = openConsistencyCheck(reader, before);
    for (const { number } of pages.slice(1)) await opened.reader.readPage(number);
    await opened.reader.readPages([pages[0]?.number ?? 1]);
    expect(opened.reader.left()).toBe(7);
    return opened.addFindings(after);
  }

  const openOn = (ids: string, isLast: boolean, rest: Partial<OpenWindow> = {}): CrawlState => {
    const opened = openWindow(crawl, { pages: [page(5, ids, isLast)], repairs: noRepairs, isFramed: true });
    const { open } = opened;
    return { ...crawl, open: open === null ? null : { ...open, ...rest } };
  };

  it("are compared with the page 1 and the probe page of the window before", async () => {
    const before = { ...openOn("abcd", false), topIds: ["k", "l", "m"] };
    expect((await check(before, [page(5, "acbd")])).doubts).toEqual(["reordered"]);
    expect((await check(before, [page(1, "xkl")])).grows).toBe("near");
    expect((await check(before, [page(6, "acbd")])).doubts).toEqual([]);
  });

  it("are compared with each other", async () => {
    expect((await check(crawl, [page(7, "abcd"), page(7, "acbd")])).doubts).toEqual(["reordered"]);
  });

  it("show a list that grows at its last page, unless the portal had announced more", async () => {
    expect((await check(openOn("ab", true), [page(5, "abx")])).grows).toBe("far");
    expect((await check(openOn("ab", false), [page(5, "abx")])).grows).toBeNull();
    expect((await check(openOn("ab", true, { isUnclaimed: true }), [page(5, "abx")])).grows).toBeNull();
  });

  it("leave the highest page with offers, as it was last read", async () => {
    const pages = [page(3, "abc"), page(5, ""), page(4, "def"), page(2, "xyz"), page(4, "dex")];
    expect((await check(crawl, pages)).highest).toEqual({ number: 4, ids: ["d", "e", "x"] });
    const known = (number: number) => ({ ...crawl, highest: { number, ids: ["k"] } });
    expect((await check(known(4), pages)).highest).toEqual({ number: 4, ids: ["d", "e", "x"] });
    expect((await check(known(5), pages)).highest).toEqual({ number: 5, ids: ["k"] });
    expect((await check(crawl, [page(5, "")])).highest).toBeNull();
  });

  it("are miscounted when the portal counts otherwise, or a page before was shorter", async () => {
    const counted = await check(crawl, [page(3, "abc")]);
    expect(counted).toMatchObject({ doubts: [], maxRows: 3 });
    const miscounted = makeOfferPage(3, [{ id: "a" }], false, true);
    expect((await check(crawl, [miscounted, page(4, "b")])).doubts).toEqual(["miscounted"]);
    expect(await check({ ...crawl, minRows: 2 }, [page(3, "abc")])).toMatchObject({
      doubts: ["miscounted"],
      maxRows: 3,
    });
    expect((await check({ ...crawl, minRows: 3 }, [page(3, "abc")])).doubts).toEqual([]);
    expect((await check({ ...crawl, minRows: 4, maxRows: 5 }, [page(3, "abc")])).doubts).toEqual([
      "miscounted",
    ]);
  });

  it("note for each part how many offers had entered by then", async () => {
    const entries = [
      { part: 1, entered: 1 },
      { part: 2, entered: 2 },
    ];
    const before = { ...crawl, topIds: ["k", "l"], parts: 2, entered: 2, entries };
    expect((await check(before, [page(1, "kl")])).entries).toEqual(entries);
    expect((await check(before, [page(1, "xk")])).entries).toEqual([
      { part: 1, entered: 1 },
      { part: 2, entered: 3 },
    ]);
    expect((await check(before, [page(1, "xk")], { ...before, parts: 3 })).entries).toEqual([
      ...entries,
      { part: 3, entered: 3 },
    ]);
  });
});

describe("an offer in two parts of a snapshot", () => {
  type Notes = Partial<Parameters<typeof createDuplicateCheck>[0]>;

  /** Checks parts whose offers are letters. The spaces only separate what was read again from the rest. */
  function isDoubled(parts: string[], notes: Notes = {}): boolean {
    const check = createDuplicateCheck({ ...crawl, ...notes });
    for (const [index, part] of parts.entries()) check.addPart(index + 1, part.replaceAll(" ", "").split(""));
    expect(check.has(parts[0]?.[0] ?? "")).toBe(true);
    expect(check.has("?")).toBe(false);
    return check.isDoubled();
  }
  const again = (part: number, offers: number, isMend = false) => ({
    rereads: [{ part, offers, isMend }],
  });

  it("is doubled when nothing explains it, but not when both are in one part", () => {
    expect(isDoubled(["abcd", "efgh"])).toBe(false);
    expect(isDoubled(["abcd", "efgd"])).toBe(true);
    expect(isDoubled(["abcd", "dfgh"])).toBe(true);
    expect(isDoubled(["abcb", "efgh"])).toBe(false);
  });

  it("may have been read again, at the start of the part and from just before it", () => {
    expect(isDoubled(["abcd", "cd ef"], again(2, 2))).toBe(false);
    expect(isDoubled(["abcd", "bd ef"], again(2, 2))).toBe(true);
    expect(isDoubled(["abcd", "cd df"], again(2, 2))).toBe(true);
    expect(isDoubled(["abcd", "cd ec"], again(2, 2))).toBe(true);
    expect(isDoubled(["abcd", "cd ef"], again(3, 2))).toBe(true);
    expect(isDoubled(["abcd", "cc ef"], again(2, 2))).toBe(false);
  });

  it("may have been read again for a repair of the last three parts", () => {
    expect(isDoubled(["abcd", "efgh", "cd ij"], again(3, 2, true))).toBe(false);
    expect(isDoubled(["abcd", "efgh", "cd ij"], again(3, 2))).toBe(true);
    expect(isDoubled(["ab", "cd", "ef", "gh", "b ij"], again(5, 1, true))).toBe(false);
    expect(isDoubled(["ab", "cd", "ef", "gh", "a ij"], again(5, 1, true))).toBe(true);
  });

  it("may be in the part after a repair that was longer than its own part", () => {
    expect(isDoubled(["abcd", "efgh", "cd", "ef ij"], again(3, 4, true))).toBe(false);
    expect(isDoubled(["abcd", "efgh", "cd", "ef ij"], again(3, 2, true))).toBe(true);
    expect(isDoubled(["abcd", "efgh", "cd", "e", "f ij"], again(3, 4, true))).toBe(false);
    expect(isDoubled(["abcd", "efgh", "cd", "e", "fg ij"], again(3, 4, true))).toBe(true);
  });

  it("may have been pushed into the next part by new offers, two for each", () => {
    const entered = (...counts: [part: number, entered: number][]) => ({
      entries: counts.map(([part, count]) => ({ part, entered: count })),
    });
    for (const part of [1, 2, 3]) expect(isDoubled(["abcd", "cdef"], entered([part, 1]))).toBe(false);
    expect(isDoubled(["abcd", "cdef"], entered([4, 1]))).toBe(true);
    expect(isDoubled(["abcd", "bcde"], entered([2, 1]))).toBe(true);
    expect(isDoubled(["abcd", "ecdf"], entered([2, 1]))).toBe(true);
    expect(isDoubled(["abcd", "bcdef"], entered([2, 2]))).toBe(false);
    const parts = ["ab", "cd", "ef", "efgh"];
    expect(isDoubled(parts, entered([1, 5], [3, 6]))).toBe(false);
    expect(isDoubled(parts, entered([1, 5], [2, 6]))).toBe(true);
    expect(isDoubled(["abcd", "cd bcd ef"], { ...again(2, 2), ...entered([2, 1]) })).toBe(true);
  });
});

describe("a sample", () => {
  it("is spread evenly from the first item to the last", () => {
    expect(spreadSample([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 4)).toEqual([0, 3, 6, 9]);
    expect(spreadSample([0, 1, 2, 3, 4], 2)).toEqual([0, 4]);
  });

  it("is the whole list when that is not longer", () => {
    for (const size of [3, 4]) expect(spreadSample([0, 1, 2], size)).toEqual([0, 1, 2]);
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
