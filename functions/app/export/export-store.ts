import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import pLimit from "p-limit";
import * as z from "zod";
import { describeWriteConflict } from "../../adapters/bucket/bucket-errors.ts";
import type { Bucket } from "../../adapters/bucket/bucket.ts";
import { hashOptions, hashRecipients } from "../../adapters/bucket/key-hashes.ts";
import { logFault } from "../../adapters/log/log.ts";
import type { ExportWorkflow } from "../../adapters/workflow/lambda-workflow.ts";
import { exportKey, optionsClaimKey } from "../../core/basics/bucket-keys.ts";
import { ExportError } from "../../core/basics/errors.ts";
import { toProblem } from "../../core/basics/stored-values.ts";
import {
  addRecipients,
  type ExportResult,
  ExportState,
  failExport,
  formatExportId,
  isFinished,
  isFreshEnough,
  isInRetryPause,
  locateFile,
  newExportState,
  parseExportId,
  presentState,
} from "../../core/export/export-state.ts";
import type { ExportRequest } from "../../core/options/export-request.ts";
import type { Options } from "../../core/options/options.ts";
import type { StateStore } from "../context.ts";
import { readRegistry } from "../snapshot/snapshot-store.ts";

/** As its reader is told it; null when there is no such export: a malformed id is one that does not exist. */
export async function readExport(store: StateStore, id: string): Promise<ExportState | null> {
  if (parseExportId(id) === null) return null;
  const state = await store.bucket.readJson(exportKey(id), ExportState);
  if (state === null || isFinished(state)) return state;
  return presentState(state, (await readRegistry(store)).lease, new Date());
}

/** As it is kept, without its crawl's progress; null when it is finished or gone: somebody has cancelled it. */
export async function readUnfinished({ bucket }: StateStore, id: string): Promise<ExportState | null> {
  const state = await bucket.readJson(exportKey(id), ExportState);
  return state === null || isFinished(state) ? null : state;
}

/** Changes an export that is not finished yet, and gives it as it is then; null when there is none. */
export async function changeExport(
  { bucket }: StateStore,
  id: string,
  change: (state: ExportState) => ExportState,
): Promise<ExportState | null> {
  return await bucket.update(exportKey(id), ExportState, (before) => {
    const after = before === null || isFinished(before) ? null : change(before);
    return { after, answer: after };
  });
}

/**
 * The export of that id, made where there is none: of those who ask at once one makes it. One that has died
 * without a word fails for good, so that its workflow, should it wake up, publishes nothing any more.
 */
export async function claimExport(store: StateStore, made: ExportState): Promise<ExportState> {
  const { lease } = await readRegistry(store);
  return await store.bucket.update(exportKey(made.id), ExportState, (before) => {
    const state = before === null ? made : presentState(before, lease, new Date());
    const isChanged = before === null || isFinished(before) !== isFinished(state);
    return { after: isChanged ? state : null, answer: state };
  });
}

/** Of some options the export that was made last, and the last one before it of which a complete report was left. */
const Claim = z
  .object({ id: z.string(), completeId: z.string().nullable().default(null) })
  .catch({ id: "", completeId: null });

type Claimed = { value: z.infer<typeof Claim>; tag: string } | null;

/** Twenty who ask at once need two tries each. */
const maxTries = 20;
const pauseMs = 25;

/**
 * The export that answers the request: one of the same options that runs or is young enough, or a new one,
 * whose workflow is started. The claim of the options names the export before there is one, so a start that breaks
 * off leaves a name and no export that waits. Of those who ask at once exactly one gives the name, because S3 lets
 * only one of them replace the claim that all of them have read; the others make the export that it names.
 */
export async function requestExport(
  store: StateStore,
  workflow: ExportWorkflow,
  request: ExportRequest,
): Promise<ExportState> {
  for (let tries = 1; tries <= maxTries; tries += 1) {
    const state = await claimOptions(store, workflow, request);
    if (state !== null) return state;
    await sleep(Math.random() * pauseMs);
  }
  throw describeWriteConflict(maxTries);
}

/** Null when another request has come between. */
async function claimOptions(
  store: StateStore,
  workflow: ExportWorkflow,
  request: ExportRequest,
): Promise<ExportState | null> {
  const { bucket, config } = store;
  const optionsKey = hashOptions(config, request.options);
  const claimKey = optionsClaimKey(optionsKey);
  const claim = await bucket.readTagged(claimKey, Claim);
  const known = claim && (await readAtAll(store, claim.value.id));
  if (claim && known === null && isBeingMade(claim.value.id, Date.now()))
    return await startExport(store, workflow, await makeExport(store, claim.value.id, request));
  const state = known === unreadable ? null : known;
  if (state && (await answersRequest(store, state, request))) return await ensureStarted(workflow, state);
  const id = formatExportId({ startedMs: Date.now(), optionsKey }, randomBytes(6).toString("hex"));
  const completeId = await findCompleteId(store, state, claim);
  if (!(await bucket.replaceJson(claimKey, { id, completeId }, claim?.tag ?? null))) return null;
  return await startExport(store, workflow, await makeExport(store, id, request));
}

async function findCompleteId(
  store: StateStore,
  last: ExportState | null,
  claim: Claimed,
): Promise<string | null> {
  if (last !== null && (await findReport(store, last))) return last.id;
  return claim?.value.completeId ?? null;
}

