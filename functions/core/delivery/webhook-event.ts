import * as z from "zod";
import type { DeliveryOutcome } from "./delivery-state.ts";
import { type ExportState, omitFigures, showResult, ShownState } from "../export/export-state.ts";
import { isoMoment } from "../basics/stored-values.ts";

/** Where the end of each export is told. Its address is a secret; its id names it wherever somebody may read it. */
export type Webhook = { id: string; url: string };

/** All of them, and what is signed with: a second secret is there while it takes the place of the first. */
export type Webhooks = { hooks: Webhook[]; secrets: string[]; allowLoopback: boolean };

export const noWebhooks: Webhooks = { hooks: [], secrets: [], allowLoopback: false };

/** The end of an export, as a webhook is told it. */
export const ExportEvent = z
  .object({
    type: z.enum(["export.succeeded", "export.failed"]),
    timestamp: isoMoment.describe("When it ended, whenever this is told."),
    data: ShownState.describe("Without figures, changes and a link."),
  })
  .describe("The end of an export.");
export type ExportEvent = z.infer<typeof ExportEvent>;

/**
 * The export as the list of exports has it, but without a link: one that is signed would have expired before the last
 * try, and is a key to the file for every service on the way. Without the figures and changes too, for they name
 * customers. Of the same state always the same, so that each try sends the same bytes.
 */
export function describeExportEvent(state: ExportState): ExportEvent {
  const { run: _, result, ...shown } = omitFigures(state);
  const data = { ...shown, result: result && showResult(result) };
  if (data.finishedAt === null) throw new Error("the export has not ended");
  const type = data.status === "succeeded" ? "export.succeeded" : "export.failed";
  return { type, timestamp: data.finishedAt, data };
}

/** The same at each try: by it a receiver knows what it has had before. `[a-z0-9-]`. */
export function formatWebhookEventId({ data }: ExportEvent, { id }: Webhook): string {
  return `${data.id}-${id}`;
}

/** Of the refusals those that pass. */
const passing = new Set([408, 425, 429]);

export function judgeWebhookResponse(status: number, retryAfterMs: number | null): DeliveryOutcome {
  if (status >= 200 && status < 300) return { kind: "sent", messageId: null };
  const reason = `The receiver answered ${status}.`;
  if (status >= 400 && status < 500 && !passing.has(status)) return { kind: "refused", reason };
  return { kind: "lost", reason, retryAfterMs };
}
