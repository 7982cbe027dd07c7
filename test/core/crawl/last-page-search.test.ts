import { describe, expect, it } from "vitest";
import { findBehind, findLastPage, isPast } from "../../../functions/core/crawl/last-page-search.ts";
import { makeOfferPage, type OfferPage, type PageReader } from "../../../functions/core/crawl/offer-page.ts";

/** Answers a request for a page. `requests` is the number of requests so far, with this one. */
type Portal = (number: number, requests: number) => OfferPage;

const page = (number: number, name: string, isLast = false): OfferPage =>
  makeOfferPage(number, name === "" ? [] : [{ id: name }], isLast);
const rowsOf = (number: number, isLast = false) => page(number, `rows of ${number}`, isLast);
const topIds = ["rows of 1"];

/** A list of `pages` pages. `beyond` makes the pages after its end. */
const list =
  (pages: number, beyond = (number: number) => page(number, "", true)): Portal =>
  (number) =>
    number > pages ? beyond(number) : rowsOf(number, number === pages);
/** A list whose last page announces another page. */
const endless =
  (pages: number, beyond = (number: number) => page(number, "", true)): Portal =>
  (number) =>
    number > pages ? beyond(number) : rowsOf(number);

function openReader(portal: Portal) {
  const requests: number[] = [];
  const readPage = async (number: number) => portal(number, requests.push(number));
  const reader: PageReader = {
    readPage,
    readPages: async (numbers) => await Promise.all(numbers.map(readPage)),
    left: () => Infinity,
  };
  return { reader, requests };
}

type Extra = { fromPage?: number; isNear?: boolean };

/** Searches after `first` was requested. Returns what was found, and the numbers of the pages that were read. */
async function search(portal: Portal, firstNumber: number, { fromPage = 0, isNear = false }: Extra = {}) {
  const { reader, requests } = openReader(portal);
  const found = await findLastPage({ fromPage, first: portal(firstNumber, 0), topIds, isNear }, reader);
  const { kind, page: last } = found;
  const { number, isLast, isUnclaimed = false } = last;
  const ended = kind === "end" ? { oddity: found.oddity, isLast, isUnclaimed } : { topIds: found.topIds };
  return { kind, number, requests, ...ended };
}
const end = { kind: "end", oddity: null, isLast: true, isUnclaimed: false };

describe("a page that says that it is the last one", () => {
  it("is the last one when the next page is empty, or repeats page 1", async () => {
    expect(await search(list(10), 10)).toEqual({ ...end, number: 10, requests: [11] });
    const circular = list(10, (number) => page(number, "rows of 1"));
    expect(await search(circular, 10)).toEqual({ ...end, number: 10, requests: [11] });
  });

  it("is not when a later page has rows, up to five empty pages further", async () => {
    const wrong: Portal = (number) => (number === 10 ? rowsOf(10, true) : list(12)(number, 0));
    expect(await search(wrong, 10)).toMatchObject({ kind: "more", number: 11, requests: [11] });
    const gap =
      (pages: number): Portal =>
      (number) =>
        number === 10 ? rowsOf(10, true) : number <= 10 + pages ? page(number, "") : rowsOf(number);
    expect(await search(gap(5), 10)).toMatchObject({ kind: "more", number: 16 });
    expect(await search(gap(6), 10)).toMatchObject({
      ...end,
      number: 10,
      requests: [11, 12, 13, 14, 15, 16],
    });
  });
});

