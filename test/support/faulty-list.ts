import { makeOfferPage, type OfferPage } from "../../functions/core/crawl/offer-page.ts";
import type { RawOffer } from "../../functions/core/offer/offer.ts";
import {
  changeWithinPromise,
  crawlChangingList,
  type DrawNumber,
  type CrawledList,
  type CrawlOutcome,
  type ListSettings,
  showListPage,
} from "./crawled-list.ts";

/**
 * Faults of a portal. A fault whose name ends with `Always` changes every answer for a page. A fault whose name
 * begins with `beyond` changes the answers for pages after the last page. `moved` moves an offer within the list. All
 * other faults change one answer: `pageBefore` and `pageOne` show another page, `firstOffer` and `newOffer` show the
 * first or the newest offer in the place of another one, and `without` lacks one offer and ends with the next page's
 * first offer.
 */
export const listFaults = [
  "empty",
  "emptyButNext",
  "last",
  "lastAlways",
  "doubledAlways",
  "moved",
  "short",
  "shortAlways",
  "miscounted",
  "miscountedAlways",
  "beyondFirst",
  "beyondLast",
  "beyondNext",
  "pageBefore",
  "pageOne",
  "firstOffer",
  "newOffer",
  "without",
] as const;
export type ListFault = (typeof listFaults)[number];

type Faulty = Pick<ListSettings, "pageSize" | "grows"> & {
  list: CrawledList;
  draw: DrawNumber;
  fault: ListFault;
};

/** `twist` changes a page. `twistedIds` lists the offers that the fault shows in place of other offers. */
type Twist = { twist: (page: OfferPage) => OfferPage; twistedIds: string[] };

/** Returns a function that makes a portal's answers faulty. The affected page and answer are chosen at random. */
function twistPages({ list, pageSize, grows, draw, fault }: Faulty): Twist {
  const pages = Math.max(1, Math.ceil(list.ids.length / pageSize));
  const target = 1 + draw(Math.min(pages + 1, 1 + draw(pages + 1)));
  const isAlways = fault.endsWith("Always");
  let left = isAlways ? Infinity : 1;
  let before = isAlways ? 0 : draw(3);
  const oddId = list.ids[draw(Math.max(1, list.ids.length))] ?? "";

  return { twist: answer, twistedIds: fault.startsWith("doubled") ? [oddId] : [] };

  function answer(page: OfferPage): OfferPage {
    if (fault.startsWith("beyond")) return twistBeyond(page);
    if (fault === "moved") return page;
    if (page.number !== target || left === 0) return page;
    if (before > 0) {
      before -= 1;
      return page;
    }
    left -= 1;
    return twistOnce(page);
  }

  function twistOnce(page: OfferPage): OfferPage {
    const { number, offers, isLast } = page;
    switch (fault) {
      case "empty":
        return makeOfferPage(number, [], true);
      case "emptyButNext":
        return makeOfferPage(number, [], false);
      case "last":
      case "lastAlways":
        return { ...page, isLast: true };
      case "doubledAlways": {
        // Shows the offer `oddId` in place of one of the offers on the page.
        if (oddId === "") return page;
        const at = draw(Math.max(1, offers.length));
        const shown = offers.map((offer, index) => (index === at ? { id: oddId } : offer));
        return makeOfferPage(number, shown, isLast);
      }
      case "short":
      case "shortAlways":
        // Shortens only a page before the last page, while the list has at least three pages. In a list of two pages,
        // nobody can tell which page is too short. Deletions may leave a list with two pages during the crawl.
        return isLast || pageSize === 1 || list.ids.length <= 2 * pageSize
          ? page
          : makeOfferPage(number, offers.slice(0, -1), isLast);
      case "miscounted":
      case "miscountedAlways":
        return makeOfferPage(number, offers.slice(1), isLast, offers.length > 0);
      case "pageBefore":
        return number === 1 ? page : { ...showListPage(list, pageSize, number - 1), number, isLast };
      case "firstOffer":
        return number === 1
          ? page
          : makeOfferPage(
              number,
              [...showListPage(list, pageSize, 1).offers.slice(0, 1), ...offers.slice(1)],
              isLast,
            );
      case "pageOne":
        return { ...showListPage(list, pageSize, 1), number, isLast };
      case "newOffer":
        return makeOfferPage(number, showNewest(offers), isLast);
      case "without": {
        const next = showListPage(list, pageSize, number + 1).offers.slice(0, 1);
        const at = draw(Math.max(1, offers.length));
        const shown = offers.filter((_offer, index) => index !== at);
        return number === 1 || next.length === 0 ? page : makeOfferPage(number, [...shown, ...next], isLast);
      }
      case "beyondFirst":
      case "beyondLast":
      case "beyondNext":
      case "moved":
        return page;
    }
  }

  function showNewest(offers: RawOffer[]): RawOffer[] {
    const numbers = [1, Math.max(1, Math.ceil(list.ids.length / pageSize))];
    const ends = numbers.flatMap((number) => showListPage(list, pageSize, number).offers);
    const newest = ends[grows === "near" ? 0 : ends.length - 1];
    const at = draw(Math.max(1, offers.length));
    return newest === undefined ? offers : offers.map((offer, index) => (index === at ? newest : offer));
  }

  function twistBeyond(page: OfferPage): OfferPage {
    if (page.ids.length > 0 || page.number === 1) return page;
    const last = Math.max(1, Math.ceil(list.ids.length / pageSize));
    if (fault === "beyondNext") return { ...page, isLast: false };
    const shown = showListPage(list, pageSize, fault === "beyondFirst" ? 1 : last);
    return { ...shown, number: page.number };
  }
}

/** Moves an offer to the end at which new offers appear, as in a list that is sorted by the last change. */
function moveOffer(list: CrawledList, grows: "near" | "far", draw: DrawNumber): void {
  const [id] = list.ids.splice(draw(Math.max(1, list.ids.length)), 1);
  if (id === undefined) return;
  if (grows === "near") list.ids.unshift(id);
  else list.ids.push(id);
}

type Run = {
  list: CrawledList;
  setting: ListSettings;
  draw: DrawNumber;
  fault: ListFault | null;
  /** Changes the list before each request, instead of `changeWithinPromise`. */
  change?: () => void;
  expectedPages?: number;
  crashesPerMille?: number;
};

/** Crawls a changing list whose portal has the fault. Returns null when nobody could notice the fault. */
export async function crawlFaultyList({
  list,
  setting,
  draw,
  fault,
  change: changeList = () => changeWithinPromise(list, setting, draw),
  ...extra
}: Run): Promise<CrawlOutcome | null> {
  const { pageSize, grows } = setting;
  const { twist, twistedIds } =
    fault === null
      ? { twist: (page: OfferPage) => page, twistedIds: [] }
      : twistPages({ list, pageSize, grows, draw, fault });
  const moveAt = 3 + draw(Math.ceil(setting.size / pageSize) + 3);
  let isMoved = fault !== "moved";
  const change = () => {
    changeList();
    if (isMoved || list.requests < moveAt) return;
    isMoved = true;
    moveOffer(list, grows, draw);
  };
  const outcome = await crawlChangingList({ ...setting, ...extra, list, draw, twist, change });
  // Nobody can notice the fault when the offer in `twistedIds` has been deleted.
  return twistedIds.some((id) => list.removed.has(id)) ? null : outcome;
}
