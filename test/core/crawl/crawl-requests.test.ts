import { describe, expect, it } from "vitest";
import { makeOfferPage, type OfferPage } from "../../../functions/core/crawl/offer-page.ts";
import { runCrawlScenario } from "../../support/crawl-scenarios.ts";
import {
  crawlChangingList,
  type CrawledList,
  insertOffer,
  openCrawledList,
  removeOffer,
} from "../../support/crawled-list.ts";

/** The requests of whole crawls: which pages each window reads, in which order, and what the crawl knows at its end. */

const near = (list: CrawledList) => insertOffer(list, 0);
const far = (list: CrawledList) => insertOffer(list, list.ids.length);
const first = (list: CrawledList) => removeOffer(list, 1);
const pageOf = (number: number, ids: string[]) =>
  makeOfferPage(
    number,
    ids.map((id) => ({ id, createdAt: "2025-06-01T09:00:00Z" })),
    true,
  );
const quiet = { doubts: [], notes: [], voidParts: [], shifts: 0, entered: 0, grows: null, rereads: [] };

describe("a quiet list", () => {
  it("reads each page once, and proves each window by its probe page and page 1", async () => {
    expect(await runCrawlScenario({ size: 75 })).toEqual({
      windows: ["1 7 1 2 3 4 5 6", "13 7 1 8 9 10 11 12", "19 16 14 15 13 1 14", "15 1 16"],
      missing: [],
      extra: [],
      state: { ...quiet, parts: 3, offers: 75 },
    });
  });

  it("looks for the end where it was the last time", async () => {
    expect(await runCrawlScenario({ size: 75, expectedPages: 15 })).toEqual({
      windows: ["1 7 1 2 3 4 5 6", "13 7 1 8 9 10 11 12", "15 16 13 1 14 15 1 16"],
      missing: [],
      extra: [],
      state: { ...quiet, parts: 3, offers: 75 },
    });
  });

  it("goes on behind an end that is too early", async () => {
    expect(await runCrawlScenario({ size: 75, expectedPages: 4 })).toEqual({
      windows: ["1 4 5 1 2 3 4", "11 5 1 6 7 8 9 10", "17 14 15 16 13 11 1 12", "15 16 13 1 14 15 1 16"],
      missing: [],
      extra: [],
      state: { ...quiet, parts: 4, offers: 75 },
    });
  });

  it("goes back from an end that is too late", async () => {
    expect(await runCrawlScenario({ size: 20, expectedPages: 6 })).toEqual({
      windows: ["1 6 5 3 4 1 2 3", "4 1 5"],
      missing: [],
      extra: [],
      state: { ...quiet, parts: 1, offers: 20 },
    });
  });

  it("of one page takes four requests", async () => {
    expect(await runCrawlScenario({ size: 4 })).toEqual({
      windows: ["1 2 2 1"],
      missing: [],
      extra: [],
      state: { ...quiet, parts: 1, offers: 4 },
    });
  });

  it("without offers takes four requests", async () => {
    expect(await runCrawlScenario({ size: 0 })).toEqual({
      windows: ["1 2 2 1"],
      missing: [],
      extra: [],
      state: { ...quiet, parts: 1, offers: 0 },
    });
  });
});

