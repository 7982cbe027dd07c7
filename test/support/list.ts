import { beginCrawl, type Crawl } from "../../functions/core/crawl.ts";
import { makePage, type Page } from "../../functions/core/page.ts";
import type { Reader } from "../../functions/core/reader.ts";
import { readWindow } from "../../functions/core/window.ts";

/** Draws whole numbers from 0 to below `most`. */
export type Draw = (most: number) => number;

/** A list that changes between any two requests, and remembers which offers it ever held. */
export type LivingList = {
  ids: string[];
  /** Every offer that was there from the first request on. */
  begun: Set<string>;
  ever: Set<string>;
  removed: Set<string>;
  requests: number;
};

export function openList(size: number): LivingList {
  const ids = Array.from({ length: size }, (_, index) => `a${index}`);
  return { ids, begun: new Set(ids), ever: new Set(ids), removed: new Set(), requests: 0 };
}

export function insertOffer(list: LivingList, index: number): void {
  const id = `b${list.ever.size}`;
  list.ever.add(id);
  list.ids.splice(index, 0, id);
}

export function removeOffer(list: LivingList, index: number): void {
  const [id] = list.ids.splice(index, 1);
  if (id !== undefined) list.removed.add(id);
}

/** How a list changes: new offers enter at the end that is named, and offers of the beginning are deleted anywhere. */
export type Setting = {
  size: number;
  pageSize: number;
  perWindow: number;
  grows: "near" | "far";
  changesPerMille: number;
};

/** Changes the list, or not, within the assumptions of the crawl's promise. */
export function changeFairly(list: LivingList, { grows, changesPerMille }: Setting, draw: Draw): void {
  if (draw(1000) >= changesPerMille) return;
  if (draw(2) === 0) return insertOffer(list, grows === "near" ? 0 : list.ids.length);
  const index = draw(Math.max(1, list.ids.length));
  if (list.begun.has(list.ids[index] ?? "")) removeOffer(list, index);
}

/** The offers that were there all the time and were not collected. */
export function listMissing({ list, collected }: Outcome): string[] {
  const seen = new Set(collected);
  return [...list.begun].filter((id) => !list.removed.has(id) && !seen.has(id));
}

/** mulberry32 */
export function makeDraw(seed: number): Draw {
  let state = seed;
  return (most) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % most;
  };
}

type World = { list: LivingList; draw: Draw; pageSize: number; perWindow: number; change: () => void };

function readPage({ list, pageSize, change }: World, number: number): Page {
  list.requests += 1;
  change();
  const ids = list.ids.slice((number - 1) * pageSize, number * pageSize);
  return makePage(
    number,
    ids.map((id) => ({ id })),
    number * pageSize >= list.ids.length,
  );
}

/** A reader whose requests meet the list in any order where it may choose. */
function openReader(world: World): Reader {
  let left = world.perWindow;
  const ask = (number: number) => {
    left -= 1;
    return readPage(world, number);
  };
  return {
    readPage: async (number) => ask(number),
    async readPages(numbers) {
      const pages = shuffleNear(numbers, world.draw).map(ask);
      return pages.toSorted((a, b) => a.number - b.number);
    },
    left: () => left,
  };
}

/** Eight at once: each request may be overtaken by the next seven. */
function shuffleNear(numbers: number[], draw: Draw): number[] {
  const waiting = [...numbers];
  const order: number[] = [];
  while (waiting.length > 0) order.push(...waiting.splice(draw(Math.min(8, waiting.length)), 1));
  return order;
}

export type Outcome = { crawl: Crawl; collected: string[]; list: LivingList };

/** Crawls the list to its end; what was collected stands in its order, each offer once. */
export async function crawlList(world: World): Promise<Outcome> {
  const parts = new Map<number, Page[]>();
  let crawl = beginCrawl({ windowMs: 60_000, reserve: 0 });
  while (!crawl.done) {
    const read = await readWindow(crawl, openReader(world));
    crawl = read.crawl;
    if (read.pages.length > 0) parts.set(crawl.parts, read.pages);
  }
  const valid = [...parts].filter(([part]) => !crawl.voidParts.includes(part)).flatMap(([, pages]) => pages);
  return { crawl, collected: [...new Set(valid.flatMap(({ ids }) => ids))], list: world.list };
}
