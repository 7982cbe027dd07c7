import { beginCrawl } from "./core/crawl.ts";
import { describeFailure, ExportError } from "./core/error.ts";
import type { ExportState } from "./core/export.ts";
import type { Steps } from "./core/steps.ts";
import { collectWindow } from "./io/collect.ts";
import { logFault } from "./io/log.ts";
import { publishFailure, publishResult } from "./io/publish.ts";
import { writeReport } from "./io/report.ts";
import type { World } from "./io/world.ts";

/** An export from its first request to its published file, or to the problem that says why there is none. */
export async function runExport(steps: Steps, world: World, state: ExportState): Promise<ExportState> {
  try {
    await collectOffers(steps, world, state);
    const result = await steps.step("report", () => writeReport(world, state));
    return await steps.step("publish", () => publishResult(world, state, result));
  } catch (error) {
    if (!(error instanceof ExportError) || error.kind === "storage") logFault(error, { exportId: state.id });
    const problem = describeFailure(error);
    return await steps.step("fail", () => publishFailure(world, state, problem));
  }
}

async function collectOffers(steps: Steps, world: World, state: ExportState): Promise<void> {
  const { rateWindowMs, rateReserve } = world.config.portal;
  let crawl = beginCrawl({ windowMs: rateWindowMs, reserve: rateReserve });
  for (let window = 1; !crawl.done; window += 1) {
    const collected = await steps.step(`window-${window}`, () => collectWindow(world, state, crawl));
    crawl = collected.crawl;
    if (collected.waitSeconds > 0) await steps.wait(`reopening-${window}`, collected.waitSeconds);
  }
}
