import { crawlFaultyList, type ListFault, listFaults } from "../../test/support/faulty-list.ts";
import {
  crawlChangingList,
  type DrawNumber,
  insertOffer,
  listUncollected,
  createRandom,
  openCrawledList,
  type ListSettings,
} from "../../test/support/crawled-list.ts";

const growingPages = 600;
const growingCrawls = 40;

/**
 * Measures how many requests crawls need when the list grows at page 1. A page has 15 offers, and the rate limit
 * allows 60 requests in each of its windows.
 */
async function describeGrowing(): Promise<string[]> {
  const lines: string[] = [];
  for (const perMille of [0, 1, 5, 10, 20]) {
    lines.push(await describeRun(perMille, "pages read in order", () => () => 0));
    lines.push(await describeRun(perMille, "pages overtaking each other", createRandom));
  }
  return lines;
}

async function describeRun(
  perMille: number,
  order: string,
  drawBy: (seed: number) => DrawNumber,
): Promise<string> {
  let [requests, windows, again, complete] = [0, 0, 0, 0];
  for (let seed = 0; seed < growingCrawls; seed += 1) {
    const list = openCrawledList(15 * growingPages);
    const chance = createRandom(seed + 1_000);
    const change = () => {
      if (chance(1000) < perMille) insertOffer(list, 0);
    };
    const { crawl } = await crawlChangingList({
      list,
      draw: drawBy(seed),
      pageSize: 15,
      perWindow: 60,
      change,
    });
    requests += list.requests;
    windows += crawl.parts;
    again += crawl.voidParts.length;
    complete += crawl.doubts.length === 0 ? 1 : 0;
  }
  const spent = `${(requests / growingCrawls / growingPages).toFixed(3)} requests a page`;
  const share = `${((100 * again) / windows).toFixed(1)} % of the windows read again`;
  return `${perMille} new offers in 1,000 requests, ${order}: ${spent}, ${share}, ${complete} of ${growingCrawls} complete`;
}

type Count = { runs: number; pages: number; requests: number; windows: number; voidWindows: number };

/**
 * Usage: `simulate.ts crawls [runs] [seed]`. Crawls lists that change during the crawl, and counts each kind of result. Exits
 * with 1 when a crawl claims to be complete although offers are missing. Many lists are at a portal with a fault. Such
 * a list changes at most 20 times in 1,000 requests, because more changes could remove the evidence of the fault before
 * the crawl reads it. At 60 requests a minute, this is over 1,700 changes a day.
 */
const [runs = 40_000, seed = 1] = process.argv.slice(2).map(Number);
const wrong = "complete, but offers are missing";
const counts = new Map<string, Count>();

for (let run = 0; run < runs; run += 1) {
  const draw = createRandom(seed * 1_000_003 + run);
  const pageSize = 1 + draw(6);
  const setting: ListSettings = {
    size: draw(pageSize * 60),
    pageSize,
    perWindow: 6 + draw(12),
    grows: draw(2) === 0 ? "near" : "far",
    changesPerMille: [0, 5, 20, 100, 300][draw(5)] ?? 0,
  };
  const isCalm = setting.changesPerMille <= 20;
  const fault = isCalm && draw(2) === 0 ? (listFaults[draw(listFaults.length)] ?? null) : null;
  const judged = await judge(setting, fault, draw);
  if (judged === null) continue;
  const { verdict, ...spent } = judged;
  if (fault !== null) {
    add(`a portal's error, ${fault}: ${verdict}`, spent);
    if (verdict === wrong) process.stdout.write(`run ${run}: ${fault} ${JSON.stringify(setting)}\n`);
    continue;
  }
  const change = `${String(setting.changesPerMille).padStart(3)} changes in 1,000 requests, grows ${setting.grows}`;
  add(`${change}: ${verdict}`, spent);
  if (verdict === wrong) process.stdout.write(`run ${run}: ${JSON.stringify(setting)}\n`);
}
for (const [key, count] of [...counts].toSorted(([a], [b]) => a.localeCompare(b)))
  process.stdout.write(`${key}: ${describe(count)}\n`);
for (const line of await describeGrowing()) process.stdout.write(`${line}\n`);
process.exitCode = [...counts.keys()].some((key) => key.endsWith(wrong)) ? 1 : 0;

/**
 * Crawls a list and judges the result. Returns null when the portal's fault left no trace that the crawl could see.
 */
async function judge(setting: ListSettings, fault: ListFault | null, draw: (most: number) => number) {
  const list = openCrawledList(setting.size);
  const pages = Math.max(1, Math.ceil(setting.size / setting.pageSize));
  const hint = draw(2) === 0 ? {} : { expectedPages: draw(2 * pages) };
  const crashesPerMille = draw(4) === 0 ? 100 : 0;
  try {
    const outcome = await crawlFaultyList({ setting, list, draw, fault, ...hint, crashesPerMille });
    if (outcome === null) return null;
    const { crawl, collected } = outcome;
    const [windows, voidWindows] = [crawl.parts, crawl.voidParts.length];
    const verdict = describeVerdict(
      crawl.doubts.length === 0,
      listUncollected({ list, collected }).length > 0,
    );
    return { verdict, pages, requests: list.requests, windows, voidWindows };
  } catch (error) {
    if (!(error instanceof Error && error.name === "ExportError")) throw error;
    return { verdict: "refused", pages, requests: list.requests, windows: 0, voidWindows: 0 };
  }
}

function describeVerdict(isComplete: boolean, isMissing: boolean): string {
  if (isComplete) return isMissing ? wrong : "complete";
  return isMissing ? "uncertain, and offers are missing" : "uncertain";
}

function add(key: string, spent: Omit<Count, "runs">): void {
  const count = counts.get(key) ?? { runs: 0, pages: 0, requests: 0, windows: 0, voidWindows: 0 };
  counts.set(key, {
    runs: count.runs + 1,
    pages: count.pages + spent.pages,
    requests: count.requests + spent.requests,
    windows: count.windows + spent.windows,
    voidWindows: count.voidWindows + spent.voidWindows,
  });
}

function describe({ runs: crawls, pages, requests, windows, voidWindows }: Count): string {
  const spent = (requests / pages).toFixed(2);
  const again = ((100 * voidWindows) / Math.max(1, windows)).toFixed(1);
  return `${crawls} (${spent} requests a page, ${again} % of the windows read again)`;
}
