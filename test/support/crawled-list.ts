import { createDuplicateCheck } from "../../functions/core/crawl/consistency-check.ts";
import { addAnomaly, beginCrawl, type CrawlState } from "../../functions/core/crawl/crawl-state.ts";
import { makeOfferPage, type OfferPage, type PageReader } from "../../functions/core/crawl/offer-page.ts";
import { readWindow } from "../../functions/core/crawl/read-window.ts";

/** Draws a whole number from 0 to `max` - 1. */
export type DrawNumber = (max: number) => number;

/** A list that changes between requests and remembers every offer it has held. */
export type CrawledList = {
  ids: string[];
  /** The ids of the offers that were in the list at the first request. */
  begun: Set<string>;
  /**
   * Maps the id of every offer that was ever in the list to a number: how many windows of the rate limit were read
   * before the offer was added. The number is -Infinity for the offers of the first list.
   */
  ever: Map<string, number>;
  removed: Set<string>;
  era: number;
  requests: number;
};

export function openCrawledList(size: number): CrawledList {
  const ids = Array.from({ length: size }, (_, index) => `a${index}`);
  const ever = new Map(ids.map((id) => [id, -Infinity]));
  return { ids, begun: new Set(ids), ever, removed: new Set(), era: 0, requests: 0 };
}

export function insertOffer(list: CrawledList, index: number): void {
  const id = `b${list.ever.size}`;
  list.ever.set(id, list.era);
  list.ids.splice(index, 0, id);
}

export function removeOffer(list: CrawledList, index: number): void {
  const [id] = list.ids.splice(index, 1);
  if (id !== undefined) list.removed.add(id);
}

/**
 * How a list changes. New offers are added at one end: `grows` is "near" for page 1 and "far" for the last page.
 * Offers are deleted anywhere.
 */
export type ListSettings = {
  size: number;
  pageSize: number;
  perWindow: number;
  grows: "near" | "far";
  changesPerMille: number;
};

/**
 * Changes the list with the probability `changesPerMille`, within the assumptions of the crawl's guarantee. One
 * change can add or delete several offers.
 */
export function changeWithinPromise(
  list: CrawledList,
  { grows, changesPerMille }: ListSettings,
  draw: DrawNumber,
): void {
  if (draw(1000) >= changesPerMille) return;
  const inserts = draw(2) === 0;
  const offers = draw(4) === 0 ? 1 + draw(4) : 1;
  for (let offer = 0; offer < offers; offer += 1) {
    if (inserts) insertOffer(list, grows === "near" ? 0 : list.ids.length);
    else removeSettled(list, draw(Math.max(1, list.ids.length)));
  }
}

/**
 * Deletes an offer. Keeps the offers that were added in the current or the previous window of the rate limit, because
 * a consistency check spans at most two windows.
 */
function removeSettled(list: CrawledList, index: number): void {
  const era = list.ever.get(list.ids[index] ?? "");
  if (era !== undefined && era <= list.era - 2) removeOffer(list, index);
}

/** Lists the offers that stayed in the list during the whole crawl and were not collected. */
export function listUncollected({ list, collected }: { list: CrawledList; collected: string[] }): string[] {
  const seen = new Set(collected);
  return [...list.begun].filter((id) => !list.removed.has(id) && !seen.has(id));
}

/** The time at which a crawl begins. */
const startedMs = Date.parse("2026-01-31T12:00:00Z");

/** Returns the random number generator mulberry32: the same seed gives the same numbers. */
export function createRandom(seed: number): DrawNumber {
  let state = seed;
  return (max) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % max;
  };
}

type World = {
  list: CrawledList;
  draw: DrawNumber;
  pageSize: number;
  perWindow: number;
  change: () => void;
  expectedPages?: number;
  /** Of 1,000 windows of the rate limit, this many are lost after their pages were read, and are read again. */
  crashesPerMille?: number;
  /** Changes a page before the portal answers with it. */
  twist?: (page: OfferPage) => OfferPage;
};

/** Returns the page with this number, as the list is at this moment. */
export function showListPage({ ids, begun }: CrawledList, pageSize: number, number: number): OfferPage {
  const shown = ids.slice((number - 1) * pageSize, number * pageSize);
  return makeOfferPage(
    number,
    shown.map((id) => ({ id, createdAt: begun.has(id) ? "2025-06-01T09:00:00Z" : "2026-01-31T12:10:00Z" })),
    number * pageSize >= ids.length,
  );
}

/**
 * Opens a reader of the list's pages. Requests that run in parallel reach the list in random order. `looks` collects
 * the answers.
 */
