import { workflow } from "sst/aws/workflow";
import * as z from "zod";
import { dateNow } from "../../adapters/clock/clock.ts";
import { emitMetrics } from "../../adapters/log/emit-metrics.ts";
import { withLogIds } from "../../adapters/log/log.ts";
import {
  type DurableSteps,
  openCheckpointClient,
  openDurableSteps,
} from "../../adapters/workflow/durable-steps.ts";
import { ExportError } from "../../core/basics/errors.ts";
import { toProblem } from "../../core/basics/stored-values.ts";
import { beginCrawl, type CrawlState, repeatCrawl } from "../../core/crawl/crawl-state.ts";
import { type NameLookup, newNameLookup } from "../../core/customer/name-lookup.ts";
import { maxDeliveryRounds, retryPauseSeconds } from "../../core/delivery/delivery-retries.ts";
import type { ExportJob } from "../../core/delivery/delivery-state.ts";
import { reportMetrics } from "../../core/metrics/metrics.ts";
import type { RateLimit } from "../../core/rate-limit/rate-limit.ts";
import type { StoredObject, StoredPart } from "../../core/snapshot/snapshot-manifest.ts";
import { isResumable, restartCrawl } from "../../core/snapshot/unfinished-crawl.ts";
import type { AppContext } from "../context.ts";
import { type CollectedWindow, collectWindow } from "../crawl/collect-window.ts";
import { readRateSettings } from "../crawl/crawl-progress.ts";
import { commitSnapshot, resolveMissing, verifyCrawl } from "../crawl/finish-crawl.ts";
import { findNextAction } from "../crawl/next-action.ts";
import { keepUnfinished, resumeUnfinished } from "../crawl/resume-crawl.ts";
import { nameCustomers } from "../customer/name-customers.ts";
import { deliverRound } from "../delivery/deliver-export.ts";
import { commitRefresh } from "../refresh/refresh-store.ts";
import { newRefreshRun, type RefreshRun, refreshWindow } from "../refresh/refresh-window.ts";
import { recordReport } from "../report/compare-reports.ts";
import { publishFailure, publishResult } from "../report/publish-report.ts";
import { type ReportTask, writeReport } from "../report/write-report.ts";

const Input = z.object({ id: z.string(), errand: z.string().optional() });

/** The durable workflow of an export; the execution is called after it. A later errand only delivers it. */
export function createExportWorkflow(
  app: AppContext,
  client = openCheckpointClient(),
): ReturnType<typeof workflow.handler> {
  const run = async (event: unknown, context: workflow.Context) => {
    const errand = Input.parse(event);
    const steps = openDurableSteps(context, errand.id);
    if (errand.errand === undefined) await runExport(steps, app, errand.id);
    await deliverReport(steps, app, errand);
  };
  const handle = workflow.handler(run, { client });
  return (invocation, context) => {
    // Its ARN ends in the execution's name and an id of its own.
    const executionId = invocation.DurableExecutionArn.split("/").at(-1) ?? "";
    return withLogIds({ requestId: context.awsRequestId, executionId }, () => handle(invocation, context));
  };
}

/** An export from its first request to its published file, or to the problem that says why there is none. */
export async function runExport(steps: DurableSteps, app: AppContext, id: string): Promise<void> {
  try {
    const snapshotId = await obtainSnapshot(steps, app, id);
    if (snapshotId === null) return;
    const naming = await obtainNames(steps, app, { id, snapshotId });
    await steps.step("report", () => makeReport(app, { id, snapshotId, naming }));
  } catch (error) {
    const problem = toProblem(error);
    await steps.step("fail", () => publishFailure(app, id, problem));
  }
}

/**
 * Sends the finished report to whom it is to go, in rounds that are as far apart as what has failed may wait. No
 * fault of a round is one of the export, which stands; the next round finds what this one has left.
 */
async function deliverReport(steps: DurableSteps, app: AppContext, errand: ExportJob): Promise<void> {
  for (let round = 1; round <= maxDeliveryRounds; round += 1) {
    const waitSeconds = await attemptRound(steps, app, { errand, round });
    if (waitSeconds === null) return;
    await steps.wait(`delivering-${round}`, waitSeconds);
  }
}

