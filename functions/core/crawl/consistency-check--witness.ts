import { addAnomaly, type CrawlState } from "./crawl-state.ts";
import { compareViews, type PageView } from "./consistency-check.ts";
import type { OfferPage } from "./offer-page.ts";
import type { PageReader } from "./offer-page--reader.ts";

/** A reader that compares each page with what it showed the last time, and what that says of the list. */
export type ConsistencyCheck = { reader: PageReader; testify: (crawl: CrawlState) => CrawlState };

/** It knows the pages of its window, and of the ones before page 1 and the far page. */
export function openConsistencyCheck(reader: PageReader, { topIds, open }: CrawlState): ConsistencyCheck {
  const seen = new Map<number, PageView>();
  const twice: [PageView, PageView][] = [];
  let isMiscounted = false;
  let highest: OfferPage | null = null;
  let mostRows = 0;
  if (topIds !== null) seen.set(1, { number: 1, ids: topIds, isLast: false });
  if (open !== null) {
    const { farPage: number, farIds: ids } = open;
    seen.set(number, { number, ids, isLast: open.isLast && !open.isUnclaimed });
  }

  function see(page: OfferPage): OfferPage {
    const before = seen.get(page.number);
    if (before !== undefined) twice.push([before, page]);
    seen.set(page.number, page);
    isMiscounted ||= page.isMiscounted;
    mostRows = Math.max(mostRows, page.ids.length);
    if (page.ids.length > 0 && page.number >= (highest?.number ?? 0)) highest = page;
    return page;
  }

  function testify(crawl: CrawlState): CrawlState {
    let told = isMiscounted ? addAnomaly(crawl, "miscounted") : crawl;
    for (const [before, after] of twice) told = compareViews(told, before, after);
    return noteHighest(noteEntries(compareRows(told, mostRows), crawl.entered), highest);
  }

  return {
    reader: {
      readPage: async (number) => see(await reader.readPage(number)),
      readPages: async (numbers) => (await reader.readPages(numbers)).map(see),
      left: () => reader.left(),
    },
    testify,
  };
}

/** A page in the midst of the list that is shorter than others may lack an offer. */
function compareRows(crawl: CrawlState, rows: number): CrawlState {
  const mostRows = Math.max(crawl.mostRows, rows);
  const isShort = crawl.leastRows !== null && crawl.leastRows < mostRows;
  return { ...(isShort ? addAnomaly(crawl, "miscounted") : crawl), mostRows };
}

function noteEntries(crawl: CrawlState, before: number): CrawlState {
  const { entered, parts, entries } = crawl;
  if (entered === before) return crawl;
  const others = entries.filter(({ part }) => part !== parts);
  return { ...crawl, entries: [...others, { part: parts, entered }] };
}

function noteHighest(crawl: CrawlState, page: OfferPage | null): CrawlState {
  if (page === null || page.number < (crawl.highest?.number ?? 0)) return crawl;
  return { ...crawl, highest: { number: page.number, ids: page.ids } };
}
