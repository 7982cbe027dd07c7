import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { countRotationRuns } from "../../../functions/core/refresh/reread-targets.ts";
import { createRandom } from "../../support/crawled-list.ts";
import { scaleRuns } from "../../support/property-runs.ts";
import {
  crawlRefreshedList,
  editOffer,
  type ListedOffer,
  type RefreshedListSettings,
  openRefreshedList,
} from "../../support/refreshed-list.ts";
import {
  changeList,
  type ListChanges,
  changeListOnce,
  runRefresh,
  repeat,
} from "../../support/refresh-runs.ts";

vi.setConfig({ testTimeout: 120_000 });

const others = {
  grows: fc.constantFrom("near" as const, "far" as const),
  duePerMille: fc.constantFrom(0, 20, 100),
};
const small = fc.record({ size: fc.nat(200), pageSize: fc.integer({ min: 1, max: 15 }), ...others });
const large = fc.record({ size: fc.nat(5_000), pageSize: fc.constant(15), ...others });
const markets: fc.Arbitrary<RefreshedListSettings> = fc.oneof(
  { weight: 6, arbitrary: small },
  { weight: 1, arbitrary: large },
);

const changes: fc.Arbitrary<ListChanges> = fc.record({
  made: fc.nat(40),
  gone: fc.nat(8),
  decided: fc.nat(10),
  edited: fc.nat(10),
});

const settings = fc.record({ rotationPages: fc.nat(12), perWindow: fc.constantFrom(7, 60, Infinity) });

/**
 * Joins the sorted ids of the offers. The list's order is ignored, because a refresh must guess the order when new
 * offers appear on several pages that move at the same time.
 */
function nameAll(offers: { id: string }[]): string {
  return offers
    .map(({ id }) => id)
    .toSorted()
    .join();
}

/** Names an offer and its values. */
function nameOffer({ id, acceptedAt, amount }: ListedOffer): string {
  return `${id} ${acceptedAt} ${amount}`;
}

describe("a refresh", () => {
  it("has the offers, values and order of a crawl, whatever was added, deleted and decided since", async () => {
    let crawls = 0;
    const property = fc.asyncProperty(
      markets,
      changes,
      settings,
      fc.integer(),
      async (market, since, run, seed) => {
        const draw = createRandom(seed);
        const listing = openRefreshedList(market, draw);
        const before = crawlRefreshedList(listing);
        changeList(listing, since, draw);
        const { plan, report } = await runRefresh(before, listing, run);
        const isCrawl = plan.kind === "crawl";
        crawls += isCrawl ? 1 : 0;
        // A refresh may ask for a crawl only when the list is small, because all offers of a small list may have been
        // deleted.
        expect(isCrawl && market.size > 40).toBe(false);
        expect(report?.offers ?? listing.offers).toEqual(listing.offers);
      },
    );
    const numRuns = scaleRuns(500);
    await fc.assert(property, { numRuns });
    expect(crawls).toBeLessThan(numRuns / 10);
  });

  it("has the offers of one moment, however the list changes between any two requests", async () => {
    let lists = 0;
    const calm = fc.constantFrom(5, 20, 100, 300);
    const property = fc.asyncProperty(
      small,
      changes,
      fc.record({ run: settings, changesPerMille: calm }),
      fc.integer(),
      async (market, since, { run, changesPerMille }, seed) => {
        const draw = createRandom(seed);
        const listing = openRefreshedList(market, draw);
        const before = crawlRefreshedList(listing);
        changeList(listing, since, draw);
        const texts = new Set(before.offers.map(nameOffer));
        const moments = new Set<string>();
        const known = new Set(listing.offers.map(({ id }) => id));
        const fresh = new Set<string>();
        const look = () => {
          moments.add(nameAll(listing.offers));
          for (const offer of listing.offers) {
            texts.add(nameOffer(offer));
            if (!known.has(offer.id)) fresh.add(offer.id);
          }
        };
        look();
        const change = () => {
          if (draw(1_000) >= changesPerMille) return;
          changeListOnce(listing, draw, fresh);
          look();
        };
        const { report } = await runRefresh(before, listing, { ...run, change });
        if (report === null) return;
        lists += 1;
        expect(moments).toContain(nameAll(report.offers));
        expect(report.offers.filter((offer) => !texts.has(nameOffer(offer)))).toEqual([]);
      },
    );
    // In this example, the list changes between two observations of the refresh: of the list's end, and then of other
    // pages. So the observations show different states of the list.
    const moved: [
      RefreshedListSettings,
      ListChanges,
      { run: { rotationPages: number; perWindow: number }; changesPerMille: number },
      number,
    ] = [
      { size: 1, pageSize: 1, grows: "far", duePerMille: 0 },
      { made: 27, gone: 0, decided: 0, edited: 0 },
      { run: { rotationPages: 0, perWindow: 7 }, changesPerMille: 300 },
      -1504204163,
    ];
    const numRuns = scaleRuns(500);
    await fc.assert(property, { numRuns, examples: [moved] });
    expect(lists).toBeGreaterThan(numRuns / 2);
  });

  it("rereads every settled offer within the number of runs that its rotation takes", async () => {
    const sizes = fc.record({ size: fc.nat(400), pageSize: fc.integer({ min: 2, max: 15 }), ...others });
    const few = fc.record({ made: fc.nat(3), gone: fc.nat(3), decided: fc.nat(2), edited: fc.nat(2) });
    const property = fc.asyncProperty(
      sizes,
      few,
      fc.integer({ min: 2, max: 12 }),
      fc.integer(),
      async (market, since, rotationPages, seed) => {
        const draw = createRandom(seed);
        const listing = openRefreshedList(market, draw);
        let report = crawlRefreshedList(listing);
        const refresh = async () => {
          changeList(listing, since, draw);
          const outcome = await runRefresh(report, listing, { rotationPages });
          report = outcome.report ?? crawlRefreshedList(listing);
        };
        for (let run = draw(6); run > 0; run -= 1) await refresh();
        repeat(10, () => editOffer(listing.offers[draw(listing.offers.length)]));
        const runs = countRotationRuns(listing.offers.length, market.pageSize, rotationPages);
        // The list may grow with each refresh, so the rotation may take more refreshes than for the present list.
        const grown = listing.offers.length + runs * since.made;
        const most = Math.min(60, countRotationRuns(grown, market.pageSize, rotationPages));
        fc.pre(most < 60);
        for (let run = 0; run < most; run += 1) await refresh();
        expect(report.offers).toEqual(listing.offers);
      },
    );
    await fc.assert(property, { numRuns: scaleRuns(50) });
  });
});
