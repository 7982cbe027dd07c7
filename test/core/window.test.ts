import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  changeFairly,
  crawlList,
  type Draw,
  insertOffer,
  listMissing,
  type LivingList,
  makeDraw,
  openList,
  type Outcome,
  removeOffer,
  type Setting,
} from "../support/list.ts";

const settings: fc.Arbitrary<Setting> = fc.record({
  size: fc.integer({ min: 0, max: 250 }),
  pageSize: fc.integer({ min: 1, max: 6 }),
  perWindow: fc.integer({ min: 6, max: 20 }),
  grows: fc.constantFrom("near", "far"),
  changesPerMille: fc.constantFrom(0, 5, 20, 100, 300),
});

type Change = (list: LivingList, setting: Setting, draw: Draw) => void;

/** Crawls by numbers that fast-check draws, so that a failure shrinks and can be told by its seed. */
async function crawl(setting: Setting, seed: number, change: Change): Promise<Outcome> {
  const draw = makeDraw(seed);
  const list = openList(setting.size);
  return await crawlList({ ...setting, list, draw, change: () => change(list, setting, draw) });
}

const runs = { numRuns: 1_500 };

describe("a crawl", () => {
  it("is complete only when every offer that stayed was seen, whatever came and went meanwhile", async () => {
    const property = fc.asyncProperty(settings, fc.integer(), async (setting, seed) => {
      const outcome = await crawl(setting, seed, changeFairly).catch(ignoreRefusal);
      if (outcome === null) return;
      expect(outcome.collected.filter((id) => !outcome.list.ever.has(id))).toEqual([]);
      const isComplete = outcome.crawl.doubts.length === 0;
      expect(isComplete && listMissing(outcome).length > 0).toBe(false);
    });
    await fc.assert(property, runs);
  });

  it("is complete, in the list's order, and ends soon when nothing moves", async () => {
    const property = fc.asyncProperty(settings, fc.integer(), async (setting, seed) => {
      const { crawl: end, collected, list } = await crawl(setting, seed, () => undefined);
      const pages = Math.max(1, Math.ceil(setting.size / setting.pageSize));
      const paidTwice = setting.perWindow / (setting.perWindow - 2);
      expect(collected).toEqual(list.ids);
      expect(end).toMatchObject({ doubts: [], voidParts: [] });
      expect(list.requests).toBeLessThanOrEqual(pages * paidTwice + 4 * Math.log2(setting.perWindow) + 6);
    });
    await fc.assert(property, runs);
  });

  it("is complete although offers were deleted while it ran, by reading what moved again", async () => {
    const setting: Setting = { size: 200, pageSize: 5, perWindow: 12, grows: "far", changesPerMille: 0 };
    const { crawl: end, ...outcome } = await crawl(setting, 1, (list) => {
      if (list.requests === 20) removeOffer(list, 3);
    });
    expect(end.doubts).toEqual([]);
    expect(end.voidParts).toHaveLength(1);
    expect(listMissing({ crawl: end, ...outcome })).toEqual([]);
  });

  it("doubts a portal that changes faster than it can be read", async () => {
    const setting: Setting = { size: 200, pageSize: 5, perWindow: 12, grows: "near", changesPerMille: 0 };
    const { crawl: end } = await crawl(setting, 1, (list) => {
      if (list.requests % 3 === 0) insertOffer(list, 0);
    });
    expect(end.doubts).toContain("restless");
  });

  it("doubts a list into whose middle an offer came", async () => {
    const setting: Setting = { size: 200, pageSize: 5, perWindow: 12, grows: "far", changesPerMille: 0 };
    const { crawl: end } = await crawl(setting, 1, (list) => {
      if (list.requests === 20) insertOffer(list, 3);
    });
    expect(end.doubts).toContain("inserted");
  });

  it("doubts a list that shows an offer twice within a window where nothing moved", async () => {
    const list = openList(30);
    list.ids.push("a3");
    const { crawl: end, collected } = await crawlList({
      list,
      draw: () => 0,
      pageSize: 5,
      perWindow: 60,
      change: () => undefined,
    });
    expect(end.doubts).toEqual(["doubled"]);
    expect(collected).toHaveLength(30);
  });
});

/** A list that is mostly gone, or grows faster than it is read, may be refused; a refusal claims nothing. */
function ignoreRefusal(error: unknown): null {
  if (error instanceof Error && error.name === "ExportError") return null;
  throw error;
}
