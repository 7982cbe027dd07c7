import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { makeDraw } from "../../support/list.ts";
import { crawlListing, type Market, openListing } from "../../support/listing.ts";
import { changeListing, type Changes, refreshListing } from "../../support/refresh.ts";

vi.setConfig({ testTimeout: 120_000 });

const others = {
  grows: fc.constantFrom("near" as const, "far" as const),
  duePerMille: fc.constantFrom(0, 20, 100),
};
const small = fc.record({ size: fc.nat(200), pageSize: fc.integer({ min: 1, max: 15 }), ...others });
const large = fc.record({ size: fc.nat(5_000), pageSize: fc.constant(15), ...others });
const markets: fc.Arbitrary<Market> = fc.oneof(
  { weight: 6, arbitrary: small },
  { weight: 1, arbitrary: large },
);

const changes: fc.Arbitrary<Changes> = fc.record({
  made: fc.nat(40),
  gone: fc.nat(8),
  decided: fc.nat(10),
  edited: fc.nat(10),
});

describe("a refresh", () => {
  it("gives the offers and the values of a crawl, in its order, whatever came, went and was decided since", async () => {
    let crawls = 0;
    const settings = fc.record({ rotationPages: fc.nat(12), perWindow: fc.constantFrom(7, 60, Infinity) });
    const property = fc.asyncProperty(
      markets,
      changes,
      settings,
      fc.integer(),
      async (market, since, run, seed) => {
        const draw = makeDraw(seed);
        const listing = openListing(market, draw);
        const before = crawlListing(listing);
        changeListing(listing, since, draw);
        const { plan, report } = await refreshListing(before, listing, run);
        const isCrawl = plan.kind === "crawl";
        crawls += isCrawl ? 1 : 0;
        // Nothing known may be left of a small list.
        expect(isCrawl && market.size > 30).toBe(false);
        expect(report?.offers ?? listing.offers).toEqual(listing.offers);
      },
    );
    await fc.assert(property, { numRuns: 2_000 });
    expect(crawls).toBeLessThan(100);
  });
});
