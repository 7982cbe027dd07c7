import * as z from "zod";
import type { Bucket } from "../../adapters/bucket/bucket.ts";
import { hashOptions, hashRecipients, hashShort } from "../../adapters/bucket/key-hashes.ts";
import { describeWriteConflict } from "../../adapters/bucket/s3-client.ts";
import { dateNow } from "../../adapters/clock/clock.ts";
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

/**
 * The maximum number of tries to answer a request. Even when twenty requests come at once, two tries are enough for
 * each.
 */
const maxTries = 20;
const pauseMs = 25;

/**
 * Returns the export that answers the request: an export with the same options that is running or fresh enough. When
 * there is none, creates a new export and starts its workflow.
 *
 * The id of a new export is stored in the claim of the options before the export itself is stored. So an interrupted
 * start leaves only an id, and never an export that waits forever. The claim is replaced with a conditional write. So
 * when several requests come at the same time, one request sets the id, and the other requests use the export with this
 * id.
 */
export async function requestExport(
  store: StateStore,
  workflow: ExportWorkflow,
  request: ExportRequest,
): Promise<ExportState> {
  for (let tries = 1; tries <= maxTries; tries += 1) {
    const state = await claimOptions(store, workflow, request);
    if (state !== null) return state;
    await store.clock.system.sleep(store.random.fraction() * pauseMs);
  }
  throw describeWriteConflict(maxTries);
}

/**
 * Makes one try to answer the request. Returns null when another request has replaced the claim of the options during
 * this try.
 */
async function claimOptions(
  store: StateStore,
  workflow: ExportWorkflow,
  request: ExportRequest,
): Promise<ExportState | null> {
  const { bucket, clock, config, random } = store;
  const optionsKey = hashOptions(config, request.options);
  const claimKey = optionsClaimKey(optionsKey);
  const claim = await bucket.readTagged(claimKey, OptionsClaim);
  const known = claim && (await tryReadExport(store, claim.value.id));
  if (claim && known === null && isBeingMade(claim.value.id, dateNow(clock).getTime()))
    return await startExport(store, workflow, await makeExport(store, claim.value.id, request));
  const state = known === "unreadable" ? null : known;
  if (state && (await answersRequest(store, state, request))) return await ensureStarted(workflow, state);
  const startedMs = dateNow(clock).getTime();
  const id = formatExportId({ startedMs, optionsKey }, random.bytes(6).toString("hex"));
  const completeId = await findCompleteId(store, state, claim?.value ?? null);
  if (!(await bucket.replaceJson(claimKey, { id, completeId }, claim?.tag ?? null))) return null;
  return await startExport(store, workflow, await makeExport(store, id, request));
}

