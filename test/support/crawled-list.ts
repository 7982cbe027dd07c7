import { createDuplicateCheck } from "../../functions/core/crawl/consistency-check.ts";
import { addAnomaly, beginCrawl, type CrawlState } from "../../functions/core/crawl/crawl-state.ts";
import { makeOfferPage, type OfferPage, type PageReader } from "../../functions/core/crawl/offer-page.ts";
import { readWindow } from "../../functions/core/crawl/read-window.ts";

/** Draws whole numbers from 0 to below `most`. */
export type DrawNumber = (most: number) => number;

/** A list that changes between any two requests, and remembers which offers it ever held. */
export type CrawledList = {
  ids: string[];
  /** Every offer that was there from the first request on. */
  begun: Set<string>;
  /** Every offer there ever was, and the era that it came in: how many windows had been read. */
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

/** How a list changes: new offers enter at the end that is named, and offers are deleted anywhere. */
export type ListSettings = {
  size: number;
  pageSize: number;
  perWindow: number;
  grows: "near" | "far";
  changesPerMille: number;
};

/** Changes the list, or not, within the assumptions of the crawl's promise; some changes are of several offers. */
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

/** A check spans two windows at most: what came in them is not deleted yet. */
function removeSettled(list: CrawledList, index: number): void {
  const era = list.ever.get(list.ids[index] ?? "");
  if (era !== undefined && era <= list.era - 2) removeOffer(list, index);
}

/** The offers that were there all the time and were not collected. */
export function listUncollected({ list, collected }: { list: CrawledList; collected: string[] }): string[] {
  const seen = new Set(collected);
  return [...list.begun].filter((id) => !list.removed.has(id) && !seen.has(id));
}

/** When a crawl begins. */
const startedMs = Date.parse("2026-01-31T12:00:00Z");

/** mulberry32 */
export function createRandom(seed: number): DrawNumber {
  let state = seed;
  return (most) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % most;
  };
}

type World = {
  list: CrawledList;
  draw: DrawNumber;
  pageSize: number;
  perWindow: number;
  change: () => void;
  expectedPages?: number;
  /** How many windows in a thousand are lost after they were read, and read again. */
  crashesPerMille?: number;
  /** What the portal makes of the page that it is asked for. */
  twist?: (page: OfferPage) => OfferPage;
};

/** The page as the list has it at this moment. */
export function showListPage({ ids, begun }: CrawledList, pageSize: number, number: number): OfferPage {
  const shown = ids.slice((number - 1) * pageSize, number * pageSize);
  return makeOfferPage(
    number,
    shown.map((id) => ({ id, createdAt: begun.has(id) ? "2025-06-01T09:00:00Z" : "2026-01-31T12:10:00Z" })),
    number * pageSize >= ids.length,
  );
}

/** A reader whose requests meet the list in any order where it may choose; `looks` takes what they showed. */
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
  /** As the portal's reader does: pages in the midst of the list are asked for again where they have no rows. */
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

/** Ten at once: each request may be overtaken by the next nine. */
function shuffleNear(numbers: number[], draw: DrawNumber): number[] {
  const waiting = [...numbers];
  const order: number[] = [];
  while (waiting.length > 0) order.push(...waiting.splice(draw(Math.min(10, waiting.length)), 1));
  return order;
}

/** A window that counts: the crawl before it, and every page it was shown, in order. */
export type WindowTrace = { begun: CrawlState; looks: OfferPage[] };

export type CrawlOutcome = {
  crawl: CrawlState;
  collected: string[];
  /** The parts that count and hold one window, which was proved. */
  windows: OfferPage[][];
  visits: WindowTrace[];
  list: CrawledList;
};

/** Crawls the list to its end; what was collected stands in its order, each offer once. */
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
  return { crawl, collected, windows, visits, list };
}

/** As the step after the last window does. */
function checkDoubles(crawl: CrawlState, written: Map<number, OfferPage[]>): CrawlState {
  const check = createDuplicateCheck(crawl);
  for (const part of [...written.keys()].filter((number) => !crawl.voidParts.includes(number)))
    check.addPart(part, written.get(part)?.flatMap(({ ids }) => ids) ?? []);
  return check.isDoubled() && crawl.doubts.length === 0 ? addAnomaly(crawl, "doubled") : crawl;
}

/** The parts that count; each that the crawl tells of must have been written. */
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
