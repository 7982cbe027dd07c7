import { describe, expect, it } from "vitest";
import { beginCrawl, type CrawlState, type OpenWindow } from "../../../functions/core/crawl/crawl-state.ts";
import { makeOfferPage } from "../../../functions/core/crawl/offer-page.ts";
import {
  addRepairs,
  closeWindow,
  confirmWindow,
  countDuplicates,
  discountShiftedDuplicates,
  hasUnseen,
  listKeptPages,
  noRepairs,
  openWindow,
  voidWindow,
} from "../../../functions/core/crawl/open-window.ts";

const page = (number: number, ids: string, isLast = false) =>
  makeOfferPage(
    number,
    ids.split("").map((id) => ({ id })),
    isLast,
  );
const crawl: CrawlState = {
  ...beginCrawl({ windowMs: 60_000, reserve: 0, expectedPages: 30 }),
  topIds: ["a", "b"],
  seamIds: ["s"],
};
const later: CrawlState = { ...crawl, nextPage: 5, parts: 2, offers: 8 };
const read = (before: CrawlState, pages = [page(1, "ab")], repairs = noRepairs) =>
  openWindow(before, { pages, repairs, isFramed: true });

describe("a window that has been read", () => {
  const pages = [page(1, "ab"), page(2, "cd"), page(3, "ef"), page(4, "gh")];

  it("is stored without its probe page, and remembers what its proof needs", () => {
    expect(read(crawl, pages)).toEqual({
      ...crawl,
      nextPage: 5,
      parts: 1,
      offers: 6,
      minRows: 2,
      isFarKept: false,
      seamIds: ["c", "d", "e", "f"],
      open: {
        fromPage: 1,
        farPage: 4,
        farIds: ["g", "h"],
        isLast: false,
        isFramed: true,
        doubles: 0,
        joints: [],
        hollowPage: null,
        seamIds: ["s"],
        offers: 6,
        mends: false,
        wasFarKept: false,
        isUnclaimed: false,
        hasIntruder: false,
      },
    });
  });

  it("is stored with its probe page when that is the last page of the list, or the only one", () => {
    const last = read(crawl, [page(1, "ab"), { ...page(2, "c", true), isUnclaimed: true }]);
    expect(last).toMatchObject({ isFarKept: true, expectedPages: 2, minRows: 2, offers: 3 });
    expect(last.open).toMatchObject({ isLast: true, isUnclaimed: true, offers: 3 });
    const only = read({ ...crawl, isFarKept: true, nextPage: 5 }, [page(5, "xy")]);
    expect(only).toMatchObject({ nextPage: 6, isFarKept: true, expectedPages: 30, seamIds: ["x", "y"] });
    expect(only.open).toMatchObject({ joints: null, wasFarKept: true, offers: 2 });
    expect(listKeptPages({ pages: [], repairs: { pages, unseen: 0 }, isFramed: true })).toEqual(pages);
    expect(read(crawl, [])).toEqual(crawl);
  });

  it("keeps the overlaps of its pages, unless a page is longer or shorter than page 1", () => {
    expect(read(crawl, [page(1, "ab"), page(2, "bc"), page(3, "cd")]).open).toMatchObject({
      joints: [{ page: 1, offers: 1 }],
      doubles: 2,
    });
    expect(read({ ...crawl, topIds: ["a"] }, pages).open?.joints).toBeNull();
    expect(read({ ...crawl, topIds: null }, pages).open?.joints).toBeNull();
  });

  it("notes how many offers at the start of its part were read again", () => {
    const again = [page(3, "ab"), page(4, "cd"), page(5, "ef"), page(6, "gh")];
    const rereads = [{ part: 1, offers: 9, isMend: false }];
    expect(read({ ...later, rereads }, again).rereads).toEqual([
      ...rereads,
      { part: 3, offers: 2, isMend: false },
    ]);
    expect(read({ ...later, isFarKept: true }, again).rereads).toEqual([
      { part: 3, offers: 4, isMend: false },
    ]);
    const mending = read(later, [page(5, "ef"), page(6, "gh")], { pages: [page(2, "xyz")], unseen: 1 });
    expect(mending.rereads).toEqual([{ part: 3, offers: 3, isMend: true, unseen: 1 }]);
    expect(mending).toMatchObject({ offers: 13, open: { mends: true, offers: 5 } });
  });

  it("knows its shortest page, but not from the last page of the list", () => {
    expect(read({ ...crawl, minRows: 1 }, pages).minRows).toBe(1);
    expect(read({ ...crawl, minRows: 3 }, pages).minRows).toBe(2);
    expect(read({ ...crawl, minRows: 3 }, [page(1, "a", true)]).minRows).toBe(3);
    expect(read(crawl, [page(1, "a", true)]).minRows).toBeNull();
  });

  it("fails the crawl when the list is longer than any export", () => {
    const far =
      (number: number, isLast = false) =>
      () =>
        read(crawl, [page(1, "ab"), page(number, "c", isLast)]);
    expect(far(44_999)).not.toThrow();
    expect(far(45_000, true)).not.toThrow();
    expect(far(45_000)).toThrow(
      expect.objectContaining({
        kind: "size",
        code: "too_many_pages",
        detail: "The portal announces more than 45000 pages; that is more than an export can hold.",
      }),
    );
  });
});

