import { randomBytes } from "node:crypto";
import pLimit from "p-limit";
import * as z from "zod";
import { ExportError } from "../../core/error.ts";
import {
  addRecipients,
  ExportState,
  isFinished,
  isResting,
  isYoung,
  locateFile,
  newState,
  type Result,
  seeState,
} from "../../core/export.ts";
import { formatId, parseId } from "../../core/id.ts";
import { exportKey, optionsClaimKey } from "../../core/key.ts";
import type { Options } from "../../core/option.ts";
import type { ExportRequest } from "../../core/http/request.ts";
import { hashOptions, hashRecipients } from "../hash.ts";
import { logFault } from "../log/log.ts";
import { readRegister } from "../crawl/register.ts";
import type { Workflow } from "./workflow.ts";
import type { Store } from "../world.ts";

/** As its reader is told it; null when there is no such export: a malformed id is one that does not exist. */
export async function readExport(store: Store, id: string): Promise<ExportState | null> {
  if (parseId(id) === null) return null;
  const state = await store.bucket.readJson(exportKey(id), ExportState);
  if (state === null || isFinished(state)) return state;
  return seeState(state, (await readRegister(store)).lease, new Date());
}

/** As it is kept, without its crawl's progress; null when it is finished or gone: somebody has cancelled it. */
export async function readUnfinished({ bucket }: Store, id: string): Promise<ExportState | null> {
  const state = await bucket.readJson(exportKey(id), ExportState);
  return state === null || isFinished(state) ? null : state;
}

/** Changes an export that is not finished yet, and gives it as it is then; null when there is none. */
export async function changeExport(
  { bucket }: Store,
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
export async function claimExport(store: Store, made: ExportState): Promise<ExportState> {
  const { lease } = await readRegister(store);
  return await store.bucket.update(exportKey(made.id), ExportState, (before) => {
    const state = before === null ? made : seeState(before, lease, new Date());
    const isChanged = before === null || isFinished(before) !== isFinished(state);
    return { after: isChanged ? state : null, answer: state };
  });
}

/** Of some options the export that was made last, and the last one before it of which a complete report was left. */
const Claim = z
  .object({ id: z.string(), completeId: z.string().nullable().default(null) })
  .catch({ id: "", completeId: null });

/**
 * The export that answers the request: one of the same options that runs or is young enough, or a new one,
 * whose workflow is started. Of those who ask at once exactly one makes it, because S3 lets only one of them
 * replace the claim of these options that all of them have read.
 */
export async function requestExport(
  store: Store,
  workflow: Workflow,
  request: ExportRequest,
): Promise<ExportState> {
  const { bucket, config } = store;
  const options = hashOptions(config, request.options);
  const claimKey = optionsClaimKey(options);
  for (;;) {
    const claim = await bucket.readTagged(claimKey, Claim);
    const known = claim && (await readIfReadable(store, claim.value.id));
    if (known && (await answersRequest(store, known, request))) return await ensureStarted(workflow, known);
    const state = await createExport(store, options, request);
    const completeId =
      known && (await findReport(store, known)) ? known.id : (claim?.value.completeId ?? null);
    await bucket.replaceJson(claimKey, { id: state.id, completeId }, claim?.tag ?? null);
    // A write may have been taken although its answer was lost: what stands there now decides.
    const holder = await bucket.readJson(claimKey, Claim);
    if (holder?.id === state.id) return await ensureStarted(workflow, state);
    await bucket.remove(exportKey(state.id));
  }
}

async function createExport(
  { bucket }: Store,
  optionsKey: string,
  request: ExportRequest,
): Promise<ExportState> {
  const now = new Date();
  const id = formatId({ startedMs: now.getTime(), optionsKey }, randomBytes(6).toString("hex"));
  const state = newState(id, request, now);
  await bucket.writeJson(exportKey(id), state);
  return state;
}

/** Heals a start that broke off between the claim and the workflow: a second start of one id does nothing. */
export async function ensureStarted(workflow: Workflow, state: ExportState): Promise<ExportState> {
  if (state.status === "queued") await workflow.start(state.id);
  return state;
}

/**
 * Has the export mailed to them too, once, whoever else has asked for that. One that is finished already is
 * delivered by an errand of its own, which has the same name however often the same is asked for.
 */
export async function addressExport(
  { world, workflow }: { world: Store; workflow: Workflow },
  id: string,
  mailTo: string[],
): Promise<void> {
  if (mailTo.length === 0) return;
  const state = await world.bucket.update(exportKey(id), ExportState, (before) => ({
    after: before === null || before.status === "failed" ? null : addRecipients(before, mailTo),
    answer: before,
  }));
  if (state?.status === "succeeded") await workflow.start(id, hashRecipients(mailTo));
}

export type Finished = { id: string; result: Result };

/** The export's report, where it is complete and its file is still there. */
async function findReport({ bucket }: Store, { id, result }: ExportState): Promise<Finished | null> {
  if (result?.completeness !== "complete") return null;
  return (await bucket.exists(locateFile({ id, result }))) ? { id, result } : null;
}

/** The last complete report of these options that is there. */
export async function findLastReport(store: Store, options: Options): Promise<Finished | null> {
  const claim = await store.bucket.readJson(optionsClaimKey(hashOptions(store.config, options)), Claim);
  for (const id of [claim?.id, claim?.completeId]) {
    const state = id ? await readIfReadable(store, id) : null;
    const report = state && (await findReport(store, state));
    if (report !== null) return report;
  }
  return null;
}

async function answersRequest(
  { bucket }: Store,
  state: ExportState,
  request: ExportRequest,
): Promise<boolean> {
  if (!isFinished(state)) return true;
  const now = new Date();
  const { id, result } = state;
  if (result === null) return isResting(state, request, now);
  return isYoung(result, request, now) && (await bucket.exists(locateFile({ id, result })));
}

/** What cannot be read stands in nobody's way. */
export async function readIfReadable(store: Store, id: string): Promise<ExportState | null> {
  try {
    return await readExport(store, id);
  } catch (error) {
    if (error instanceof ExportError) throw error;
    await logFault(error, { exportId: id });
    return null;
  }
}

const mostListed = 50;
const mostAtOnce = 10;

/** The newest exports, newest first. */
export async function listExports(store: Store): Promise<ExportState[]> {
  const keys = await store.bucket.listKeys("exports/");
  const ids = keys.map((key) => key.slice("exports/".length, -".json".length)).slice(0, mostListed);
  const atOnce = pLimit(mostAtOnce);
  const states = await Promise.all(ids.map((id) => atOnce(readIfReadable, store, id)));
  return states.filter((state) => state !== null);
}