function openReader(app: World, looks: OfferPage[]): PageReader {
  const { list, draw, pageSize, perWindow, change, twist = (page) => page } = app;
  let left = perWindow;
  const ask = (number: number) => {
    left -= 1;
    list.requests += 1;
    change();
    const page = twist(showListPage(list, pageSize, number));
    looks.push(page);
    return page;
  };
  /**
   * Requests a page. Requests it again, at most twice, when it has no rows. The real reader does the same with a page
   * that it expects.
   */
  const askExpected = (number: number) => {
    let page = ask(number);
    for (let tries = 1; tries < 3 && page.ids.length === 0; tries += 1) page = ask(number);
    return page;
  };
  return {
    readPage: async (number) => ask(number),
    async readPages(numbers) {
      const pages = shuffleNear(numbers, draw).map(askExpected);
      return pages.toSorted((a, b) => a.number - b.number);
    },
    left: () => left,
  };
}

/** Shuffles the numbers of pages as ten parallel requests would: the next number is one of the first ten that wait. */
function shuffleNear(numbers: number[], draw: DrawNumber): number[] {
  const waiting = [...numbers];
  const order: number[] = [];
  while (waiting.length > 0) order.push(...waiting.splice(draw(Math.min(10, waiting.length)), 1));
  return order;
}

/**
 * A window of the rate limit that was not lost in a crash: the crawl's state before the window, and the pages that
 * were read in it, in order.
 */
export type WindowTrace = { begun: CrawlState; looks: OfferPage[] };

export type CrawlOutcome = {
  crawl: CrawlState;
  collected: string[];
  /**
   * The pages of some parts of the snapshot: parts that are not void and hold the pages of exactly one window of the
   * rate limit. The consistency check of that window has passed.
   */
  windows: OfferPage[][];
  /** The pages of the void parts. */
  voided: OfferPage[];
  visits: WindowTrace[];
  list: CrawledList;
};

/** Crawls the list to its end. `collected` lists each offer once, in the list's order. */
export async function crawlChangingList(app: World): Promise<CrawlOutcome> {
  const { list, draw, expectedPages = null, crashesPerMille = 0 } = app;
  const written = new Map<number, OfferPage[]>();
  const visits: WindowTrace[] = [];
  const mending: number[] = [];
  let crawl: CrawlState = { ...beginCrawl({ windowMs: 60_000, reserve: 0, expectedPages }), startedMs };
  while (!crawl.done) {
    const looks: OfferPage[] = [];
    const read = await readWindow(crawl, openReader(app, looks));
    if (read.pages.length > 0) written.set(read.crawl.parts, read.pages);
    if (crashesPerMille > 0 && draw(1000) < crashesPerMille) continue;
    visits.push({ begun: crawl, looks });
    crawl = read.crawl;
    if (crawl.open === null ? !crawl.done : crawl.open.mends) mending.push(crawl.parts);
    list.era += 1;
  }
  const parts = listParts(crawl, written);
  const collected = listCollected(parts);
  crawl = checkDoubles(crawl, written);
  const windows = listParts({ ...crawl, voidParts: [...crawl.voidParts, ...mending] }, written);
  const voided = crawl.voidParts.flatMap((part) => written.get(part) ?? []);
  return { crawl, collected, windows, voided, visits, list };
}

/** Looks for duplicates in all parts of the snapshot, as the workflow does after the last window of the rate limit. */
function checkDoubles(crawl: CrawlState, written: Map<number, OfferPage[]>): CrawlState {
  const check = createDuplicateCheck(crawl);
  for (const part of [...written.keys()].filter((number) => !crawl.voidParts.includes(number)))
    check.addPart(part, written.get(part)?.flatMap(({ ids }) => ids) ?? []);
  return check.isDoubled() && crawl.doubts.length === 0 ? addAnomaly(crawl, "doubled") : crawl;
}

/** Returns the pages of each part of the snapshot that is not void. Throws when such a part was never written. */
export function listParts(
  { parts, voidParts }: CrawlState,
  written: Map<number, OfferPage[]>,
): OfferPage[][] {
  const numbers = Array.from({ length: parts }, (_, index) => index + 1);
  return numbers
    .filter((number) => !voidParts.includes(number))
    .map((number) => {
      const pages = written.get(number);
      if (pages === undefined) throw new Error(`part ${number} was never written`);
      return pages;
    });
}

export function listCollected(parts: OfferPage[][]): string[] {
  return [...new Set(parts.flatMap((pages) => pages.flatMap(({ ids }) => ids)))];
}
