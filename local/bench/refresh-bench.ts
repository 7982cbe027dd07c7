import type { ListDirection } from "../../functions/core/crawl/crawl-state.ts";
import { createRandom } from "../../test/support/crawled-list.ts";
import {
  crawlRefreshedList,
  decideOffer,
  growList,
  type ListedOffer,
  type RefreshedList,
  openRefreshedList,
} from "../../test/support/refreshed-list.ts";
import { runRefresh, repeat } from "../../test/support/refresh-runs.ts";
import { atMost, type BenchFigure, reportFigure } from "./bench-figures.ts";

const pageSize = 15;
const undecidedCount = 150;
/** The benchmark picks the undecided offers from this many of the newest offers. */
const recentCount = 375;

/**
 * Counts the requests of a refresh after 15 new offers, 13 decisions and 2 deletions. The count includes the pages
 * that each refresh reads again in rotation.
 */
export async function benchRefresh(): Promise<BenchFigure[]> {
  const counts = await countRuns(20_000, 400);
  const more = await countRuns(100_000, 60);
  const figures = [
    atMost("refresh of 20,000 offers after 30 changes, worst of 400", findWorst(counts), {
      max: 62,
      unit: " requests",
    }),
    reportFigure(
      "… median and 95 %",
      `${findQuantile(counts, 0.5)} / ${findQuantile(counts, 0.95)} requests, against 1,334 of a crawl`,
    ),
    atMost("… of 100,000 offers, worst of 60", findWorst(more), { max: 70, unit: " requests" }),
    reportFigure(
      "… median and 95 %",
      `${findQuantile(more, 0.5)} / ${findQuantile(more, 0.95)} requests, against 6,667 of a crawl`,
    ),
  ];
  return [...figures, ...(await benchSizes(findQuantile(counts, 0.5)))];
}

/**
 * Checks how the number of requests grows with the length of the list. A refresh finds each deleted offer by a binary
 * search, so twice the length may cost one more request for each of the two deleted offers.
 */
async function benchSizes(knownMedian: number): Promise<BenchFigure[]> {
  const sizes = [1_000, 10_000, 100_000, 1_000_000];
  const medians: number[] = [];
  for (const size of sizes) medians.push(findQuantile(await countRuns(size, size > 100_000 ? 4 : 20), 0.5));
  const doublings = Math.log2(1_000_000 / 20_000);
  const growth = ((medians.at(-1) ?? 0) - knownMedian) / doublings;
  return [
    reportFigure("… of 1,000 / 10,000 / 100,000 / 1,000,000 offers", `${medians.join(" / ")} requests`),
    atMost("… more for each time that the list is twice as long", growth, { max: 2, unit: " requests" }),
  ];
}

async function countRuns(size: number, runs: number): Promise<number[]> {
  const counts: number[] = [];
  for (let seed = 0; seed < runs; seed += 1) counts.push(await countRun(size, seed));
  return counts.toSorted((a, b) => a - b);
}

async function countRun(size: number, seed: number): Promise<number> {
  const draw = createRandom(seed);
  const grows: ListDirection = seed % 2 === 0 ? "near" : "far";
  const listing = openRefreshedList({ size, pageSize, grows, duePerMille: 0 }, draw);
  const undecided = pickSome(undecidedCount, () => findRecent(listing, draw(Math.min(size, recentCount))));
  for (const offer of undecided) offer.acceptedAt = null;
  const before = crawlRefreshedList(listing);
  for (const offer of pickSome(13, () => undecided[draw(undecidedCount)])) decideOffer(offer);
  repeat(2, () => listing.offers.splice(draw(listing.offers.length), 1));
  repeat(15, () => growList(listing));
  const { plan, observations } = await runRefresh(before, listing);
  if (plan.kind !== "done") throw new Error(`the refresh left it to a crawl: ${plan.kind}`);
  return observations.length;
}

function pickSome<T>(count: number, pick: () => T | undefined): T[] {
  const picked = new Set<T>();
  while (picked.size < count) {
    const one = pick();
    if (one !== undefined) picked.add(one);
  }
  return [...picked];
}

function findWorst(counts: number[]): number {
  return counts.at(-1) ?? 0;
}

/** Returns the quantile `of` of `counts`, which must be sorted. The quantile 0.5 is the median. */
function findQuantile(counts: number[], of: number): number {
  return counts[Math.ceil(counts.length * of) - 1] ?? 0;
}

function findRecent({ offers, grows }: RefreshedList, age: number): ListedOffer | undefined {
  return grows === "near" ? offers[age] : offers.at(-1 - age);
}
