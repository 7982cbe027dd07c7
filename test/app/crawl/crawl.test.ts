import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import {
  changeWithinPromise,
  listUncollected,
  createRandom,
  openCrawledList,
  type ListSettings,
} from "../../support/crawled-list.ts";
import {
  crawlSimulatedPortal,
  type SimulatedPortal,
  type PortalTroubles,
} from "../../support/simulated-portal.ts";

vi.setConfig({ testTimeout: 120_000 });

const none: PortalTroubles = { failures: 0, cuts: 0, visits: 0, crashes: 0 };
const shapes = fc.record({
  size: fc.integer({ min: 0, max: 400 }),
  pageSize: fc.integer({ min: 2, max: 15 }),
  limit: fc.integer({ min: 8, max: 40 }),
  limiter: fc.constantFrom("fixed" as const, "rolling" as const),
  grows: fc.constantFrom("near" as const, "far" as const),
});
const troubles = fc.record({
  failures: fc.constantFrom(0, 20, 100),
  cuts: fc.constantFrom(0, 20, 100),
  visits: fc.constantFrom(0, 10, 50),
  crashes: fc.constantFrom(0, 50, 300),
});
type Shape = Omit<ListSettings, "perWindow" | "changesPerMille"> &
  Pick<SimulatedPortal, "limit" | "limiter" | "isSilent">;
type Course = { changesPerMille: number; trouble: PortalTroubles; seed: number };

/**
 * Crawls a simulated portal. Returns null when the crawl failed, because a failed export makes no report that could
 * be wrong.
 */
async function crawl(shape: Shape, { changesPerMille, trouble, seed }: Course) {
  const draw = createRandom(seed);
  const list = openCrawledList(shape.size);
  const setting: ListSettings = { ...shape, perWindow: shape.limit, changesPerMille };
  const change = () => changeWithinPromise(list, setting, draw);
  try {
    return await crawlSimulatedPortal({ ...shape, list, draw, trouble, change });
  } catch (error) {
    if (error instanceof Error && error.name === "ExportError") return null;
    throw error;
  }
}

describe("a crawl through the rate limit", () => {
  it("is called complete only if no offer is missing, whatever the portal, the network and the list do", async () => {
    let complete = 0;
    const changes = fc.constantFrom(0, 5, 20, 100, 300);
    const property = fc.asyncProperty(
      shapes,
      troubles,
      changes,
      fc.integer(),
      async (shape, trouble, changesPerMille, seed) => {
        const outcome = await crawl(shape, { changesPerMille, trouble, seed });
        if (outcome === null) return;
        const { crawl: end, collected, list } = outcome;
        expect(collected.filter((id) => !list.ever.has(id))).toEqual([]);
        expect(new Set(collected).size).toBe(collected.length);
        const isComplete = end.doubts.length === 0;
        expect(isComplete ? listUncollected({ list, collected }) : []).toEqual([]);
        complete += isComplete ? 1 : 0;
      },
    );
    await fc.assert(property, { numRuns: 1_000 });
    expect(complete).toBeGreaterThan(500);
  });

  it("is complete and wastes no request when nothing disturbs it", async () => {
    const property = fc.asyncProperty(shapes, fc.integer(), async (shape, seed) => {
      const outcome = await crawl(shape, { changesPerMille: 0, trouble: none, seed });
      expect(outcome?.collected).toEqual(outcome?.list.ids);
      expect(outcome?.crawl).toMatchObject({ doubts: [], voidParts: [] });
      expect(outcome?.crawl.requests).toBe(outcome?.list.requests);
    });
    await fc.assert(property, { numRuns: 200 });
  });

  it("is complete when no answer states the limit, even if some requests fail", async () => {
    let runs = 0;
    let whole = 0;
    const light: PortalTroubles = { failures: 20, cuts: 20, visits: 10, crashes: 50 };
    const trouble = fc.constantFrom(none, light);
    const property = fc.asyncProperty(shapes, trouble, fc.integer(), async (shape, drawn, seed) => {
      const silent = { ...shape, isSilent: true };
      const outcome = await crawl(silent, { changesPerMille: 0, trouble: drawn, seed });
      runs += 1;
      whole += outcome?.collected.join() === outcome?.list.ids.join() && outcome !== null ? 1 : 0;
      expect(drawn === none ? outcome?.collected : []).toEqual(drawn === none ? outcome?.list.ids : []);
      expect(outcome?.crawl.doubts ?? []).toEqual([]);
    });
    await fc.assert(property, { numRuns: 200 });
    expect(whole / runs).toBeGreaterThan(0.95);
  });

  it("is complete almost always when a few offers come and go", async () => {
    let [runs, complete] = [0, 0];
    const light: PortalTroubles = { failures: 20, cuts: 20, visits: 10, crashes: 50 };
    const property = fc.asyncProperty(shapes, fc.integer(), async (shape, seed) => {
      const outcome = await crawl(shape, { changesPerMille: 5, trouble: light, seed });
      runs += 1;
      complete += outcome?.crawl.doubts.length === 0 ? 1 : 0;
    });
    await fc.assert(property, { numRuns: 200 });
    expect(complete / runs).toBeGreaterThan(0.95);
  });
});
