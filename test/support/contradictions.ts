import type { OfferPage } from "../../functions/core/crawl/offer-page.ts";
import type { CrawlOutcome, WindowTrace } from "./crawled-list.ts";

type Looks = { before: string[]; after: string[] };

/**
 * True when the pages that a crawl read contradict an assumption of the crawl's guarantee. There are three cases:
 * offers changed their order; new offers appeared between others or at both ends; or one window of the rate limit
 * shows an offer twice, on one page or on two pages that are not neighbours.
 */
export function hasContradiction({ visits, windows }: CrawlOutcome): boolean {
  const looks = visits.flatMap(listLooks);
  const isTwosided = visits.some(growsNear) && visits.some(growsFar);
  return isTwosided || looks.some(isDisordered) || looks.some(isInvaded) || windows.some(isScattered);
}

/**
 * Pairs each page that was read with the previous answer for the same page. When it is the first answer for the page,
 * the previous one comes from the crawl's state, if the state has it.
 */
function listPairs({ begun, looks }: WindowTrace): [OfferPage, OfferPage][] {
  const last = new Map<number, OfferPage>();
  const remember = (number: number, ids: string[], isLast: boolean) =>
    last.set(number, { number, ids, isLast, isMiscounted: false, offers: [] });
  if (begun.topIds !== null) remember(1, begun.topIds, false);
  if (begun.open !== null) remember(begun.open.farPage, begun.open.farIds, begun.open.isLast);
  return looks.flatMap((page): [OfferPage, OfferPage][] => {
    const before = last.get(page.number);
    last.set(page.number, page);
    return before === undefined ? [] : [[before, page]];
  });
}

function listLooks(visit: WindowTrace): Looks[] {
  return listPairs(visit).map(([before, after]) => ({ before: before.ids, after: after.ids }));
}

function isDisordered({ before, after }: Looks): boolean {
  const stayed = after.filter((id) => before.includes(id));
  return stayed.join() !== before.filter((id) => after.includes(id)).join();
}

function isInvaded({ before, after }: Looks): boolean {
  return after.some(
    (id, index) =>
      !before.includes(id) &&
      after.slice(0, index).some((other) => before.includes(other)) &&
      after.slice(index).some((other) => before.includes(other)),
  );
}

function growsNear(visit: WindowTrace): boolean {
  const tops = listLooks({ ...visit, looks: visit.looks.filter(({ number }) => number === 1) });
  return tops.some(({ before, after }) => {
    const first = after.find((id) => before.includes(id));
    return first !== undefined && first !== after[0];
  });
}

function growsFar(visit: WindowTrace): boolean {
  return listPairs(visit).some(([before, after]) => {
    const lastId = before.ids.at(-1);
    if (!before.isLast || lastId === undefined || !after.ids.includes(lastId)) return false;
    return after.ids.at(-1) !== lastId || !after.isLast;
  });
}

function isScattered(pages: OfferPage[]): boolean {
  return pages.some(({ number, ids }) => {
    const others = pages.filter((other) => Math.abs(other.number - number) > 1);
    return new Set(ids).size < ids.length || others.some((other) => other.ids.some((id) => ids.includes(id)));
  });
}