async function answersRequest(
  { bucket, clock }: StateStore,
  state: ExportState,
  request: ExportRequest,
): Promise<boolean> {
  if (!isFinished(state)) return true;
  const now = dateNow(clock);
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

/**
 * The longest time between the claim of an id and the creation of its export. It is longer than the lifetime of the
 * function that claims the id.
 */
const makingMs = 60_000;

/** Returns true when the id was claimed recently, so that its request may still create the export. */
function isBeingMade(id: string, nowMs: number): boolean {
  const startedMs = parseExportId(id)?.startedMs ?? -Infinity;
  return Math.abs(nowMs - startedMs) < makingMs;
}

/** `isNew` is true when the export was just created, and false when it already existed. */
type Made = { state: ExportState; isNew: boolean };

async function makeExport({ bucket, clock }: StateStore, id: string, request: ExportRequest): Promise<Made> {
  const made = newExportState(id, request, dateNow(clock));
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
 * Called when the write of the export has failed. Returns the export if it is stored, because the write may have
 * succeeded although S3's response was lost. Throws `error` when there is no export. When the export cannot be read,
 * removes it and throws `error`.
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

/**
 * Starts the export's workflow. When the start fails, a new export is stored as failed at once. Otherwise it would stay
 * queued until somebody requests it again.
 */
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
 * Stores the export as failed if it is still queued. Otherwise changes nothing, because the workflow has started
 * although the response to its start was lost. Returns the export's state; null when it is unknown.
 */
async function failUnstarted(store: StateStore, id: string, error: unknown): Promise<ExportState | null> {
  const problem = toProblem(error);
  const fail = (state: ExportState) =>
    state.status === "queued" ? failExport(state, problem, dateNow(store.clock)) : state;
  return await changeExport(store, id, fail).catch(() => null);
}

/**
 * Starts the workflow of a queued export. An export is still queued when an earlier request stored it but was
 * interrupted before the start. Idempotent: a second start with the same id does nothing.
 */
export async function ensureStarted(workflow: ExportWorkflow, state: ExportState): Promise<ExportState> {
  if (state.status === "queued") await workflow.start(state.id);
  return state;
}

/**
 * Adds recipients to the export. Each address gets one mail, however often the address is added. When the export has
 * succeeded, this function starts a separate job that only sends mails. The job's name depends only on the export and
 * the recipients, so a repeated call starts no second job. Throws when somebody has deleted the report.
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
  if (state?.status !== "succeeded") return;
  if (state.run.isDeleted) throw new ExportError("gone", "export_gone", deletedMeanwhile);
  await workflow.start(id, hashRecipients(mailTo));
}

const deletedMeanwhile = "Somebody has deleted this export, so nothing is mailed. Send the request again.";

/**
 * The stored use of an idempotency key. `request` is a hash of the request's body. `id` is the export's id; null until
 * the export exists. `at` is the time at which the key was first used.
 */
const IdempotencyClaim = z.object({
  request: z.string(),
  id: z.string().nullable(),
  at: isoMoment.nullable().default(null),
});
type IdempotencyClaim = z.infer<typeof IdempotencyClaim>;

/**
 * Like `requestExport`, but always returns the same export for the same idempotency key, whatever the export's status.
 * Throws when the key was used for a different request
 * (https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/). Requests are compared by `given`, the
 * body as sent, because the parsed request may contain the current day.
 */
export async function requestOnce(
  store: StateStore,
  workflow: ExportWorkflow,
  { key, given, request }: { key: string; given: unknown; request: ExportRequest },
): Promise<ExportState> {
  const claimKey = idempotencyClaimKey(hashShort(key));
  const fingerprint = hashShort(JSON.stringify(given));
  const now = dateNow(store.clock);
  const made = { request: fingerprint, id: null, at: now.toISOString() };
  const claim = await claimRequest(store, claimKey, made);
  // A repeated request accepts every report that would have been fresh enough at the key's first use.
  const original = { ...request, maxAgeSeconds: request.maxAgeSeconds + findAgeSeconds(claim, now) };
  const id = claim.id ?? (await fillClaim(store, claimKey, await requestExport(store, workflow, original)));
  const state = await readExport(store, id);
  if (state !== null) return state;
  throw new ExportError("gone", "export_gone", "The export of this Idempotency-Key has been cleaned up.");
}

/**
 * Stores a claim of the idempotency key before any export starts, and returns the claim that was stored first. Throws
 * when the key belongs to a different request.
 */
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

/** Returns the seconds since the first use of the idempotency key; 0 when the time of that use is unknown. */
function findAgeSeconds({ at }: IdempotencyClaim, now: Date): number {
  return at === null ? 0 : Math.max(0, Math.ceil((now.getTime() - Date.parse(at)) / 1000));
}

/**
 * Stores the export's id in the claim, and returns the id that was stored first. When a process dies before this write,
 * the next request with the same idempotency key makes the write.
 */
async function fillClaim({ bucket }: StateStore, claimKey: string, { id }: ExportState): Promise<string> {
  return await bucket.update(claimKey, IdempotencyClaim, (before) => {
    if (before === null || before.id !== null) return { after: null, answer: before?.id ?? id };
    return { after: { ...before, id }, answer: id };
  });
}