/** A fault has been logged, and tried again for minutes: it is not told by another word here. */
async function attemptRound(
  steps: DurableSteps,
  app: AppContext,
  { errand, round }: { errand: ExportJob; round: number },
): Promise<number | null> {
  try {
    return await steps.step(`deliver-${round}`, () => deliverRound(app, errand));
  } catch {
    return retryPauseSeconds(round);
  }
}

/** In one step: what a step gives back stays in the execution's history, and a result names customers. */
async function makeReport(app: AppContext, report: ReportTask): Promise<void> {
  const now = () => dateNow(app.clock).toISOString();
  const startedAt = now();
  const written = await writeReport(app, report);
  if (written !== null && (await publishResult(app, report.id, written.result)))
    await emitMetrics(reportMetrics(written, { naming: report.naming, startedAt, finishedAt: now() }));
  await recordReport(app, report.id);
}

/** A snapshot that is young enough, whoever has made it; null when the export is cancelled. */
async function obtainSnapshot(steps: DurableSteps, app: AppContext, id: string): Promise<string | null> {
  let joinedId: string | null = null;
  let hasRead = false;
  for (let number = 1; ; number += 1) {
    const action = await steps.step(`turn-${number}`, () => findNextAction(app, id, joinedId));
    if (action === null) return null;
    if (action.kind === "use") return action.snapshotId;
    if (action.kind === "wait") {
      joinedId = action.snapshotId ?? joinedId;
      await steps.wait(`joined-${number}`, action.seconds);
    } else {
      const { expectedPages, baseId, resumeId } = action;
      const isFirst = !hasRead;
      hasRead = true;
      const refreshed = await refreshSnapshot(steps, app, { id, number, baseId, limit: action.limit });
      if (refreshed === null) continue;
      const { windows: window, broken: _, ...known } = refreshed;
      const begun = beginCrawl({ ...readRateSettings(app), expectedPages, ...known });
      const afresh = {
        id,
        number,
        begun,
        window,
        stored: [],
        awaySince: null,
        keeps: resumeId !== undefined,
      };
      const resumed =
        isFirst && resumeId != null
          ? await steps.step(`resume-${number}`, () => resumeUnfinished(app, { ...afresh, resumeId }))
          : null;
      await makeSnapshot(steps, app, { ...afresh, ...resumed });
    }
  }
}

type Refresh = { id: string; number: number; baseId: string | null; limit: RateLimit | null };

/**
 * What may have changed since the base, a step for each window. Null when that has made the snapshot, or the reading
 * is lost; else a crawl follows, after so many windows.
 */
async function refreshSnapshot(
  steps: DurableSteps,
  app: AppContext,
  { id, number, baseId, limit }: Refresh,
): Promise<(RefreshRun & { windows: number }) | null> {
  let begun = newRefreshRun(limit);
  const observations: (StoredObject | null)[] = [];
  if (baseId === null) return { ...begun, windows: 0 };
  for (let window = 1; ; window += 1) {
    const task = { id, baseId, window, begun, observations: [...observations] };
    const refreshed = await steps.step(`refresh-${number}-${window}`, () => refreshWindow(app, task));
    if (refreshed === null || refreshed.kind === "sealed") return null;
    begun = refreshed.refreshing;
    if (refreshed.kind === "crawl") return { ...begun, windows: window };
    if (refreshed.kind === "renewed") {
      const { refusals } = begun;
      const { renewed } = refreshed;
      await steps.step(`seal-${number}`, () => commitRefresh(app, { id, window, refusals, renewed }));
      return null;
    }
    observations.push(refreshed.sights ?? null);
    if (refreshed.waitSeconds > 0) await steps.wait(`refreshing-${number}-${window}`, refreshed.waitSeconds);
  }
}

/**
 * `window` is the number of the one before the crawl's first, `stored` the parts of a crawl that is resumed, and
 * `awaySince` when that failed. `keeps` is whether a crawl that fails is kept: the history of the version before has
 * no step for it.
 */
