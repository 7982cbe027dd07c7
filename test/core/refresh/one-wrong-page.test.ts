import { describe, expect, it } from "vitest";
import { makeOfferPage, type OfferPage } from "../../../functions/core/crawl/offer-page.ts";
import { createRandom, type DrawNumber } from "../../support/crawled-list.ts";
import { scaleRuns } from "../../support/property-runs.ts";
import { changeList, runRefresh } from "../../support/refresh-runs.ts";
import {
  crawlRefreshedList,
  type ListedOffer,
  openRefreshedList,
  type RefreshedList,
  showOfferPage,
} from "../../support/refreshed-list.ts";

/** What a portal knows when it answers wrongly: its list now, and the list when the baseline was crawled. */
type Portal = { now: RefreshedList; before: RefreshedList };

/** Returns the wrong answer in place of the page. `at` is the index of an offer on the page. */
type Lie = (page: OfferPage, portal: Portal, at: number) => OfferPage;

function showFrom({ number, isLast }: OfferPage, offers: ListedOffer[], { pageSize }: RefreshedList, by = 0) {
  const from = Math.max(0, (number - 1) * pageSize + by);
  return makeOfferPage(number, offers.slice(from, from + pageSize), isLast);
}

const lies: Record<string, Lie> = {
  "a page that does not exist": ({ number }) => makeOfferPage(number, [], true),
  "a last page too early": (page) => ({ ...page, isLast: true }),
  "a page without one of its offers": ({ number, offers, isLast }, _portal, at) =>
    makeOfferPage(
      number,
      offers.filter((_offer, index) => index !== at),
      isLast,
    ),
  "a page that leaves out an offer and goes on": (page, { now }, at) => {
    const place = (page.number - 1) * now.pageSize + at;
    return showFrom(
      page,
      now.offers.filter((_offer, index) => index !== place),
      now,
    );
  },
  "the page before": ({ number, isLast }, { now }) => ({
    ...showOfferPage(now, Math.max(1, number - 1)),
    number,
    isLast,
  }),
  "the page after": ({ number, isLast }, { now }) => ({ ...showOfferPage(now, number + 1), number, isLast }),
  "rows moved up by one": (page, { now }) => showFrom(page, now.offers, now, 1),
  "rows moved down by one": (page, { now }) => showFrom(page, now.offers, now, -1),
  "the page as it was at the last crawl": ({ number }, { before }) => showOfferPage(before, number),
};

/** Changes one answer: the first one from request `from` on that the lie makes wrong. */
function lieOnce(lie: Lie, portal: Portal, from: number, draw: DrawNumber) {
  let asked = 0;
  let hasLied = false;
  return (page: OfferPage): OfferPage => {
    asked += 1;
    if (hasLied || asked < from) return page;
    const shown = lie(page, portal, draw(Math.max(1, page.offers.length)));
    hasLied = shown.isLast !== page.isLast || shown.ids.join() !== page.ids.join();
    return shown;
  };
}

const runs = scaleRuns(200);
/** Earlier versions of the refresh made wrong reports with seeds from here on, and with seed 2731. */
const firstSeed = 500;
const seeds = [2_731, ...Array.from({ length: runs }, (_, index) => firstSeed + index)];

/** Refreshes a changed list, with one wrong answer. Returns null when the refresh asks for a crawl. */
async function refreshOnce(lie: Lie, seed: number) {
  const draw = createRandom(seed);
  const market = {
    size: 1 + draw(300),
    pageSize: 2 + draw(14),
    grows: draw(2) === 0 ? ("near" as const) : ("far" as const),
    duePerMille: draw(2) * 100,
  };
  const now = openRefreshedList(market, draw);
  const baseline = crawlRefreshedList(now);
  const before = { ...now, offers: [...now.offers] };
  changeList(now, { made: 5, gone: 3, decided: 0, edited: 0 }, draw);
  const twist = lieOnce(lie, { now, before }, 1 + draw(12), draw);
  const { report } = await runRefresh(baseline, now, { twist, rotationPages: 2 });
  return { now: now.offers, report: report?.offers ?? null };
}

const nameAll = (offers: ListedOffer[]) =>
  offers
    .map(({ id }) => id)
    .toSorted()
    .join();

describe("a refresh that the portal answers wrongly once", () => {
  it.each(Object.entries(lies))("lacks and invents no offer because of %s", async (_name, lie) => {
    let reports = 0;
    const wrong: number[] = [];
    for (const seed of seeds) {
      const { now, report } = await refreshOnce(lie, seed);
      if (report !== null && nameAll(report) !== nameAll(now)) wrong.push(seed);
      if (report !== null) reports += 1;
    }
    expect(wrong).toEqual([]);
    expect(reports).toBeGreaterThan(runs / 8);
  });
});
