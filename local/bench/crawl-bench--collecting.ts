import { beginCrawl } from "../../functions/core/crawl/crawl-state.ts";
import { readWindow } from "../../functions/core/crawl/read-window.ts";
import { systemClock } from "../../functions/adapters/clock/clock.ts";
import { openPortal } from "../../functions/adapters/portal/portal-client.ts";
import { openOfferReader } from "../../functions/adapters/portal/offer-reader.ts";
import { startPortal } from "../portal/portal-server.ts";
import { atMost, type BenchFigure } from "./bench-figures.ts";
import { makeOffers } from "./bench-data--offers.ts";

const key = "bench";
const pages = 200;

/** 200 pages at 50 ms a request, with a limit that is never reached, against one page after another. */
export async function benchCollecting(): Promise<BenchFigure[]> {
  const offers = [...makeOffers(pages * 15)];
  const keys = { [key]: ["offers.read"] as const };
  const portal = await startPortal({ offers, keys, limit: 1_000_000, latencyMs: 50 });
  try {
    const client = openPortal({ url: portal.url, key });
    const together = await time(async () => {
      const crawl = beginCrawl({ windowMs: 60_000, reserve: 0 });
      const reader = openOfferReader(client, systemClock, { limit: crawl.limit, evidence: false });
      const read = await readWindow(crawl, reader);
      if (!read.crawl.done || read.pages.length !== pages) throw new Error("not all pages were collected");
    });
    const signal = new AbortController().signal;
    const oneByOne = await time(async () => {
      for (let page = 1; page <= pages; page += 1) await client.requestPage(page, { now: Date.now, signal });
    });
    return [
      atMost(`collecting ${pages} pages, share of one after another`, together / oneByOne, {
        most: 1 / 6,
        unit: "",
      }),
    ];
  } finally {
    await portal.stop();
  }
}

async function time(run: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await run();
  return performance.now() - startMs;
}
