import * as z from "zod";
import type { DeliveryOutcome } from "./delivery-state.ts";
import { type ExportState, omitFigures, showResult, ShownState } from "../export/export-state.ts";
import { isoMoment } from "../basics/stored-values.ts";

/** A receiver of the events about finished exports. `url` is a secret; `id`, a hash of it, is not. */
export type Webhook = { id: string; url: string };

/** All receivers, and the secrets that sign the events. There are two while a new secret replaces the old one. */
export type Webhooks = { hooks: Webhook[]; secrets: string[]; allowLoopback: boolean };

export const noWebhooks: Webhooks = { hooks: [], secrets: [], allowLoopback: false };

export const ExportEvent = z
  .object({
    type: z.enum(["export.succeeded", "export.failed"]),
    timestamp: isoMoment.describe("When it ended, whenever this is told."),
    data: ShownState.describe("Without figures, changes and a link."),
  })
  .describe("The end of an export.");
export type ExportEvent = z.infer<typeof ExportEvent>;

/**
 * The event holds the export as `GET /exports` shows it, without a link: a signed link would expire before the last
 * try, and would give every service on the way access to the file. It leaves out figures and changes, since both name
 * customers. The same state always gives the same bytes. Throws when the export has not finished.
 */
export function describeExportEvent(state: ExportState): ExportEvent {
  const { run: _, result, ...publicFields } = omitFigures(state);
  const data = { ...publicFields, result: result && showResult(result) };
  if (data.finishedAt === null) throw new Error("the export has not ended");
  const type = data.status === "succeeded" ? "export.succeeded" : "export.failed";
  return { type, timestamp: data.finishedAt, data };
}

/** The event's id. Every try has the same id, so that a receiver can drop repeats. Matches `[a-z0-9-]+`. */
export function formatWebhookEventId({ data }: ExportEvent, { id }: Webhook): string {
  return `${data.id}-${id}`;
}

/** Client errors that a retry may overcome. */
const retryableStatuses = new Set([408, 425, 429]);

/** `retryAfterMs`: the pause that the response asks for, if any. */
export function judgeWebhookResponse(status: number, retryAfterMs: number | null): DeliveryOutcome {
  if (status >= 200 && status < 300) return { kind: "sent", messageId: null };
  const reason = `The receiver answered ${status}.`;
  if (status >= 400 && status < 500 && !retryableStatuses.has(status)) return { kind: "refused", reason };
  return { kind: "lost", reason, retryAfterMs };
}
