import { describe, expect, it } from "vitest";
import { beginCrawl } from "../../../functions/core/crawl/crawl-state.ts";
import { compareViews, countNewOffers } from "../../../functions/core/crawl/consistency-check.ts";

const crawl = beginCrawl({ windowMs: 60_000, reserve: 0 });
const lookAt = (ids: string, number = 5, isLast = false) => ({ number, ids: ids.split(""), isLast });
const compare = (before: string, after: string, number = 5, isLast = false) =>
  compareViews(crawl, lookAt(before, number, isLast), lookAt(after, number, isLast));

describe("countEntered", () => {
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

describe("two looks at a page", () => {
  it("agree when it has only moved", () => {
    for (const after of ["abcd", "bcde", "xabc", "acde", "wxyz", ""])
      expect(compare("abcd", after)).toEqual(crawl);
  });

  it("betray an order that changed", () => {
    expect(compare("abcd", "acbd").doubts).toEqual(["reordered"]);
  });

  it("betray an offer that came between two others", () => {
    expect(compare("abcd", "abxc").doubts).toEqual(["inserted"]);
  });

  it("show at which end new offers enter", () => {
    expect(compare("abcd", "xabc", 1).grows).toBe("near");
    expect(compare("ab", "abx", 5, true).grows).toBe("far");
    expect(compare("ab", "abx", 5, false).grows).toBeNull();
  });

  it("betray a list that grows at both", () => {
    const grown = compareViews({ ...crawl, grows: "far" }, lookAt("abcd", 1), lookAt("xabc", 1));
    expect(grown).toMatchObject({ grows: "far", doubts: ["twosided"] });
  });
});
