import { describe, expect, it } from "vitest";
import { beginCrawl, type CrawlState, type OpenWindow } from "../../../functions/core/crawl/crawl-state.ts";
import { makeOfferPage, type OfferPage, type PageReader } from "../../../functions/core/crawl/offer-page.ts";
import { noRepairs, openWindow } from "../../../functions/core/crawl/open-window.ts";
import { resolveWindow } from "../../../functions/core/crawl/window-proof.ts";

const startedMs = Date.parse("2026-01-31T12:00:00Z");

/** Makes a page of offers with one letter each. Capital letters are offers that were created during the crawl. */
const page = (number: number, ids: string, isLast = false): OfferPage =>
  makeOfferPage(
    number,
    ids.split("").map((id) => ({
      id,
      createdAt: id === id.toLowerCase() ? "2025-06-01T09:00:00Z" : "2026-01-31T12:10:00Z",
    })),
    isLast,
  );

/** The last window of a list: pages 5 to 7, on which nothing has moved yet. */
const begun: CrawlState = {
  ...beginCrawl({ windowMs: 60_000, reserve: 0 }),
  startedMs,
  topIds: ["t", "u"],
  nextPage: 5,
  seamIds: ["s"],
};
const read = openWindow(begun, {
  pages: [page(5, "ab"), page(6, "cd"), page(7, "ef", true)],
  repairs: noRepairs,
  isFramed: true,
});

type Answers = Record<number, string[]>;

/** Proves the window. Each page has its answers in order, and repeats the last one. */
async function prove(
  answers: Answers,
  {
    open: changes = {},
    crawl: known = {},
    left = 20,
  }: { open?: Partial<OpenWindow>; crawl?: Partial<CrawlState>; left?: number } = {},
) {
  if (read.open === null) throw new Error("the window is not open");
  const requests: number[] = [];
  const rest = new Map(Object.entries(answers).map(([number, pages]) => [Number(number), [...pages]]));
  const readPage = async (number: number) => {
    requests.push(number);
    const pages = rest.get(number) ?? [""];
    return page(number, (pages.length > 1 ? pages.shift() : pages[0]) ?? "", number >= 7);
  };
  const reader: PageReader = {
    readPage,
    readPages: async (numbers) => await Promise.all(numbers.map(readPage)),
    left: () => left,
  };
  const open = { ...read.open, ...changes };
  const { crawl, verdict, repairs, isEnd, probe } = await resolveWindow(
    { ...read, open, ...known },
    open,
    reader,
  );
  expect(probe).toBeNull();
  return {
    crawl,
    verdict,
    isEnd,
    requests: requests.join(" "),
    unseen: repairs.unseen,
    repairs: repairs.pages.map(({ number, ids, offers }) => `${number} ${ids.join("")} ${offers.length}`),
  };
}

const proved = { isEnd: true, repairs: [], unseen: 0, requests: "7 1 8" };
const failed = { verdict: "moved", isEnd: false, repairs: [] };

