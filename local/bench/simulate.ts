import {
  changeFairly,
  crawlList,
  listMissing,
  makeDraw,
  openList,
  type Setting,
} from "../../test/support/list.ts";

/** Crawls of lists that change meanwhile, by the verdict and whether an offer is missing: `simulate.ts [runs] [seed]`. */
const [runs = 40_000, seed = 1] = process.argv.slice(2).map(Number);
const counts = new Map<string, number>();

for (let run = 0; run < runs; run += 1) {
  const draw = makeDraw(seed * 1_000_003 + run);
  const pageSize = 1 + draw(6);
  const setting: Setting = {
    size: draw(pageSize * 60),
    pageSize,
    perWindow: 6 + draw(12),
    grows: draw(2) === 0 ? "near" : "far",
    changesPerMille: [0, 5, 20, 100, 300][draw(5)] ?? 0,
  };
  const outcome = await judge(setting, draw);
  const key = `${String(setting.changesPerMille).padStart(3)} changes in 1,000 requests, grows ${setting.grows}: ${outcome}`;
  counts.set(key, (counts.get(key) ?? 0) + 1);
  if (outcome === "complete, but offers are missing")
    process.stdout.write(`run ${run}: ${JSON.stringify(setting)}\n`);
}
for (const [key, count] of [...counts].toSorted(([a], [b]) => a.localeCompare(b)))
  process.stdout.write(`${key}: ${count}\n`);
process.exitCode = [...counts.keys()].some((key) => key.includes("complete, but")) ? 1 : 0;

async function judge(setting: Setting, draw: (most: number) => number): Promise<string> {
  const list = openList(setting.size);
  try {
    const outcome = await crawlList({
      ...setting,
      list,
      draw,
      change: () => changeFairly(list, setting, draw),
    });
    const verdict = outcome.crawl.doubts.length === 0 ? "complete" : "uncertain";
    if (listMissing(outcome).length === 0) return verdict;
    return verdict === "complete" ? "complete, but offers are missing" : "uncertain, and offers are missing";
  } catch (error) {
    if (error instanceof Error && error.name === "ExportError") return "refused";
    throw error;
  }
}
