import { workflow } from "sst/aws/workflow";
import * as z from "zod";
import { dateNow } from "../../adapters/clock/clock.ts";
import { emitMetrics, withLogIds } from "../../adapters/log/log.ts";
import {
  type DurableSteps,
  openCheckpointClient,
  openDurableSteps,
} from "../../adapters/workflow/durable-steps.ts";
import { toProblem } from "../../core/basics/stored-values.ts";
import { type NameLookup, newNameLookup } from "../../core/customer/name-lookup.ts";
import { maxDeliveryRounds, retryPauseSeconds } from "../../core/delivery/delivery-retries.ts";
import type { ExportJob } from "../../core/delivery/delivery-state.ts";
import { reportMetrics } from "../../core/metrics/metrics.ts";
import type { AppContext } from "../context.ts";
import { nameCustomers } from "../customer/missing-names.ts";
import { deliverRound } from "../delivery/deliver-export.ts";
import { recordReport } from "../report/compare-reports.ts";
import { publishFailure, publishResult } from "../report/publish-report.ts";
import { type ReportTask, writeReport } from "../report/write-report.ts";
import { obtainSnapshot } from "./snapshot-steps.ts";

const Input = z.object({ id: z.string(), errand: z.string().optional() });

/**
 * Returns the handler of the durable workflow that makes an export and delivers its report. A job with an `errand` does
 * not make the export: it only mails a finished report.
 */
export function createExportWorkflow(
  app: AppContext,
  client = openCheckpointClient(),
): ReturnType<typeof workflow.handler> {
  const run = async (event: unknown, context: workflow.Context) => {
    const job = Input.parse(event);
    const steps = openDurableSteps(context, job.id, app.clock.system);
    if (job.errand === undefined) await runExport(steps, app, job.id);
    await deliverReport(steps, app, job);
  };
  const handle = workflow.handler(run, { client });
  return (invocation, context) => {
    // The ARN ends with `/` and the execution's id.
    const executionId = invocation.DurableExecutionArn.split("/").at(-1) ?? "";
    return withLogIds({ requestId: context.awsRequestId, executionId }, () => handle(invocation, context));
  };
}

/**
 * Makes the export: obtains a snapshot, looks up names, and publishes the report's file. When a step fails, stores the
 * problem instead.
 */
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
 * Sends the finished export's mails and webhooks in rounds, with pauses between the rounds. A failed round does not
 * fail the export: the next round sends the deliveries that are still pending.
 */
async function deliverReport(steps: DurableSteps, app: AppContext, job: ExportJob): Promise<void> {
  for (let round = 1; round <= maxDeliveryRounds; round += 1) {
    const waitSeconds = await attemptRound(steps, app, { job, round });
    if (waitSeconds === null) return;
    await steps.wait(`delivering-${round}`, waitSeconds);
  }
}

/**
 * Sends one round of deliveries. Returns the seconds until the next round; null when nothing is left to send. Ignores
 * the error of a failed step, because the error has been logged and the step has been retried for minutes.
 */
async function attemptRound(
  steps: DurableSteps,
  app: AppContext,
  { job, round }: { job: ExportJob; round: number },
): Promise<number | null> {
  try {
    return await steps.step(`deliver-${round}`, () => deliverRound(app, job));
  } catch {
    return retryPauseSeconds(round);
  }
}

/**
 * Writes and publishes the report within one step, so that no step returns the report's result. The execution's history
 * keeps what a step returns, and the report's result contains customers' names.
 */
async function makeReport(app: AppContext, report: ReportTask): Promise<void> {
  const now = () => dateNow(app.clock).toISOString();
  const startedAt = now();
  const written = await writeReport(app, report);
  if (written !== null && (await publishResult(app, report.id, written.result)))
    await emitMetrics(reportMetrics(written, { naming: report.naming, startedAt, finishedAt: now() }));
  await recordReport(app, report.id);
}

/** Looks up the names of the report's customers, with one step for each window of the rate limit. */
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
