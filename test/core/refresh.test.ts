import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { makeDraw } from "../support/list.ts";
import { crawlListing, type Market, openListing } from "../support/listing.ts";
import { changeListing, type Changes, refreshListing } from "../support/refresh.ts";

vi.setConfig({ testTimeout: 120_000 });

const markets: fc.Arbitrary<Market> = fc.record({
  size: fc.oneof({ weight: 6, arbitrary: fc.nat(300) }, { weight: 1, arbitrary: fc.nat(5_000) }),
  pageSize: fc.integer({ min: 1, max: 15 }),
  grows: fc.constantFrom("near", "far"),
  duePerMille: fc.constantFrom(0, 20, 100),
});

const changes: fc.Arbitrary<Changes> = fc.record({
  made: fc.nat(40),
  gone: fc.nat(8),
  decided: fc.nat(10),
  edited: fc.nat(10),
});

describe("a refresh", () => {
  it("gives the offers and the values of a crawl, in its order, whatever came, went and was decided since", async () => {
    let crawls = 0;
    const settings = fc.record({ rotationPages: fc.nat(12), perWindow: fc.constantFrom(1, 7, 60, Infinity) });
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
        if (plan.kind === "crawl") crawls += 1;
        else expect(report?.offers).toEqual(listing.offers);
        // Only where nothing known is left.
        if (plan.kind === "crawl") expect(market.size).toBeLessThan(30);
      },
    );
    await fc.assert(property, { numRuns: 2_000 });
    expect(crawls).toBeLessThan(100);
  });
});
