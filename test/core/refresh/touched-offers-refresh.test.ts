import fc from "fast-check";
import { expect, it } from "vitest";
import { createRandom } from "../../support/crawled-list.ts";
import { scaleRuns } from "../../support/property-runs.ts";
import { crawlRefreshedList, editOffer, openRefreshedList } from "../../support/refreshed-list.ts";
import { changeList, runRefresh, repeat } from "../../support/refresh-runs.ts";

const market = fc.record({
  size: fc.integer({ min: 60, max: 400 }),
  pageSize: fc.integer({ min: 2, max: 15 }),
  grows: fc.constantFrom("near" as const, "far" as const),
  duePerMille: fc.constantFrom(0, 20),
});
const since = fc.record({ made: fc.nat(5), gone: fc.nat(5), decided: fc.nat(2), edited: fc.nat(2) });
const run = fc.record({ rotationPages: fc.nat(2), perWindow: fc.constantFrom(7, Infinity) });

it("reads touched offers again, wherever they stand, and ignores unknown ones", async () => {
  let missed = 0;
  const property = fc.asyncProperty(market, since, run, fc.integer(), async (kind, changes, given, seed) => {
    const draw = createRandom(seed);
    const listing = openRefreshedList(kind, draw);
    const before = crawlRefreshedList(listing);
    const touched = new Set(["off_unknown"]);
    repeat(3, () => {
      const offer = listing.offers[draw(listing.offers.length)];
      editOffer(offer);
      touched.add(offer?.id ?? "");
    });
    const [removed] = listing.offers.splice(draw(listing.offers.length), 1);
    touched.add(removed?.id ?? "");
    changeList(listing, changes, draw);
    const touchedIds = [...touched];
    const { plan, report, observations } = await runRefresh(before, listing, { ...given, touchedIds });
    expect(plan.kind).toBe("done");
    expect(
      observations.filter((observation) => observation.kind === "offer" && observation.id === "off_unknown"),
    ).toEqual([]);
    expect(report?.offers).toEqual(listing.offers);
    const { report: unmarked } = await runRefresh(before, listing, given);
    missed += JSON.stringify(unmarked?.offers) === JSON.stringify(listing.offers) ? 0 : 1;
  });
  const numRuns = scaleRuns(300);
  await fc.assert(property, { numRuns });
  expect(missed).toBeGreaterThan(numRuns / 3);
});
