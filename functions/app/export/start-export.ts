import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import type { Bucket } from "../../adapters/bucket/bucket.ts";
import { hashOptions, hashRecipients, hashShort } from "../../adapters/bucket/key-hashes.ts";
import { describeWriteConflict } from "../../adapters/bucket/s3-client.ts";
import type { ExportWorkflow } from "../../adapters/workflow/lambda-workflow.ts";
import {
  exportKey,
  formatExportId,
  idempotencyClaimKey,
  optionsClaimKey,
  parseExportId,
} from "../../core/basics/bucket-keys.ts";
import { ExportError } from "../../core/basics/errors.ts";
import { isoMoment, type RecordUpdate, toProblem } from "../../core/basics/stored-values.ts";
import {
  addRecipients,
  ExportState,
  failExport,
  isFinished,
  isFreshEnough,
  isInRetryPause,
  locateFile,
  newExportState,
} from "../../core/export/export-state.ts";
import type { ExportRequest } from "../../core/options/export-request.ts";
import type { StateStore } from "../context.ts";
import { changeExport, findReport, OptionsClaim, readExport, tryReadExport } from "./export-store.ts";

/** Twenty concurrent requests need two tries each. */
const maxTries = 20;
const pauseMs = 25;

/**
 * Returns the export that answers the request: a running or fresh enough one of the same options, or else a new one,
 * whose workflow it starts.
 *
 * The claim of the options names the new export before that export exists. An interrupted start therefore leaves only
 * a name, and never an export that waits forever. A conditional write replaces the claim. So one of several
 * concurrent requests sets the id, and the others use the export of that id.
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

/** Null when another request has replaced the claim meanwhile. */
async function claimOptions(
  store: StateStore,
  workflow: ExportWorkflow,
  request: ExportRequest,
): Promise<ExportState | null> {
  const { bucket, config } = store;
  const optionsKey = hashOptions(config, request.options);
  const claimKey = optionsClaimKey(optionsKey);
  const claim = await bucket.readTagged(claimKey, OptionsClaim);
  const known = claim && (await tryReadExport(store, claim.value.id));
  if (claim && known === null && isBeingMade(claim.value.id, Date.now()))
    return await startExport(store, workflow, await makeExport(store, claim.value.id, request));
  const state = known === "unreadable" ? null : known;
  if (state && (await answersRequest(store, state, request))) return await ensureStarted(workflow, state);
  const id = formatExportId({ startedMs: Date.now(), optionsKey }, randomBytes(6).toString("hex"));
  const completeId = await findCompleteId(store, state, claim?.value ?? null);
  if (!(await bucket.replaceJson(claimKey, { id, completeId }, claim?.tag ?? null))) return null;
  return await startExport(store, workflow, await makeExport(store, id, request));
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

async function findCompleteId(
  store: StateStore,
  last: ExportState | null,
  claim: OptionsClaim | null,
): Promise<string | null> {
  if (last !== null && (await findReport(store, last))) return last.id;
  return claim?.completeId ?? null;
}

/** Longer than the lifetime of the function that has claimed the id. */
const makingMs = 60_000;

/** True when the id is so young that another request may still create its export. */
function isBeingMade(id: string, nowMs: number): boolean {
  const startedMs = parseExportId(id)?.startedMs ?? -Infinity;
  return Math.abs(nowMs - startedMs) < makingMs;
}

/** `isNew` is true when this call created the export. */
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
 * Finds out whether a failed write has created the export: S3 may have stored it although its response was lost.
 * Throws `error` if there is no export. Removes the export if S3 cannot tell.
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

/** A new export that cannot be started fails at once, because perhaps nobody asks for it again. */
async function startExport(
  store: StateStore,
  workflow: ExportWorkflow,
  { state, isNew }: Made,
): Promise<ExportState> {
  try {
    return await ensureStarted(workflow, state);
  } catch (error) {
    const current = isNew ? await failUnstarted(store, state.id, error) : null;
    if (current === null || current.status === "failed") throw error;
    return current;
  }
}

/**
 * Fails the export if it is still queued, and returns its state; null when the state is not known. If only the
 * response to its start was lost, the export runs and stays as it is.
 */
async function failUnstarted(store: StateStore, id: string, error: unknown): Promise<ExportState | null> {
  const problem = toProblem(error);
  const fail = (state: ExportState) =>
    state.status === "queued" ? failExport(state, problem, new Date()) : state;
  return await changeExport(store, id, fail).catch(() => null);
}

/**
 * Starts the workflow of a queued export. Repairs a start that was interrupted after the export was stored.
 * Idempotent: a second start of the same id does nothing.
 */
export async function ensureStarted(workflow: ExportWorkflow, state: ExportState): Promise<ExportState> {
  if (state.status === "queued") await workflow.start(state.id);
  return state;
}

/**
 * Adds recipients to the export. Each address gets one mail, however often it is added. For a finished export it
 * starts a separate job that only delivers. The job's name depends on the recipients alone, so repeating the call
 * starts no second job.
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

/** `id` is null until the export exists. `at` is the time of the key's first use. */
const IdempotencyClaim = z.object({
  request: z.string(),
  id: z.string().nullable(),
  at: isoMoment.nullable().default(null),
});
type IdempotencyClaim = z.infer<typeof IdempotencyClaim>;

/**
 * Like `requestExport`, but the same idempotency key always returns the same export, whatever its status. Throws
 * when the key was used for another request
 * (https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/). Requests are compared by `given`,
 * the body as sent, because the parsed request may differ from one day to the next.
 */
export async function requestOnce(
  store: StateStore,
  workflow: ExportWorkflow,
  { key, given, request }: { key: string; given: unknown; request: ExportRequest },
): Promise<ExportState> {
  const claimKey = idempotencyClaimKey(hashShort(key));
  const fingerprint = hashShort(JSON.stringify(given));
  const now = new Date();
  const made = { request: fingerprint, id: null, at: now.toISOString() };
  const claim = await claimRequest(store, claimKey, made);
  // A report made since the key's first use is fresh enough.
  const original = { ...request, maxAgeSeconds: request.maxAgeSeconds + findAgeSeconds(claim, now) };
  const id = claim.id ?? (await fillClaim(store, claimKey, await requestExport(store, workflow, original)));
  const state = await readExport(store, id);
  if (state !== null) return state;
  throw new ExportError("gone", "export_gone", "The export of this Idempotency-Key has been cleaned up.");
}

/** Claims the key before any export starts, so that a different request with the same key is refused. */
async function claimRequest(
  { bucket }: StateStore,
  claimKey: string,
  made: IdempotencyClaim,
): Promise<IdempotencyClaim> {
  type Update = RecordUpdate<IdempotencyClaim, IdempotencyClaim>;
  const claim = await bucket.update(claimKey, IdempotencyClaim, (before): Update => {
    return before === null ? { after: made, answer: made } : { after: null, answer: before };
  });
  if (claim.request === made.request) return claim;
  const detail = "The Idempotency-Key belongs to another request.";
  throw new ExportError("mismatch", "idempotency_key_reused", detail);
}

/** The seconds since the key's first use. */
function findAgeSeconds({ at }: IdempotencyClaim, now: Date): number {
  return at === null ? 0 : Math.max(0, Math.ceil((now.getTime() - Date.parse(at)) / 1000));
}

/**
 * Stores the export's id in the claim, and returns the id that was stored first. If a process dies before this, the
 * next request with the same key repeats it.
 */
async function fillClaim({ bucket }: StateStore, claimKey: string, { id }: ExportState): Promise<string> {
  return await bucket.update(claimKey, IdempotencyClaim, (before) => {
    if (before === null || before.id !== null) return { after: null, answer: before?.id ?? id };
    return { after: { ...before, id }, answer: id };
  });
}