describe("a list of one page", () => {
  it("is read again when it changes meanwhile", async () => {
    expect(await runCrawlScenario({ size: 4, changes: { 4: near } })).toEqual({
      windows: ["1 2 2 1 2 1"],
      missing: [],
      extra: [],
      state: { ...quiet, parts: 1, offers: 5, entered: 1, grows: "near" },
    });
  });

  it("goes on when it grows by a page", async () => {
    expect(await runCrawlScenario({ size: 5, changes: { 4: far } })).toEqual({
      windows: ["1 2 2 1 4 2 3 1", "2 1 3"],
      missing: [],
      extra: [],
      state: { ...quiet, parts: 1, offers: 6, grows: "far" },
    });
  });

  it("goes on, with a remark, when it only seemed to end", async () => {
    expect(
      await runCrawlScenario({
        size: 12,
        twist: (page, list) => (page.number === 1 && list.requests < 3 ? { ...page, isLast: true } : page),
      }),
    ).toEqual({
      windows: ["1 2 1 5 2 3 4 1", "3 4 1 1 2 3 1 4"],
      missing: [],
      extra: [],
      state: {
        ...quiet,
        notes: ["contradicted"],
        parts: 2,
        offers: 17,
        grows: "far",
        rereads: [{ part: 2, offers: 5, isMend: false }],
      },
    });
  });

  const wrongOnce: [string, (page: OfferPage, list: CrawledList) => OfferPage][] = [
    ["has no rows", ({ number }) => pageOf(number, [])],
    ["has no rows and announces a page", ({ number }) => makeOfferPage(number, [], false)],
    ["repeats page 1", ({ number }, { ids }) => pageOf(number, ids.slice(0, 5))],
  ];

  it.each(wrongOnce)(
    "is not believed when page 1 always says that it is the last and page 2 %s once",
    async (_title, wrong) => {
      for (const size of [6, 30]) {
        const { missing, state } = await runCrawlScenario({
          size,
          twist: (page, list) => {
            if (page.number === 2 && list.requests === 2) return wrong(page, list);
            return page.number === 1 ? { ...page, isLast: true } : page;
          },
        });
        expect({ missing, doubts: state.doubts, notes: state.notes }).toEqual({
          missing: [],
          doubts: [],
          notes: ["contradicted"],
        });
      }
    },
  );

  it("is uncertain when it changes at each look", async () => {
    expect(await runCrawlScenario({ size: 4, pageSize: 9, changes: { 4: near, 6: near, 8: near } })).toEqual({
      windows: ["1 2 2 1 2 1 2 1"],
      missing: [],
      extra: [],
      state: { ...quiet, doubts: ["restless"], parts: 1, offers: 7, entered: 3, grows: "near" },
    });
  });
});

describe("an answer for the last page that lacks its last offer", () => {
  it.each([5, 20])("is not believed when the page always announces another: %i offers", async (size) => {
    const lastPage = size / 5;
    const announced = (page: OfferPage) => (page.ids.length > 0 ? { ...page, isLast: false } : page);
    const run = async (wrongAt: number) => {
      let requests = 0;
      return await runCrawlScenario({
        size,
        perWindow: 30,
        twist: (page) => {
          if (page.number === lastPage) requests += 1;
          const isWrong = page.number === lastPage && requests === wrongAt;
          return announced(isWrong ? makeOfferPage(page.number, page.offers.slice(0, -1), false) : page);
        },
      });
    };
    for (let wrongAt = 1; wrongAt <= 6; wrongAt += 1) {
      const { missing, state } = await run(wrongAt);
      expect(state.doubts.length === 0 ? missing : []).toEqual([]);
    }
  });

  it("is not believed when a deletion makes the page the last one", async () => {
    const { missing, state } = await runCrawlScenario({
      size: 3,
      pageSize: 2,
      changes: { 5: first },
      twist: (page, list) => (list.requests === 4 ? { ...page, isLast: true } : page),
    });
    expect(state.doubts.length === 0 ? missing : []).toEqual([]);
  });
});

describe("a deleted offer", () => {
  it("makes its window be read again, from one page before", async () => {
    expect(await runCrawlScenario({ size: 75, changes: { 12: first } })).toEqual({
      windows: [
        "1 7 1 2 3 4 5 6",
        "13 7 1 8 9 10 11 12",
        "19 16 14 15 13 1",
        "12 7 6 1 8 9 10 11",
        "18 15 16 12 1 13 14",
        "15 1 16",
      ],
      missing: [],
      extra: ["a1"],
      state: {
        ...quiet,
        voidParts: [2],
        parts: 4,
        offers: 79,
        shifts: 1,
        rereads: [{ part: 3, offers: 5, isMend: false }],
      },
    });
  });

  it("makes the last window be read again", async () => {
    expect(await runCrawlScenario({ size: 75, changes: { 22: first } })).toEqual({
      windows: [
        "1 7 1 2 3 4 5 6",
        "13 7 1 8 9 10 11 12",
        "19 16 14 15 13 1 14",
        "15 1 15 16 13 12 1 14",
        "15 1 16",
      ],
      missing: [],
      extra: ["a1"],
      state: {
        ...quiet,
        voidParts: [3],
        parts: 4,
        offers: 79,
        shifts: 1,
        rereads: [{ part: 4, offers: 5, isMend: false }],
      },
    });
  });

  it("leaves the pages that showed it in a void part, also those of the last window", async () => {
    for (const perWindow of [8, 40]) {
      const list = openCrawledList(75);
      const change = () => (list.requests === 12 ? first(list) : undefined);
      const crawl = { list, draw: () => 0, pageSize: 5, perWindow, change };
      const { voided, crawl: end } = await crawlChangingList(crawl);
      expect(end.voidParts).toHaveLength(1);
      expect(voided.length).toBeGreaterThan(0);
    }
  });

  it("together with a new one is not mistaken for a shift", async () => {
    expect(
      await runCrawlScenario({
        size: 150,
        perWindow: 20,
        changes: { 6: near, 9: (list) => removeOffer(list, 70) },
      }),
    ).toEqual({
      windows: [
        "1 19 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18",
        "37 28 32 30 31 19 1 19 1 11 1 2 3 4 5 6 7 8 9 10",
        "29 11 1 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28",
        "47 38 33 31 30 29 1 30 1 31",
      ],
      missing: [],
      extra: [],
      state: { ...quiet, voidParts: [1], parts: 4, offers: 150, shifts: 1, entered: 1, grows: "near" },
    });
  });

  it("makes each try fail when it happens in each", async () => {
    expect(
      await runCrawlScenario({
        size: 75,
        changes: { 4: first, 10: first, 11: first, 17: first, 18: first, 25: first },
      }),
    ).toEqual({
      windows: [
        "1 7 1 2 3 4 5 6",
        "13 7 1 5 1 2 3 4",
        "11 5 1 5 1 2 3 4",
        "11 5 1 8 5 1 6 7",
        "14 15 12 8 1 9 10 11",
        "14 15 12 1 13 14 1 15",
      ],
      missing: ["a25"],
      extra: ["a6"],
      state: { ...quiet, doubts: ["restless"], voidParts: [1, 2], parts: 6, offers: 69, shifts: 3 },
    });
  });
});