/** Longer than the function that has claimed the id lives. */
const makingMs = 60_000;

/** Whether somebody may be about to make the export of that id. Of an older one nothing will come any more. */
function isBeingMade(id: string, nowMs: number): boolean {
  const startedMs = parseExportId(id)?.startedMs ?? -Infinity;
  return Math.abs(nowMs - startedMs) < makingMs;
}

/** Whether it was this call that made it. */
type Made = { state: ExportState; isNew: boolean };

async function makeExport({ bucket }: StateStore, id: string, request: ExportRequest): Promise<Made> {
  const made = newExportState(id, request, new Date());
  const make = () =>
    bucket.update(exportKey(id), ExportState, (before) => ({
      after: before === null ? made : null,
      answer: { state: before ?? made, isNew: before === null },
    }));
  try {
    return await make();
  } catch (error) {
    return { state: await findMade(bucket, id, error), isNew: true };
  }
}

/**
 * The export whose write failed: it may have been taken although its answers were lost, and is started then. Where
 * nobody can tell, it goes. Throws the error where there is none.
 */
async function findMade(bucket: Bucket, id: string, error: unknown): Promise<ExportState> {
  try {
    const state = await bucket.readJson(exportKey(id), ExportState);
    if (state !== null) return state;
  } catch {
    await bucket.remove(exportKey(id)).catch(() => undefined);
  }
  throw error;
}

/** An export that cannot be started fails at once: nobody else may ever ask for it. */
async function startExport(
  store: StateStore,
  workflow: ExportWorkflow,
  { state, isNew }: Made,
): Promise<ExportState> {
  try {
    return await ensureStarted(workflow, state);
  } catch (error) {
    const left = isNew ? await failUnstarted(store, state.id, error) : null;
    if (left === null || left.status === "failed") throw error;
    return left;
  }
}

/** What became of the export, as far as can be told: where only the answer to its start was lost, it runs. */
async function failUnstarted(store: StateStore, id: string, error: unknown): Promise<ExportState | null> {
  const problem = toProblem(error);
  const fail = (state: ExportState) =>
    state.status === "queued" ? failExport(state, problem, new Date()) : state;
  return await changeExport(store, id, fail).catch(() => null);
}

/** Heals a start that broke off between the export and the workflow: a second start of one id does nothing. */
export async function ensureStarted(workflow: ExportWorkflow, state: ExportState): Promise<ExportState> {
  if (state.status === "queued") await workflow.start(state.id);
  return state;
}

/**
 * Has the export mailed to them too, once, whoever else has asked for that. One that is finished already is
 * delivered by an errand of its own, which has the same name however often the same is asked for.
 */
export async function mailExportTo(
  { app, workflow }: { app: StateStore; workflow: ExportWorkflow },
  id: string,
  mailTo: string[],
): Promise<void> {
  if (mailTo.length === 0) return;
  const state = await app.bucket.update(exportKey(id), ExportState, (before) => ({
    after: before === null || before.status === "failed" ? null : addRecipients(before, mailTo),
    answer: before,
  }));
  if (state?.status === "succeeded") await workflow.start(id, hashRecipients(mailTo));
}

export type FinishedExport = { id: string; result: ExportResult };

/** The export's report, where it is complete and its file is still there. */
async function findReport(
  { bucket }: StateStore,
  { id, result }: ExportState,
): Promise<FinishedExport | null> {
  if (result?.completeness !== "complete") return null;
  return (await bucket.exists(locateFile({ id, result }))) ? { id, result } : null;
}

/** The last complete report of these options that is there. */
export async function findLastReport(store: StateStore, options: Options): Promise<FinishedExport | null> {
  const claim = await store.bucket.readJson(optionsClaimKey(hashOptions(store.config, options)), Claim);
  for (const id of [claim?.id, claim?.completeId]) {
    const state = id ? await readIfReadable(store, id) : null;
    const report = state && (await findReport(store, state));
    if (report !== null) return report;
  }
  return null;
}

async function answersRequest(
  { bucket }: StateStore,
  state: ExportState,
  request: ExportRequest,
): Promise<boolean> {
  if (!isFinished(state)) return true;
  const now = new Date();
  const { id, result } = state;
  if (result === null) return isInRetryPause(state, request, now);
  return isFreshEnough(result, request, now) && (await bucket.exists(locateFile({ id, result })));
}

const unreadable = Symbol("unreadable");

async function readAtAll(store: StateStore, id: string): Promise<ExportState | typeof unreadable | null> {
  try {
    return await readExport(store, id);
  } catch (error) {
    if (error instanceof ExportError) throw error;
    await logFault(error, { exportId: id });
    return unreadable;
  }
}

/** What cannot be read stands in nobody's way. */
export async function readIfReadable(store: StateStore, id: string): Promise<ExportState | null> {
  const state = await readAtAll(store, id);
  return state === unreadable ? null : state;
}

const maxListed = 50;
const maxAtOnce = 10;

/** The newest exports, newest first. */
export async function listExports(store: StateStore): Promise<ExportState[]> {
  const keys = await store.bucket.listKeys("exports/");
  const ids = keys.map((key) => key.slice("exports/".length, -".json".length)).slice(0, maxListed);
  const atOnce = pLimit(maxAtOnce);
  const states = await Promise.all(ids.map((id) => atOnce(readIfReadable, store, id)));
  return states.filter((state) => state !== null);
}