describe("a page behind the end of the list", () => {
  it("is followed by pages with rows when they come within the next five", async () => {
    const gap =
      (rows: number): Portal =>
      (number) =>
        number < rows ? page(number, "") : rowsOf(number);
    expect(await search(gap(12), 10)).toMatchObject({ kind: "more", number: 12, requests: [11, 12] });
  });

  it("leads back to the last page: by halves when it may be far away", async () => {
    expect(await search(list(10), 40)).toEqual({ ...end, number: 10, requests: [20, 10, 11] });
    expect(await search(list(10), 40, { fromPage: 4 })).toEqual({
      ...end,
      number: 10,
      requests: [22, 13, 8, 10, 11],
    });
  });

  it("leads back to the last page: in growing steps when it is probably near", async () => {
    expect(await search(list(10), 12, { isNear: true })).toEqual({
      ...end,
      number: 10,
      requests: [11, 9, 10],
    });
    expect(await search(list(10), 40, { isNear: true })).toEqual({
      ...end,
      number: 10,
      requests: [39, 37, 33, 25, 12, 6, 9, 10, 11],
    });
  });

  it("does not lead in front of the page from which the search began", async () => {
    expect(await search(list(10), 12, { fromPage: 10 })).toMatchObject({ number: 10 });
    expect((await search(list(10), 12, { fromPage: 9 })).requests).toEqual([10, 11]);
  });

  it("leads to page 1 of an empty list", async () => {
    expect(await search(list(0), 1)).toMatchObject({ ...end, number: 1 });
    const announced = list(0, (number) => page(number, ""));
    expect(await search(announced, 1)).toMatchObject({ ...end, number: 1, isUnclaimed: true });
  });
});

describe("a last page that announces another", () => {
  it("is the last one, with a remark, when the other stays empty", async () => {
    expect(await search(endless(10), 12)).toMatchObject({
      ...end,
      number: 10,
      oddity: "contradicted",
      isUnclaimed: true,
    });
  });

  it("is the last one without a remark when it says so at the second look", async () => {
    const portal: Portal = (number, requests) => (requests < 6 ? endless(10) : list(10))(number, 0);
    expect(await search(portal, 12)).toMatchObject({ ...end, number: 10 });
  });

  it("is not when the other has rows at the second look, or one of the five behind it", async () => {
    const late =
      (from: number): Portal =>
      (number, requests) => {
        if (requests <= 2) return endless(10)(number, 0);
        return number >= from ? rowsOf(number) : endless(10, (empty) => page(empty, ""))(number, 0);
      };
    expect(await search(late(11), 12, { fromPage: 8 })).toMatchObject({ kind: "more", number: 11 });
    expect(await search(late(12), 12, { fromPage: 8 })).toMatchObject({ kind: "more", number: 12 });
  });

  it("is the last one, with another remark, when the other repeats page 1", async () => {
    const circular = endless(10, (number) => page(number, "rows of 1"));
    expect(await search(circular, 12, { fromPage: 2 })).toMatchObject({
      ...end,
      number: 10,
      oddity: "repeated",
      isUnclaimed: true,
    });
  });

  it("is not when page 1 has become another one, and the other has the rows that page 1 had", async () => {
    const portal: Portal = (number, requests) =>
      number === 1 && requests > 0 ? page(1, "new") : endless(10, (n) => page(n, "rows of 1"))(number, 0);
    expect(await search(portal, 12, { fromPage: 2 })).toMatchObject({
      kind: "more",
      number: 11,
      topIds: ["new"],
    });
  });

  it("is looked for again, further in front, when the list shrinks meanwhile", async () => {
    // Page 10 has rows when it is found, and none when it is confirmed.
    const shrinking: Portal = (number, requests) => (requests <= 3 ? endless(10) : list(8))(number, 0);
    const found = await search(shrinking, 12, { fromPage: 9 });
    expect(found).toMatchObject({ ...end, number: 8 });
    expect(found.requests.slice(0, 5)).toEqual([10, 11, 11, 10, 9]);
  });

  it("fails the crawl when the list shrinks each time", async () => {
    const shown = new Set<number>();
    const requests: number[] = [];
    // Each page has rows when it is found, and none when it is confirmed.
    const flickering: Portal = (number, count) => {
      if (count > 0) requests.push(number);
      const isFirstLook = number <= 20 && !shown.has(number);
      shown.add(number);
      return isFirstLook ? rowsOf(number) : page(number, "", true);
    };
    await expect(search(flickering, 30, { fromPage: 19 })).rejects.toThrow(
      expect.objectContaining({
        kind: "portal",
        code: "portal_contradicts_itself",
        detail: expect.stringMatching(/page 18 as if the list had ended before it.*support/),
      }),
    );
    expect(requests).toEqual([24, 21, 20, 21, 20, 19, 20, 19, 17, 18, 19, 18]);
  });
});