describe("a new offer", () => {
  it("shifts the list, which costs a reference frame", async () => {
    expect(await runCrawlScenario({ size: 75, changes: { 6: near } })).toEqual({
      windows: ["1 7 1 2 3 4 5 6", "13 7 1 10 7 1 8 9", "16 17 14 10 1 11 12 13", "16 17 14 1 15 16 1 17"],
      missing: ["b75"],
      extra: [],
      state: { ...quiet, parts: 4, offers: 76, shifts: 1, entered: 1, grows: "near" },
    });
  });

  it("twice in a window is explained by the overlaps of its pages", async () => {
    expect(await runCrawlScenario({ size: 150, perWindow: 20, changes: { 5: near, 14: near } })).toEqual({
      windows: [
        "1 19 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18",
        "37 28 32 30 31 19 1 30 19 1 20 21 22 23 24 25 26 27 28 29",
        "48 39 34 32 31 30 1 31 1 32",
      ],
      missing: ["b151", "b150"],
      extra: [],
      state: { ...quiet, parts: 3, offers: 152, shifts: 1, entered: 2, grows: "near" },
    });
  });

  it("during the reference frame makes that be taken again", async () => {
    expect(await runCrawlScenario({ size: 75, changes: { 6: near, 12: near, 15: near } })).toEqual({
      windows: [
        "1 7 1 2 3 4 5 6",
        "13 7 1 10 7 1 8 7 1 8 7 1",
        "14 8 1 9 10 11 12 13",
        "20 17 15 16 14 1 15",
        "16 1 17",
      ],
      missing: ["b77", "b76", "b75"],
      extra: [],
      state: { ...quiet, parts: 4, offers: 78, shifts: 1, entered: 3, grows: "near" },
    });
  });

  it("at each look keeps a window without a frame, which cannot be proved", async () => {
    expect(
      await runCrawlScenario({
        size: 75,
        changes: { 6: near, 11: near, 14: near, 17: near, 20: near, 23: near },
      }),
    ).toEqual({
      windows: [
        "1 7 1 2 3 4 5 6",
        "13 7 1 7 1 8 7 1 8 7 1 8 7 1",
        "14 8 1 9 7 1 8",
        "15 9 1 10 11 12 13 14",
        "21 18 16 17 15 1 16",
        "17 1 18",
      ],
      missing: ["b80", "b79", "b78", "b77", "b76", "b75"],
      extra: [],
      state: { ...quiet, voidParts: [2], parts: 5, offers: 81, shifts: 2, entered: 6, grows: "near" },
    });
  });

  it("at the end of the last window is pushed into the report", async () => {
    expect(await runCrawlScenario({ size: 75, changes: { 20: near } })).toEqual({
      windows: [
        "1 7 1 2 3 4 5 6",
        "13 7 1 8 9 10 11 12",
        "19 16 14 15 16 17 14 13 1",
        "16 17 13 1 14 15",
        "16 1 17",
      ],
      missing: ["b75"],
      extra: [],
      state: {
        ...quiet,
        notes: ["contradicted"],
        parts: 3,
        offers: 76,
        shifts: 1,
        entered: 1,
        grows: "near",
      },
    });
  });

  it("at the far end is not needed", async () => {
    expect(await runCrawlScenario({ size: 75, changes: { 24: far } })).toEqual({
      windows: ["1 7 1 2 3 4 5 6", "13 7 1 8 9 10 11 12", "19 16 14 15 13 1 14", "15 1 16"],
      missing: ["b75"],
      extra: [],
      state: { ...quiet, parts: 3, offers: 75, grows: "far" },
    });
  });
});