describe("a window that is proved", () => {
  const open = (rest: Partial<OpenWindow> = {}): OpenWindow => {
    const opened = read(later, [page(5, "ab"), page(6, "cd"), page(7, "ef")]).open;
    if (opened === null) throw new Error("it is not open");
    return { ...opened, ...rest };
  };
  const boundary = page(7, "xef");

  it("is closed, and the next window starts where it ends", () => {
    const proved = { ...later, tries: 2, open: open() };
    expect(confirmWindow(proved, open(), boundary)).toEqual({
      ...later,
      seamIds: ["s", "x"],
      seamPlace: { rank: 12, entered: 0 },
    });
    const placed = { ...proved, seamPlace: { rank: 8, entered: 0 } };
    expect(closeWindow(placed, page(7, ""))).toEqual({ ...later, open: null, tries: 0 });
    expect(confirmWindow(placed, open(), page(7, "")).seamPlace).toBeNull();
  });

  it("has an anomaly when an offer stood on two pages, or its probe page was empty", () => {
    expect(confirmWindow(later, open({ doubles: 1 }), boundary).doubts).toEqual(["doubled"]);
    expect(confirmWindow(later, open({ farIds: [] }), boundary).doubts).toEqual(["nameless"]);
    expect(confirmWindow(later, open({ farIds: [], offers: 0 }), boundary).doubts).toEqual([]);
  });

  it("knows from its last page how many offers the list has had", () => {
    expect(confirmWindow({ ...later, minOffers: 5 }, open(), boundary).minOffers).toBe(5);
    expect(confirmWindow(later, open({ isLast: true }), boundary).minOffers).toBe(15);
    expect(confirmWindow(later, open({ isLast: true }), page(7, "ef")).minOffers).toBe(14);
  });

  it("has an anomaly when a new offer stood between older ones, unless the list grows at page 1", () => {
    const dated = (number: number, created: string[]) =>
      makeOfferPage(
        number,
        created.map((createdAt, at) => ({ id: `${number} ${at}`, createdAt })),
        false,
      );
    const [old, recent] = ["2025-06-01T09:00:00Z", "2026-01-31T12:10:00Z"];
    const before = { ...later, startedMs: Date.parse("2026-01-31T12:00:00Z") };
    const doubtsOf = (created: string[], known: CrawlState = before) => {
      const opened = read(known, [page(5, "ab"), dated(6, created), page(7, "ef")]).open;
      return opened === null ? null : confirmWindow(known, opened, boundary).doubts;
    };
    expect(doubtsOf([old, recent, old])).toEqual(["inserted"]);
    expect(doubtsOf([old, recent, old], { ...before, hasNewTop: true })).toEqual([]);
    expect(doubtsOf([recent, old, old])).toEqual([]);
    expect(doubtsOf([old, old, recent])).toEqual([]);
  });

  it("does not count the offers that a shift has shown twice", () => {
    const joints = [
      { page: 5, offers: 1 },
      { page: 6, offers: 1 },
    ];
    expect([3, 2, 1].map((doubles) => discountShiftedDuplicates(open({ joints, doubles })).doubles)).toEqual([
      1, 0, 0,
    ]);
    expect(discountShiftedDuplicates(open({ joints: null, doubles: 3 })).doubles).toBe(3);
    expect(countDuplicates([page(1, "aba"), page(2, "a")])).toBe(2);
  });

  it("fails the crawl when a page in its middle was empty, as if the list had ended", () => {
    const hollow = read(later, [page(5, "ab"), page(6, "", true), page(7, "", true)]).open;
    expect(hollow?.hollowPage).toBe(6);
    expect(read(later, [page(5, "ab"), page(6, ""), page(7, "", true)]).open?.hollowPage).toBeNull();
    expect(() => confirmWindow(later, open({ hollowPage: 6 }), boundary)).toThrow("page 6");
  });
});

