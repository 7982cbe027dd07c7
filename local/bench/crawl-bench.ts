import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../functions/adapters/clock/clock.ts";
import { openOfferReader } from "../../functions/adapters/portal/offer-reader.ts";
import { openPortal } from "../../functions/adapters/portal/portal-client.ts";
import { readConfig } from "../../functions/adapters/settings/settings.ts";
import { openContext } from "../../functions/app/context.ts";
import { readExport } from "../../functions/app/export/export-store.ts";
import { createExportWorkflow } from "../../functions/app/workflow/export-workflow.ts";
import { beginCrawl } from "../../functions/core/crawl/crawl-state.ts";
import { readWindow } from "../../functions/core/crawl/read-window.ts";
import { startRunner } from "../durable/runner.ts";
import { createVirtualClock } from "../fast-clock.ts";
import type { LimiterKind } from "../portal/portal-limiter.ts";
import { startPortal } from "../portal/portal-server.ts";
import { makeOffers, prepareExport } from "./bench-data.ts";
import { atMost, type BenchFigure } from "./bench-figures.ts";
import { type LimitDisclosure, openStaticPortal, perWindow, windowMs } from "./static-portal.ts";

/**
 * Measures exports from a portal with a rate limit: their time relative to the optimum, their requests and the running
 * time of functions. The unchanged workflow runs on the local runner with a virtual clock.
 */
export async function benchCrawl(): Promise<BenchFigure[]> {
  const figures: BenchFigure[] = [];
  for (const kind of ["fixed", "rolling"] as const) {
    for (const pages of [100, 1_000, 10_000]) figures.push(...(await measure(kind, pages)));
    for (const limit of [60, 30, 120]) figures.push(...(await compareDisclosure(kind, limit)));
  }
  return figures;
}

const silentPages = 300;

/**
 * Compares the times of exports from three portals. One portal states its rate limit in every answer, one only in 429s
 * and one never.
 */
async function compareDisclosure(kind: LimiterKind, limit: number): Promise<BenchFigure[]> {
  const withHeaders = await exportPages({ kind, pages: silentPages, limit });
  const figures: BenchFigure[] = [];
  for (const disclosure of ["in 429s", "never"] as const) {
    const { tookMs, refusals } = await exportPages({ kind, pages: silentPages, limit, disclosure });
    const how = disclosure === "never" ? "never stated" : "stated only by 429s";
    const name = `crawl of ${silentPages} pages, ${kind} windows of ${limit} ${how}, time over that with headers`;
    figures.push(atMost(`${name} (${refusals} 429s)`, tookMs / withHeaders.tookMs, { max: 1.15, unit: "" }));
  }
  return figures;
}

async function measure(kind: LimiterKind, pages: number): Promise<BenchFigure[]> {
  const { tookMs, requests, refusals, burstMs, billedMs } = await exportPages({ kind, pages });
  const bestMs = windowMs * (Math.ceil(requests / perWindow) - 1) + burstMs;
  const name = `crawl of ${pages.toLocaleString("en")} pages, ${kind} windows`;
  const billed = `functions ran ${(billedMs / 1000).toFixed(0)} s, ${((100 * billedMs) / tookMs).toFixed(1)} %`;
  return [
    atMost(`${name}, time over the optimum (${refusals} 429s; ${billed})`, tookMs / bestMs, {
      max: 1.02,
      unit: "",
    }),
    atMost(`${name}, requests`, requests, { max: 1.05 * pages + 8, unit: "" }),
  ];
}

type CrawlSetting = { kind: LimiterKind; pages: number; limit?: number; disclosure?: LimitDisclosure };

async function exportPages(setting: CrawlSetting) {
  const { kind, pages, limit = perWindow, disclosure = "always" } = setting;
  const clock = createVirtualClock(Date.now());
  const { portal, facts } = openStaticPortal({ ...setting, clock });
  const config = readConfig(process.env);
  const key = `${kind}-${pages}-${limit}-${disclosure}`;
  const app = { ...openContext({ ...config, portal: { ...config.portal, key } }, { clock }), portal };
  const directory = await mkdtemp(join(tmpdir(), "offer-export-crawl-"));
  const runner = await startRunner({ directory, handler: createExportWorkflow(app), clock });
  try {
    const { id } = await prepareExport(app);
    await runner.start(id, { id });
    await runner.finish(id);
    const state = await readExport(app, id);
    if (state?.result?.completeness !== "complete" || state.result.pages !== pages)
      throw new Error(`the crawl is not complete: ${state?.problem?.code}`);
    const described = await runner.describe(id);
    // Adds virtual and real time, because the portal's answers take only virtual time and the project's code takes only
    // real time.
    const billedMs = (described?.billedMs ?? 0) + (described?.realMs ?? 0);
    return { ...facts(), billedMs };
  } finally {
    await runner.close();
    await rm(directory, { recursive: true });
  }
}

const key = "bench";
const pages = 200;

/**
 * Compares the times of two ways to read 200 pages: a crawl, and requests one after another. Each request takes 50 ms,
 * and the rate limit is too high to matter.
 */
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
        max: 1 / 6,
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
