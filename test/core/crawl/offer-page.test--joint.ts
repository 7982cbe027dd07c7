import { describe, expect, it } from "vitest";
import { countOverlap, listSuspectPages, listOverlaps } from "../../../functions/core/crawl/offer-page--joint.ts";
import { makeOfferPage } from "../../../functions/core/crawl/offer-page.ts";

const pageOf = (number: number, ids: string) =>
  makeOfferPage(
    number,
    ids.split("").map((id) => ({ id })),
    false,
  );

describe("joints", () => {
  it("are where a page begins with the end of the one before", () => {
    const pages = [pageOf(4, "abc"), pageOf(5, "cde"), pageOf(6, "fgh"), pageOf(7, "ghi")];
    expect(listOverlaps(pages, 3)).toEqual([
      { page: 4, offers: 1 },
      { page: 6, offers: 2 },
    ]);
  });

  it("tell nothing where a page is shorter than the others", () => {
    expect(listOverlaps([pageOf(1, "abc"), pageOf(2, "cd"), pageOf(3, "efg")], 3)).toBeNull();
  });

  it("are no offers that stand elsewhere on both pages", () => {
    expect(countOverlap(["a", "b", "c"], ["b", "d", "c"])).toBe(0);
    expect(countOverlap(["a", "b", "c"], ["d", "e", "c"])).toBe(0);
    expect(countOverlap([], ["a"])).toBe(0);
  });

  it("tell the pages that may lack an offer", () => {
    expect(listSuspectPages([{ page: 4, offers: 1 }])).toEqual([]);
    expect(
      listSuspectPages([
        { page: 4, offers: 1 },
        { page: 7, offers: 1 },
      ]),
    ).toEqual([6, 7]);
  });
});