describe("a full page of new offers", () => {
  it("hides page 1", async () => {
    expect(
      await runCrawlScenario({
        size: 75,
        changes: {
          9: (list) => {
            for (let n = 0; n < 5; n += 1) near(list);
          },
        },
      }),
    ).toEqual({
      windows: [
        "1 7 1 2 3 4 5 6",
        "13 7 1 5 1 2 3 4",
        "11 5 1 6 7 8 9 10",
        "17 14 15 16 13 11 1 12",
        "16 17 13 1 14 15",
        "16 1 17",
      ],
      missing: [],
      extra: [],
      state: { ...quiet, doubts: ["restless"], voidParts: [1], parts: 5, offers: 80, shifts: 1 },
    });
  });
});

describe("a page in the middle", () => {
  it("that says that it is the last is contradicted, with a remark", async () => {
    expect(
      await runCrawlScenario({
        size: 75,
        twist: (page) => (page.number === 5 ? { ...page, isLast: true } : page),
      }),
    ).toEqual({
      windows: ["1 7 1 2 3 4 5 6 7", "13 7 1 8 9 10 11 12", "19 16 14 15 13 1 14", "15 1 16"],
      missing: [],
      extra: [],
      state: { ...quiet, notes: ["contradicted"], parts: 3, offers: 75 },
    });
  });

  it("that says so in the only window is contradicted, too", async () => {
    expect(
      await runCrawlScenario({
        size: 30,
        perWindow: 20,
        twist: (page) => (page.number === 3 ? { ...page, isLast: true } : page),
      }),
    ).toEqual({
      windows: ["1 19 9 4 6 7 1 2 3 4 5 6 6 1 7"],
      missing: [],
      extra: [],
      state: { ...quiet, notes: ["contradicted"], parts: 1, offers: 30 },
    });
  });
});

describe("the last page", () => {
  it("may announce another one, with a remark", async () => {
    expect(
      await runCrawlScenario({
        size: 30,
        perWindow: 20,
        twist: (page) => (page.number === 6 ? { ...page, isLast: false } : page),
      }),
    ).toEqual({
      windows: ["1 19 9 4 6 7 7 7 7 6 1 2 3 4 5 6 1 7"],
      missing: [],
      extra: [],
      state: { ...quiet, notes: ["contradicted"], parts: 1, offers: 30 },
    });
  });

  it("makes the report uncertain when page 1 comes again behind it", async () => {
    expect(
      await runCrawlScenario({
        size: 30,
        perWindow: 20,
        twist: (page, list) =>
          page.number < 6
            ? page
            : page.number === 6
              ? { ...page, isLast: false }
              : { ...pageOf(page.number, list.ids.slice(0, 5)), isLast: false },
      }),
    ).toEqual({
      windows: ["1 19 2 10 6 8 7 7 6 1 1 2 3 4 5 6 1 7"],
      missing: [],
      extra: [],
      state: { ...quiet, doubts: ["doubled"], parts: 1, offers: 30 },
    });
  });

  it("is not the end when later pages show older offers at the last look", async () => {
    expect(
      await runCrawlScenario({
        size: 30,
        perWindow: 20,
        twist: (page, list) => (page.number === 7 && list.requests > 12 ? pageOf(7, ["x", "y"]) : page),
      }),
    ).toEqual({
      windows: ["1 19 9 4 6 7 1 2 3 4 5 6 1 7", "24 15 10 8 7 6 1 7 7 1 8"],
      missing: [],
      extra: ["x", "y"],
      state: {
        ...quiet,
        notes: ["contradicted"],
        parts: 2,
        offers: 37,
        rereads: [{ part: 2, offers: 5, isMend: false }],
      },
    });
  });
});