describe("the proof of a window", () => {
  it("holds when the probe page and page 1 are as they were", async () => {
    const { crawl, ...outcome } = await prove({ 7: ["ef"], 1: ["tu"] });
    expect(outcome).toEqual({ ...proved, verdict: "still" });
    expect(crawl).toEqual({
      ...read,
      open: null,
      seamIds: [...read.seamIds, "e"],
      seamPlace: { rank: 12, entered: 0 },
      minOffers: 14,
    });
  });

  it("holds, without a frame for the next window, when page 1 has lost its first offer", async () => {
    const { crawl, ...outcome } = await prove({ 7: ["ef"], 1: ["uv"] });
    expect(outcome).toEqual({ ...proved, verdict: "shifted" });
    expect(crawl).toMatchObject({ topIds: ["u", "v"], shifts: 0, doubts: [] });
  });

  it("holds when new offers on page 1 explain the shift, and keeps what they pushed onto the last page", async () => {
    const { crawl, ...outcome } = await prove({ 7: ["def"], 1: ["Xt"] });
    expect(outcome).toEqual({ ...proved, verdict: "shifted", repairs: ["7 d 1"] });
    expect(crawl).toMatchObject({ topIds: ["X", "t"], shifts: 1, doubts: [], voidParts: [], open: null });
  });

  it("fails when the probe page has lost its first offer, when too little overlaps, or without a frame", async () => {
    expect(await prove({ 7: ["fg"], 1: ["tu"] })).toMatchObject({ ...failed, requests: "7 1" });
    expect(await prove({ 7: ["xef"], 1: ["Xt"] })).toMatchObject(failed);
    expect(await prove({ 7: ["def"], 1: ["Xt"] }, { open: { joints: null } })).toMatchObject(failed);
    const unframed = await prove({ 7: ["ef"], 1: ["tu"] }, { open: { isFramed: false } });
    expect(unframed).toMatchObject({
      ...failed,
      crawl: { voidParts: [1], nextPage: 5, tries: 1, open: null },
    });
  });

  it("holds when an offer moved to the last page before it was read, and expects it there", async () => {
    const open = { joints: [{ page: 5, offers: 1 }], doubles: 1 };
    const outcome = await prove({ 7: ["xef"], 1: ["Xt"] }, { open });
    expect(outcome).toMatchObject({ verdict: "shifted", repairs: ["7 x 1"], unseen: 1 });
    expect(outcome.crawl.doubts).toEqual([]);
  });

  it("looks again when an offer may have entered between its two requests", async () => {
    const twice = await prove({ 7: ["ef", "def"], 1: ["Xt"] });
    expect(twice).toMatchObject({ verdict: "shifted", requests: "7 1 7 1 8", repairs: ["7 d 1"] });
    expect(await prove({ 7: ["ef"], 1: ["Xt"] })).toMatchObject({ ...failed, requests: "7 1 7 1" });
  });

  it("looks again when the probe page shows an offer of page 1", async () => {
    const open = { joints: [{ page: 5, offers: 1 }], doubles: 1 };
    const answers = { 7: ["Xef", "def"], 1: ["Xt"] };
    expect(await prove(answers, { open })).toMatchObject({ ...failed, requests: "7 1 7 1" });
  });

  it("finds an offer that was inserted between page 1 and the probe page", async () => {
    const { crawl, ...outcome } = await prove({ 7: ["def"], 1: ["tu"] });
    expect(outcome).toEqual({ ...proved, verdict: "shifted" });
    expect(crawl).toMatchObject({ doubts: ["inserted"], voidParts: [], open: null });
    expect((await prove({ 7: ["def"], 1: ["vw"] })).crawl.doubts).toEqual([]);
    expect((await prove({ 7: ["fg"], 1: ["tu"] })).crawl.doubts).toEqual([]);
  });

  it("is given up at the third try, or when the crawl is uncertain already", async () => {
    const third = await prove({ 7: ["fg"], 1: ["tu"] }, { crawl: { tries: 2 } });
    expect(third).toMatchObject({ ...proved, verdict: "shifted", crawl: { doubts: ["restless"], tries: 0 } });
    expect(await prove({ 7: ["fg"], 1: ["tu"] }, { crawl: { tries: 1 } })).toMatchObject(failed);
    const uncertain = await prove({ 7: ["fg"], 1: ["tu"] }, { crawl: { doubts: ["slid"] } });
    expect(uncertain).toMatchObject({ verdict: "shifted", crawl: { doubts: ["slid"], voidParts: [] } });
  });

  it("fails when the list's last page shows an older offer after its last one", async () => {
    for (const ids of ["efg", "fg", "efXg"])
      expect(await prove({ 7: [ids], 1: ["tu"] })).toMatchObject(failed);
    for (const ids of ["efX", "e"])
      expect(await prove({ 7: [ids], 1: ["tu"] })).toMatchObject({ ...proved, verdict: "still" });
  });

  it("with an empty probe page holds only while that stays empty", async () => {
    const open = { farIds: [], offers: 0 };
    expect(await prove({ 7: [""], 1: ["tu"] }, { open })).toMatchObject({ verdict: "still" });
    expect(await prove({ 7: ["ef"], 1: ["tu"] }, { open })).toMatchObject(failed);
  });
});

describe("pages that may lack an offer", () => {
  const joints = [
    { page: 2, offers: 1 },
    { page: 5, offers: 1 },
  ];
  const shifted = { 7: ["zef"], 1: ["Xt"], 4: ["kl"], 5: ["ab"] };

  it("are read again and proved, if the limit leaves enough requests", async () => {
    const gap = await prove(shifted, { open: { joints, doubles: 2 }, left: 5 });
    expect(gap).toMatchObject({
      verdict: "still",
      isEnd: true,
      requests: "7 1 4 5 7 1 8",
      repairs: ["4 kl 2", "5 ab 2", "7 z 1"],
      unseen: 2,
      crawl: { doubts: [], shifts: 1 },
    });
    const late = await prove(shifted, { open: { joints, doubles: 2 }, left: 4 });
    expect(late).toMatchObject({ verdict: "gapped", isEnd: false, requests: "7 1", repairs: [] });
    expect(late.crawl.open).not.toBeNull();
  });

  it("make the report uncertain when one of their offers stands on two of them", async () => {
    const doubled = await prove({ ...shifted, 4: ["ka"] }, { open: { joints, doubles: 2 } });
    expect(doubled.crawl.doubts).toEqual(["doubled"]);
    expect((await prove(shifted, { open: { joints, doubles: 3 } })).crawl.doubts).toEqual(["doubled"]);
  });

  it("are void when the list moves again meanwhile", async () => {
    const moved = await prove({ ...shifted, 7: ["zef", "ef"] }, { open: { joints, doubles: 2 } });
    expect(moved).toMatchObject({ ...failed, crawl: { voidParts: [1] } });
  });
});

describe("the page behind the end of the list", () => {
  const still = { 7: ["ef"], 1: ["tu"] };

  it("is the end when it has no offers of its own, or only new or known ones", async () => {
    for (const ids of ["", "tu", "ef", "XY", "eX"])
      expect(await prove({ ...still, 8: [ids] })).toMatchObject({
        ...proved,
        crawl: { notes: [], doubts: [] },
      });
  });

  it("continues the crawl, with a remark, when it has an older one", async () => {
    expect(
      await prove({ ...still, 8: ["Xy"] }, { crawl: { expectedPages: 7, extensions: 2 } }),
    ).toMatchObject({
      isEnd: false,
      crawl: { notes: ["contradicted"], nextPage: 8, expectedPages: null, extensions: 3, doubts: [] },
    });
  });

  it("ends the crawl, which is uncertain, at the fourth time", async () => {
    expect(await prove({ ...still, 8: ["Xy"] }, { crawl: { extensions: 3 } })).toMatchObject({
      isEnd: true,
      crawl: { notes: ["contradicted"], doubts: ["restless"], extensions: 3 },
    });
  });
});