describe("a portal that repeats its last page for every higher number", () => {
  const repeating = list(10, (number) => page(number, "rows of 10", true));

  it.each([
    [10, [11, 5, 7, 8, 9]],
    [11, [12, 5, 8, 9, 10]],
    [12, [13, 6, 9, 10, 11]],
  ])("shows it when page %i is requested", async (first, requests) => {
    expect(await search(repeating, first)).toEqual({ ...end, number: 10, requests });
  });

  it("has more pages when the list has grown during the search, and not when it ends there", async () => {
    const changed =
      (next: OfferPage): Portal =>
      (number, requests) =>
        number === 11 && requests === 5 ? next : repeating(number, 0);
    expect(await search(changed(rowsOf(11)), 12)).toMatchObject({ kind: "more", number: 11 });
    for (const name of ["", "rows of 1"])
      expect(await search(changed(page(11, name)), 12)).toMatchObject({ ...end, number: 10 });
  });
});

describe("a portal that answers with page 1", () => {
  const circular = list(10, (number) => page(number, "rows of 1"));

  it("shows its page 1 when the page was unknown, and the list goes on at page 2", async () => {
    const unknown = { ...page(3, "rows of 1", true) };
    const { reader, requests } = openReader(list(2, (number) => page(number, "rows of 1", true)));
    const found = await findLastPage({ fromPage: 0, first: unknown, topIds: [], isNear: false }, reader);
    expect(found).toEqual({ kind: "more", page: rowsOf(2, true), topIds });
    expect(requests).toEqual([4, 1, 2]);
  });

  it("is searched from page 2, which shows that it knows the numbers of pages", async () => {
    const found = await search(circular, 40);
    expect(found).toMatchObject({ ...end, number: 10 });
    expect(found.requests.slice(0, 2)).toEqual([2, 21]);
    expect((await search(circular, 40, { fromPage: 6 })).requests[0]).toBe(23);
  });

  it("has one page when page 2 is empty", async () => {
    const single: Portal = (number) =>
      number === 2 ? page(2, "", true) : page(number, "rows of 1", number === 1);
    expect(await search(single, 40)).toMatchObject({ ...end, number: 1 });
  });

  it("ignores the numbers of pages when page 2 is page 1, too", async () => {
    expect(await search(() => page(1, "rows of 1"), 1)).toMatchObject({
      kind: "end",
      number: 1,
      oddity: null,
    });
    await expect(search((number) => page(number, "rows of 1"), 40)).rejects.toThrow(
      expect.objectContaining({
        kind: "portal",
        code: "portal_repeats",
        detail: expect.stringMatching(/up to page 40 it shows offers.*support/),
      }),
    );
  });
});

describe("a page without rows of its own", () => {
  it("is empty, or repeats page 1 under another number", () => {
    expect(isPast({ number: 7, ids: [] }, topIds)).toBe(true);
    expect(isPast({ number: 1, ids: [] }, topIds)).toBe(true);
    expect(isPast({ number: 2, ids: topIds }, topIds)).toBe(true);
    expect(isPast({ number: 1, ids: topIds }, topIds)).toBe(false);
    expect(isPast({ number: 2, ids: ["a"] }, topIds)).toBe(false);
  });

  it("has nothing behind it when it names no next page", async () => {
    const { reader, requests } = openReader((number) => rowsOf(number));
    expect(await findBehind(page(7, "", true), reader)).toBeNull();
    expect(await findBehind(rowsOf(7), reader)).toBeNull();
    expect(requests).toEqual([]);
    expect(await findBehind(page(7, ""), reader)).toEqual(rowsOf(8));
  });
});
