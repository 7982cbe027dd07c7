import type { Delivery } from "../core/delivery.ts";

const levels: Partial<Record<Delivery["status"], string>> = { failed: "WARN", unknown: "ERROR" };

/** One JSON line for a delivery that somebody should look after, by ids only: an address is in no log. */
export function tellDelivery(
  status: Delivery["status"],
  ids: { exportId: string; deliveryId: string },
): void {
  const level = levels[status];
  if (level !== undefined) process.stderr.write(`${JSON.stringify({ level, delivery: status, ...ids })}\n`);
}
