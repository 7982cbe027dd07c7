import { crawlList, type Draw, insertOffer, makeDraw, openList } from "../../test/support/list.ts";

const pages = 600;
const crawls = 40;

/** What lists that grow at page 1 cost, 15 offers a page and 60 requests a window: a line for each pace. */
export async function describeGrowing(): Promise<string[]> {
  const lines: string[] = [];
  for (const perMille of [0, 1, 5, 10, 20]) {
    lines.push(await describe(perMille, "pages read in order", () => () => 0));
    lines.push(await describe(perMille, "pages overtaking each other", makeDraw));
  }
  return lines;
}

async function describe(perMille: number, order: string, drawBy: (seed: number) => Draw): Promise<string> {
  let [requests, windows, again, complete] = [0, 0, 0, 0];
  for (let seed = 0; seed < crawls; seed += 1) {
    const list = openList(15 * pages);
    const chance = makeDraw(seed + 1_000);
    const change = () => {
      if (chance(1000) < perMille) insertOffer(list, 0);
    };
    const { crawl } = await crawlList({ list, draw: drawBy(seed), pageSize: 15, perWindow: 60, change });
    requests += list.requests;
    windows += crawl.parts;
    again += crawl.voidParts.length;
    complete += crawl.doubts.length === 0 ? 1 : 0;
  }
  const spent = `${(requests / crawls / pages).toFixed(3)} requests a page`;
  const share = `${((100 * again) / windows).toFixed(1)} % of the windows read again`;
  return `${perMille} new offers in 1,000 requests, ${order}: ${spent}, ${share}, ${complete} of ${crawls} complete`;
}
