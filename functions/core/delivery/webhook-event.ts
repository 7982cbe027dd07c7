import * as z from "zod";
import { isoMoment } from "../basics/stored-values.ts";
import type { ExportState } from "../export/export-state.ts";
import { omitFigures, showResult, ShownState } from "../export/shown-export.ts";
import type { DeliveryOutcome } from "./delivery-state.ts";

/** A receiver of the events about finished exports. `url` is secret. `id`, a hash of the URL, is not secret. */
export type Webhook = { id: string; url: string };

/**
 * All receivers, and the secrets that sign the events. While a new secret replaces an old one, both secrets sign each
 * event.
 */
export type Webhooks = { hooks: Webhook[]; secrets: string[]; allowLoopback: boolean };

export const noWebhooks: Webhooks = { hooks: [], secrets: [], allowLoopback: false };

export const ExportEvent = z
  .object({
    type: z.enum(["export.succeeded", "export.failed"]),
    timestamp: isoMoment.describe("When the export ended. A later try has the same time."),
    data: ShownState.describe("The export without its figures, changes and link."),
  })
  .describe("The end of an export.");
export type ExportEvent = z.infer<typeof ExportEvent>;

/**
 * Describes the end of an export for webhooks. The event holds the export as `GET /exports` shows it, but without a
 * link to the file: a signed link would expire before the last try, and would give every service on the way access to
 * the file. Figures and changes are left out, since both name customers. The same state always gives the same bytes.
 * Throws when the export has not ended.
 */
export function describeExportEvent(state: ExportState): ExportEvent {
  const { run: _, result, ...publicFields } = omitFigures(state);
  const data = { ...publicFields, result: result && showResult(result) };
  if (data.finishedAt === null) throw new Error("the export has not ended");
  const type = data.status === "succeeded" ? "export.succeeded" : "export.failed";
  return { type, timestamp: data.finishedAt, data };
}

/**
 * Returns the id of an event for one receiver. Every try sends the same id, so that the receiver can drop repeats.
 * The id matches `[a-z0-9-]+`.
 */
export function formatWebhookEventId({ data }: ExportEvent, { id }: Webhook): string {
  return `${data.id}-${id}`;
}

/** The HTTP statuses of client errors after which a retry may succeed. */
const retryableStatuses = new Set([408, 425, 429]);

/**
 * Judges an attempt by the receiver's response, and returns the outcome. `retryAfterMs` is the pause that the
 * response asks for; null when it asks for none.
 */
export function judgeWebhookResponse(status: number, retryAfterMs: number | null): DeliveryOutcome {
  if (status >= 200 && status < 300) return { kind: "sent", messageId: null };
  const reason = `The receiver answered ${status}.`;
  if (status >= 400 && status < 500 && !retryableStatuses.has(status)) return { kind: "refused", reason };
  return { kind: "lost", reason, retryAfterMs };
}