type Task = {
  id: string;
  number: number;
  begun: CrawlState;
  window: number;
  stored: StoredPart[];
  awaySince: string | null;
  keeps: boolean;
};

/** A step for each window of the rate limit; between them nothing runs. A crawl that is lost makes no snapshot. */
async function makeSnapshot(steps: DurableSteps, app: AppContext, task: Task): Promise<void> {
  const { id, number } = task;
  const stored = [...task.stored];
  let read = await readList(steps, app, { ...task, stored, suffix: `${number}` });
  if (read?.isLost) {
    const again = { ...task, begun: repeatCrawl(read.crawl), window: read.window, awaySince: null };
    read = await readList(steps, app, { ...again, stored, suffix: `${number}-again` });
  }
  if (read === null) return;
  const { crawl, window } = read;
  await steps.step(`seal-${number}`, () => commitSnapshot(app, { id, crawl, window, stored }));
}

/** `stored` takes the parts that are written. */
type Listing = Task & { suffix: string };

/** `isLost` when the crawl has missed offers, and is to be repeated. */
type ListRead = { crawl: CrawlState; window: number; isLost: boolean };

/** Reads the list to its end, and looks for what should be in it. Null when the crawl is lost. */
async function readList(
  steps: DurableSteps,
  app: AppContext,
  { suffix, ...task }: Listing,
): Promise<ListRead | null> {
  const { id, number, stored } = task;
  let { begun: crawl, window, awaySince } = task;
  let isResumed = awaySince !== null;
  const keep = (part: StoredPart | null | undefined) => stored.push(...(part ? [part] : []));
  while (!crawl.done) {
    window += 1;
    const collected = await readWindow(steps, app, { ...task, begun: crawl, window, awaySince });
    if (collected === null) return null;
    crawl = collected.crawl;
    if (crawl.brokenWindows === 0) awaySince = null;
    if (isResumed && crawl.doubts.length > 0) {
      crawl = restartCrawl(crawl);
      isResumed = false;
    }
    keep(collected.part);
    if (collected.waitSeconds > 0) await steps.wait(`reopening-${number}-${window}`, collected.waitSeconds);
  }
  let verified = await steps.step(`verify-${suffix}`, () => verifyCrawl(app, { id, crawl, stored }));
  for (let round = 1; verified.missing.length > 0; round += 1) {
    const question = { id, ...verified };
    const settled = await steps.step(`settle-${suffix}-${round}`, () => resolveMissing(app, question));
    if (settled.waitSeconds > 0) await steps.wait(`settling-${suffix}-${round}`, settled.waitSeconds);
    verified = settled;
    keep(settled.part);
    if (settled.isLost) return { crawl: settled.crawl, window, isLost: true };
  }
  return { crawl: verified.crawl, window, isLost: false };
}

/** Where the portal fails the crawl, what the windows before have read is kept for the next export. */
async function readWindow(steps: DurableSteps, app: AppContext, due: Task): Promise<CollectedWindow | null> {
  const { id, number, window, begun, stored, awaySince, keeps } = due;
  try {
    const task = { id, begun, window };
    return await steps.step(`window-${number}-${window}`, () => collectWindow(app, task));
  } catch (error) {
    const isPortal = error instanceof ExportError && error.kind === "portal";
    if (isPortal && keeps && isResumable(begun)) {
      const failing = { id, crawl: begun, stored: [...stored], awaySince };
      // The export fails by what the portal did, whatever becomes of this.
      await steps.step(`keep-${number}`, () => keepUnfinished(app, failing)).catch(() => undefined);
    }
    throw error;
  }
}

/** The names of the report's customers, as far as the portal gives them: a step for each window of the rate limit. */
async function obtainNames(
  steps: DurableSteps,
  app: AppContext,
  report: { id: string; snapshotId: string },
): Promise<NameLookup> {
  let naming = newNameLookup;
  for (let number = 1; ; number += 1) {
    const task = { ...report, begun: naming };
    const named = await steps.step(`names-${number}`, () => nameCustomers(app, task));
    naming = named.naming;
    if (named.waitSeconds === null) return naming;
    if (named.waitSeconds > 0) await steps.wait(`naming-${number}`, named.waitSeconds);
  }
}