describe("a window whose proof fails", () => {
  it("is read again: its part does not count, and only repairs in it are noted for the next part", () => {
    const rereads = [
      { part: 1, offers: 1, isMend: true },
      { part: 3, offers: 2, isMend: true },
      { part: 3, offers: 4, isMend: false },
    ];
    const before = { ...later, isFarKept: true, voidParts: [1] };
    const opened = read(before, [page(5, "ab"), page(6, "cd"), page(7, "ef")]);
    const { open } = opened;
    if (open === null) throw new Error("it is not open");
    const failed = { ...opened, rereads, tries: 1 };
    expect(voidWindow(failed, open)).toEqual({
      ...opened,
      nextPage: 5,
      open: null,
      tries: 2,
      seamIds: ["s"],
      isFarKept: true,
      voidParts: [1, 3],
      offers: 8,
      rereads: [rereads[0], { part: 4, offers: 2, isMend: true }],
    });
    const { wasFarKept: _, ...early } = open;
    expect(voidWindow(failed, early).isFarKept).toBe(false);
  });

  it("keeps its part when that starts with a repair, and counts it as read again", () => {
    const opened = read(later, [page(5, "ab"), page(6, "cd")], { pages: [page(2, "xyz")], unseen: 1 });
    const { open } = opened;
    if (open === null) throw new Error("it is not open");
    expect(voidWindow(opened, open)).toMatchObject({
      voidParts: [],
      offers: 13,
      rereads: [
        { part: 3, offers: 3, isMend: true, unseen: 1 },
        { part: 4, offers: 5, isMend: true },
      ],
    });
  });
});

describe("a part that only repairs", () => {
  it("is noted as read again", () => {
    expect(addRepairs(later, { pages: [page(2, "xyz")], unseen: 1 })).toEqual({
      ...later,
      parts: 3,
      offers: 11,
      rereads: [{ part: 3, offers: 3, isMend: true, unseen: 1 }],
    });
    expect(addRepairs(later, noRepairs)).toEqual({ ...later, parts: 3 });
  });

  it("shows as many unseen offers as it was read to find, each once", () => {
    const kept = [page(1, "ab"), page(2, "cd")];
    const shows = (ids: string, unseen: number) => hasUnseen({ pages: [page(2, ids)], unseen }, kept);
    expect([shows("cxx", 1), shows("cd", 0), shows("cxy", 2)]).toEqual([true, true, true]);
    expect([shows("cd", 1), shows("cx", 0), shows("cxy", 1)]).toEqual([false, false, false]);
  });
});
