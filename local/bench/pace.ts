import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "../../functions/io/config.ts";
import { readExport } from "../../functions/io/export/exports.ts";
import { openWorld } from "../../functions/io/world.ts";
import { createWorkflow } from "../../functions/workflow.ts";
import { startRunner } from "../durable/runner.ts";
import type { LimiterKind } from "../portal/limiter.ts";
import { prepareExport } from "./exports.ts";
import { atMost, type Figure } from "./figure.ts";
import { openStillPortal, perWindow, windowMs } from "./still.ts";
import { createVirtualClock } from "./virtual.ts";

/**
 * Exports at the portal's 60 requests a minute: the unchanged workflow on the local runner, on a virtual clock.
 * The time over the optimum, the requests, and the time that functions ran.
 */
export async function benchPace(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const kind of ["fixed", "rolling"] as const) {
    for (const pages of [100, 1_000, 10_000]) figures.push(...(await measure(kind, pages)));
  }
  return figures;
}

async function measure(kind: LimiterKind, pages: number): Promise<Figure[]> {
  const { tookMs, requests, refusals, burstMs, billedMs } = await exportPages(kind, pages);
  const bestMs = windowMs * (Math.ceil(requests / perWindow) - 1) + burstMs;
  const name = `crawl of ${pages.toLocaleString("en")} pages, ${kind} windows`;
  const billed = `functions ran ${(billedMs / 1000).toFixed(0)} s, ${((100 * billedMs) / tookMs).toFixed(1)} %`;
  return [
    atMost(`${name}, time over the optimum (${refusals} 429s; ${billed})`, tookMs / bestMs, {
      most: 1.05,
      unit: "",
    }),
    atMost(`${name}, requests`, requests, { most: 1.04 * pages + 10, unit: "" }),
  ];
}

async function exportPages(kind: LimiterKind, pages: number) {
  const clock = createVirtualClock(Date.now());
  const { portal, facts } = openStillPortal({ kind, pages, clock });
  const config = readConfig(process.env);
  const key = `${kind}-${pages}`;
  const world = { ...openWorld({ ...config, portal: { ...config.portal, key } }, { clock }), portal };
  const directory = await mkdtemp(join(tmpdir(), "offer-export-pace-"));
  const runner = await startRunner({ directory, handler: createWorkflow(world), clock });
  try {
    const { id } = await prepareExport(world);
    await runner.start(id, { id });
    await runner.finish(id);
    const state = await readExport(world, id);
    if (state?.result?.completeness !== "complete" || state.result.pages !== pages)
      throw new Error(`the crawl is not complete: ${state?.problem?.code}`);
    const described = await runner.describe(id);
    // By both clocks: the portal's answers take virtual time, our own work the system's.
    const billedMs = (described?.billedMs ?? 0) + (described?.realMs ?? 0);
    return { ...facts(), billedMs };
  } finally {
    await runner.close();
    await rm(directory, { recursive: true });
  }
}
