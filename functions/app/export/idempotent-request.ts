import * as z from "zod";
import { hashShort } from "../../adapters/bucket/key-hashes.ts";
import type { ExportWorkflow } from "../../adapters/workflow/lambda-workflow.ts";
import { idempotencyClaimKey } from "../../core/basics/bucket-keys.ts";
import { ExportError } from "../../core/basics/errors.ts";
import { isoMoment, type RecordUpdate } from "../../core/basics/stored-values.ts";
import type { ExportState } from "../../core/export/export-state.ts";
import type { ExportRequest } from "../../core/options/export-request.ts";
import type { StateStore } from "../context.ts";
import { readExport, requestExport } from "./export-store.ts";

/** `id` is null until there is an export; `at` is when the key was first used. */
const Claim = z.object({
  request: z.string(),
  id: z.string().nullable(),
  at: isoMoment.nullable().default(null),
});

type Claim = z.infer<typeof Claim>;

/**
 * The same key gives the same export, in whatever state it is. Throws when the key has been used for another
 * request (https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/), which is told by what was
 * given: what it means may be another thing the next day.
 */
export async function requestOnce(
  store: StateStore,
  workflow: ExportWorkflow,
  { key, given, request }: { key: string; given: unknown; request: ExportRequest },
): Promise<ExportState> {
  const claimKey = idempotencyClaimKey(hashShort(key));
  const fingerprint = hashShort(JSON.stringify(given));
  const now = new Date();
  const claim = await claimRequest(store, claimKey, {
    request: fingerprint,
    id: null,
    at: now.toISOString(),
  });
  const asOfFirst = { ...request, maxAgeSeconds: request.maxAgeSeconds + findAgeSeconds(claim, now) };
  const id = claim.id ?? (await fillClaim(store, claimKey, await requestExport(store, workflow, asOfFirst)));
  const state = await readExport(store, id);
  if (state !== null) return state;
  throw new ExportError("gone", "export_gone", "The export of this Idempotency-Key has been cleaned up.");
}

/** Before anything is started: of two requests that differ one is refused. */
async function claimRequest({ bucket }: StateStore, claimKey: string, made: Claim): Promise<Claim> {
  const claim = await bucket.update(claimKey, Claim, (before): RecordUpdate<Claim, Claim> => {
    if (before !== null) return { after: null, answer: before };
    return { after: made, answer: made };
  });
  if (claim.request === made.request) return claim;
  const detail = "The Idempotency-Key belongs to another request.";
  throw new ExportError("mismatch", "idempotency_key_reused", detail);
}

/** Since the key was first used: what was made for it since then is not too old for it. */
function findAgeSeconds({ at }: Claim, now: Date): number {
  return at === null ? 0 : Math.max(0, Math.ceil((now.getTime() - Date.parse(at)) / 1000));
}

/** Gives the id of who was first. Where a process died before this, the next of the same request does it. */
async function fillClaim({ bucket }: StateStore, claimKey: string, { id }: ExportState): Promise<string> {
  return await bucket.update(claimKey, Claim, (before) => {
    if (before === null || before.id !== null) return { after: null, answer: before?.id ?? id };
    return { after: { ...before, id }, answer: id };
  });
}
