import type { FinalDeliveryStatus } from "../../core/delivery/delivery-state.ts";
import { deliveryMetrics, type MetricValues, isMetricName, metricUnits } from "../../core/metrics/metrics.ts";
import { readLogIds } from "./log.ts";

/**
 * One line of CloudWatch's embedded metric format, with the ids of where. Told after what it counts has been
 * written under a condition, by whoever wrote it: so nothing is counted twice, and what a process leaves
 * untold that dies in between is not counted.
 */
export async function emitMetrics(figures: MetricValues): Promise<void> {
  const { metrics } = await import("./metrics-client.ts");
  for (const [name, value] of Object.entries(figures))
    if (isMetricName(name)) metrics.addMetric(name, metricUnits[name], value);
  for (const [name, id] of Object.entries(readLogIds())) metrics.addMetadata(name, id);
  metrics.publishStoredMetrics();
}

/** Of one message. */
export async function emitDelivery(end: FinalDeliveryStatus): Promise<void> {
  await emitMetrics(deliveryMetrics(end));
}
