import { workflow } from "sst/aws/workflow";
import * as z from "zod";
import { beginCrawl, type Crawl } from "./core/crawl.ts";
import { describeFailure } from "./core/failure.ts";
import type { Limit } from "./core/limit.ts";
import { type Naming, noNaming } from "./core/naming.ts";
import type { Steps } from "./core/steps.ts";
import { collectWindow } from "./io/collect.ts";
import { nameCustomers } from "./io/naming.ts";
import { readPace } from "./io/progress.ts";
import { beginRefresh, refreshWindow } from "./io/refresh.ts";
import { publishFailure, publishResult } from "./io/publish.ts";
import { type Report, writeReport } from "./io/report.ts";
import { sealSnapshot } from "./io/seal.ts";
import { enterReport } from "./io/series.ts";
import { settleMissing } from "./io/missing.ts";
import { openSteps } from "./io/steps.ts";
import { findTurn } from "./io/turn.ts";
import { verifyCrawl } from "./io/verify.ts";
import type { World } from "./io/world.ts";

const Input = z.object({ id: z.string() });

/** The durable workflow of an export; the execution is called after it. */
export function createWorkflow(world: World) {
  return workflow.handler(async (event: unknown, context) => {
    const { id } = Input.parse(event);
    await runExport(openSteps(context, id), world, id);
  });
}

/** An export from its first request to its published file, or to the problem that says why there is none. */
export async function runExport(steps: Steps, world: World, id: string): Promise<void> {
  try {
    const snapshotId = await obtainSnapshot(steps, world, id);
    if (snapshotId === null) return;
    const naming = await obtainNames(steps, world, { id, snapshotId });
    await steps.step("report", () => makeReport(world, { id, snapshotId, naming }));
  } catch (error) {
    const problem = describeFailure(error);
    await steps.step("fail", () => publishFailure(world, id, problem));
  }
}

/** In one step: what a step gives back stays in the execution's history, and a result names customers. */
async function makeReport(world: World, report: Report): Promise<void> {
  const result = await writeReport(world, report);
  if (result !== null) await publishResult(world, report.id, result);
  await enterReport(world, report.id);
}

/** A snapshot that is young enough, whoever has made it; null when the export is cancelled. */
async function obtainSnapshot(steps: Steps, world: World, id: string): Promise<string | null> {
  let joinedId: string | null = null;
  for (let number = 1; ; number += 1) {
    const turn = await steps.step(`turn-${number}`, () => findTurn(world, id, joinedId));
    if (turn === null) return null;
    if (turn.kind === "use") return turn.snapshotId;
    if (turn.kind === "wait") {
      joinedId = turn.snapshotId ?? joinedId;
      await steps.wait(`joined-${number}`, turn.seconds);
    } else {
      const { expectedPages, baseId } = turn;
      const refreshed = await refreshSnapshot(steps, world, { id, number, baseId, limit: turn.limit });
      if (refreshed === null) continue;
      const { limit, requests, windows: window } = refreshed;
      const begun = beginCrawl({ ...readPace(world), expectedPages, limit, requests });
      await makeSnapshot(steps, world, { id, number, begun, window });
    }
  }
}

type Refresh = { id: string; number: number; baseId: string | null; limit: Limit | null };

/**
 * What may have changed since the base, a step for each window. Null when that has made the snapshot, or the reading
 * is lost; else a crawl follows, after so many windows.
 */
async function refreshSnapshot(
  steps: Steps,
  world: World,
  { id, number, baseId, limit }: Refresh,
): Promise<{ limit: Limit | null; requests: number; windows: number } | null> {
  if (baseId === null) return { limit, requests: 0, windows: 0 };
  let begun = beginRefresh(limit);
  for (let window = 1; ; window += 1) {
    const task = { id, baseId, window, begun };
    const refreshed = await steps.step(`refresh-${number}-${window}`, () => refreshWindow(world, task));
    if (refreshed === null || refreshed.kind === "sealed") return null;
    begun = refreshed.refreshing;
    if (refreshed.kind === "crawl") return { ...begun, windows: window };
    if (refreshed.waitSeconds > 0) await steps.wait(`refreshing-${number}-${window}`, refreshed.waitSeconds);
  }
}

/** `window` is the number of the one before the crawl's first. */
type Task = { id: string; number: number; begun: Crawl; window: number };

/** A step for each window of the rate limit; between them nothing runs. A crawl that is lost makes no snapshot. */
async function makeSnapshot(steps: Steps, world: World, task: Task): Promise<void> {
  const { id, number } = task;
  let { begun: crawl, window } = task;
  while (!crawl.done) {
    window += 1;
    const due = { id, begun: crawl, window };
    const collected = await steps.step(`window-${number}-${window}`, () => collectWindow(world, due));
    if (collected === null) return;
    crawl = collected.crawl;
    if (collected.waitSeconds > 0) await steps.wait(`reopening-${number}-${window}`, collected.waitSeconds);
  }
  let verified = await steps.step(`verify-${number}`, () => verifyCrawl(world, { id, crawl }));
  for (let round = 1; verified.missing.length > 0; round += 1) {
    const question = { id, ...verified };
    const settled = await steps.step(`settle-${number}-${round}`, () => settleMissing(world, question));
    if (settled.waitSeconds > 0) await steps.wait(`settling-${number}-${round}`, settled.waitSeconds);
    verified = settled;
  }
  const { crawl: end } = verified;
  await steps.step(`seal-${number}`, () => sealSnapshot(world, { id, crawl: end, window }));
}

/** The names of the report's customers, as far as the portal gives them: a step for each window of the rate limit. */
async function obtainNames(
  steps: Steps,
  world: World,
  report: { id: string; snapshotId: string },
): Promise<Naming> {
  let naming = noNaming;
  for (let number = 1; ; number += 1) {
    const task = { ...report, begun: naming };
    const named = await steps.step(`names-${number}`, () => nameCustomers(world, task));
    naming = named.naming;
    if (named.waitSeconds === null) return naming;
    if (named.waitSeconds > 0) await steps.wait(`naming-${number}`, named.waitSeconds);
  }
}
