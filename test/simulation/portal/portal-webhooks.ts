import type { FaultSource } from "../faults/fault-source.ts";
import type { PortalEvent } from "./portal-list.ts";

export type WebhookCall = { method: "POST"; path: string; headers: Record<string, string>; body: string };

/** Returns the call by which the portal tells of an event. Its body is an assumption: the portal documents none. */
export function describeWebhookCall({ type, id }: PortalEvent, secret: string): WebhookCall {
  return {
    method: "POST",
    path: `/portal/${type}`,
    headers: { "content-type": "application/json", "x-webhook-signature": secret },
    body: JSON.stringify({ event: type, data: { id } }),
  };
}

/** Draws the delays after which a call comes: none when it is lost, two when it comes twice. The portal never retries. */
export function drawDeliveries(faults: FaultSource): number[] {
  const fault = faults.drawFault("portal webhook", { lost: 50, twice: 50, late: 50 });
  if (fault === "lost") return [];
  const soonMs = faults.drawDelayMs("portal webhook", 50, 3_000);
  const laterMs = faults.drawDelayMs("portal webhook again", 5_000, 3 * 3_600_000);
  return fault === null ? [soonMs] : fault === "late" ? [laterMs] : [soonMs, laterMs];
}
