import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { makeOfferPage, type OfferPage } from "../../../functions/core/crawl/offer-page.ts";
import { crawlFaultyList, type ListFault, listFaults } from "../../support/faulty-list.ts";
import {
  listUncollected,
  createRandom,
  insertOffer,
  openCrawledList,
  type ListSettings,
} from "../../support/crawled-list.ts";
import { scaleRuns } from "../../support/property-runs.ts";
import { crawlRefreshedList, openRefreshedList } from "../../support/refreshed-list.ts";
import { changeList, runRefresh } from "../../support/refresh-runs.ts";

vi.setConfig({ testTimeout: 120_000 });

const settings: fc.Arbitrary<ListSettings> = fc.record({
  size: fc.integer({ min: 0, max: 250 }),
  pageSize: fc.integer({ min: 1, max: 15 }),
  perWindow: fc.integer({ min: 6, max: 20 }),
  grows: fc.constantFrom("near", "far"),
  changesPerMille: fc.constantFrom(0, 0, 5, 20),
});

/**
 * Returns null for an ExportError and throws other errors. A crawl may fail when the portal's answers contradict each
 * other, because a failed export makes no report that could be wrong.
 */
function ignoreRefusal(error: unknown): null {
  if (error instanceof Error && error.name === "ExportError") return null;
  throw error;
}

/**
 * The maximum number of crawls that may count as complete although an offer is missing. When the list changes, and a
 * page always shows one offer in place of another, the answers can look like deletions. This happens in about 9 of
 * 100,000 lists, so three cases in one test run are a sign of a bug. A wrong probe page can hide that an offer before it
 * was deleted at that moment: the answers fit a list that never had the missing offer. The same holds when an offer is
 * deleted after a page has shown it in place of the missing one. This happens in about 1 of 10,000 lists.
 */
function maxWrong(fault: ListFault): number {
  if (fault === "doubledAlways") return 2;
  return probeFaults.has(fault) ? 1 : 0;
}
const probeFaults = new Set<ListFault>(["pageBefore", "firstOffer", "newOffer", "without"]);

describe.each(listFaults)("a crawl whose portal errs (%s)", (fault) => {
  it("is never called complete while an offer is missing", async () => {
    let [runs, refused, wrong] = [0, 0, 0];
    const property = fc.asyncProperty(settings, fc.integer(), async (setting, seed) => {
      const list = openCrawledList(setting.size);
      const outcome = await crawlFaultyList({ list, setting, draw: createRandom(seed), fault }).catch(
        ignoreRefusal,
      );
      runs += 1;
      refused += outcome === null ? 1 : 0;
      if (outcome === null) return;
      const { crawl, collected } = outcome;
      const missing = listUncollected({ list, collected });
      const isWrong = crawl.doubts.length === 0 && missing.length > 0;
      wrong += isWrong ? 1 : 0;
      expect(isWrong && wrong > maxWrong(fault) ? missing : []).toEqual([]);
      expect(collected.filter((id) => !list.ever.has(id))).toEqual([]);
      expect(list.requests).toBeLessThan(20_000);
    });
    await fc.assert(property, { numRuns: scaleRuns(500) });
    expect(refused / runs).toBeLessThan(0.2);
  });
});

/** Faults that hide offers from a growing list unless the crawl counts them. */
const hidingFaults = ["pageBefore", "pageOne", "firstOffer", "newOffer", "without", "short"] as const;
const growing = hidingFaults.flatMap((fault) => [[fault, "near"] as const, [fault, "far"] as const]);

describe.each(growing)(
  "a list whose portal errs once (%s) while offers enter at its %s end",
  (fault, grows) => {
    it("is never called complete while an offer is missing", async () => {
      let complete = 0;
      const wrong: number[] = [];
      for (let seed = 0; seed < 4_000; seed += 1) {
        const draw = createRandom(seed);
        const pageSize = 2 + draw(9);
        const setting = { size: draw(pageSize * 40), pageSize, perWindow: 8 + draw(13), grows };
        const list = openCrawledList(setting.size);
        const change = () => {
          if (draw(1000) < 20) insertOffer(list, grows === "near" ? 0 : list.ids.length);
        };
        const run = { list, setting: { ...setting, changesPerMille: 0 }, draw, fault, change };
        const outcome = await crawlFaultyList(run).catch(ignoreRefusal);
        if (outcome === null || outcome.crawl.doubts.length > 0) continue;
        complete += 1;
        if (listUncollected({ list, collected: outcome.collected }).length > 0) wrong.push(seed);
      }
      expect(wrong).toEqual([]);
      expect(complete).toBeGreaterThan(800);
    });
  },
);

const once = ["empty", "last", "lastAlways", "short", "doubled", "repeated"] as const;
type Odd = (typeof once)[number];

function twistPage(odd: Odd, page: OfferPage, earlier: OfferPage[]): OfferPage {
  const { number, offers, isLast } = page;
  const other = earlier[0];
  if (odd === "empty") return makeOfferPage(number, [], true);
  if (odd === "last" || odd === "lastAlways") return { ...page, isLast: true };
  if (odd === "short") return makeOfferPage(number, offers.slice(1), isLast, true);
  if (other === undefined) return page;
  if (odd === "repeated") return { ...other, number };
  return makeOfferPage(number, [...other.offers.slice(0, 1), ...offers.slice(1)], isLast);
}

/**
 * With these values, page 3 shows the newest offer in the place of an older one. The older offer seemed to be deleted,
 * and an offer that was deleted took its place in the count.
 */
const newOfferTwice = [
  { size: 16, pageSize: 2, grows: "near", duePerMille: 0 },
  600_030,
  414_541_097,
] as const;

describe.each(once)("a refresh whose portal errs (%s)", (odd) => {
  it("has the offers of the list, or asks for a crawl", async () => {
    const markets = fc.record({
      size: fc.integer({ min: 1, max: 400 }),
      pageSize: fc.integer({ min: 2, max: 15 }),
      grows: fc.constantFrom("near" as const, "far" as const),
      duePerMille: fc.constantFrom(0, 20, 100),
    });
    const property = fc.asyncProperty(markets, fc.nat(), fc.integer(), async (market, at, seed) => {
      const draw = createRandom(seed);
      const listing = openRefreshedList(market, draw);
      const before = crawlRefreshedList(listing);
      changeList(listing, { made: 5, gone: 3, decided: 3, edited: 3 }, draw);
      const pages = Math.ceil(listing.offers.length / market.pageSize);
      const target = 1 + (at % Math.max(1, pages + 1));
      const earlier: OfferPage[] = [];
      let left = odd === "lastAlways" ? Infinity : 1;
      const twist = (page: OfferPage) => {
        const isOdd = page.number === target && left > 0;
        if (isOdd) left -= 1;
        const shown = isOdd ? twistPage(odd, page, earlier) : page;
        earlier.push(page);
        return shown;
      };
      const { report } = await runRefresh(before, listing, { twist, rotationPages: 2 });
      expect(report?.offers ?? listing.offers).toEqual(listing.offers);
    });
    await fc.assert(property, { numRuns: scaleRuns(400), examples: [[...newOfferTwice]] });
  });
});
