import * as z from "zod";
import { ExportError } from "../core/error.ts";
import type { ExportState } from "../core/export.ts";
import { idempotencyClaimKey } from "../core/key.ts";
import type { ExportRequest } from "../core/request.ts";
import { readExport, requestExport } from "./exports.ts";
import { hashText } from "./hash.ts";
import type { Workflow } from "./workflow.ts";
import type { Store } from "./world.ts";

const Claim = z.object({ id: z.string(), request: z.string() });

/**
 * The same key gives the same export, in whatever state it is. Throws when the key has been used for another
 * request (https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/), which is told by what was
 * given: what it means may be another thing the next day.
 */
export async function requestOnce(
  store: Store,
  workflow: Workflow,
  { key, given, request }: { key: string; given: unknown; request: ExportRequest },
): Promise<ExportState> {
  const claimKey = idempotencyClaimKey(hashText(key));
  const fingerprint = hashText(JSON.stringify(given));
  const known = await store.bucket.readJson(claimKey, Claim);
  if (known === null) {
    const { id } = await requestExport(store, workflow, request);
    await store.bucket.replaceJson(claimKey, { id, request: fingerprint }, null);
  }
  const claim = known ?? (await store.bucket.readJson(claimKey, Claim));
  if (claim?.request !== fingerprint)
    throw new ExportError(
      "mismatch",
      "idempotency_key_reused",
      "The Idempotency-Key belongs to another request.",
    );
  const state = await readExport(store, claim.id);
  if (state !== null) return state;
  throw new ExportError("gone", "export_gone", "The export of this Idempotency-Key has been cleaned up.");
}
