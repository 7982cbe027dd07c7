import { randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { Webhook } from "standardwebhooks";
import {
  type ExportState,
  failExport,
  newExportState,
  succeedExport,
} from "../../functions/core/export/export-state.ts";
import { parseQuery } from "../../functions/core/options/export-request.ts";
import { makeExportResult } from "./report-fixtures.ts";

const begun = newExportState(
  "an-id",
  parseQuery(new URLSearchParams(), 20_779),
  new Date("2026-11-22T12:00:00Z"),
);
const end = new Date("2026-11-22T12:03:00Z");

export function makeSucceededExport(result: Parameters<typeof makeExportResult>[0] = {}): ExportState {
  return succeedExport(begun, makeExportResult({ snapshotAt: begun.createdAt, ...result }), end);
}

export function makeFailedExport(): ExportState {
  return failExport(begun, { code: "portal_key_refused", detail: "The portal refused the key." }, end);
}

export { begun as running };

export function makeWebhookSecret(): string {
  return `whsec_${randomBytes(32).toString("base64")}`;
}

/**
 * Verifies a webhook with the library of the Standard Webhooks specification, and returns the webhook's body. Throws
 * when the signature is wrong.
 */
export function verifyWebhook(
  secret: string,
  { headers, body }: { headers: IncomingHttpHeaders; body: string },
) {
  const texts = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  return new Webhook(secret).verify(body, texts);
}
