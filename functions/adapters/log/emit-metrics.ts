import type { Metrics } from "@aws-lambda-powertools/metrics";
import type { FinalDeliveryStatus } from "../../core/delivery/delivery-state.ts";
import {
  deliveryMetrics,
  type MetricValues,
  isMetricName,
  metricNamespace,
  metricUnits,
} from "../../core/metrics/metrics.ts";
import { readLogIds } from "./log.ts";

/**
 * One line of CloudWatch's embedded metric format, with the ids of where. Told after what it counts has been
 * written under a condition, by whoever wrote it: so nothing is counted twice, and what a process leaves
 * untold that dies in between is not counted.
 */
export async function emitMetrics(figures: MetricValues): Promise<void> {
  metricsClient ??= openMetrics();
  const metrics = await metricsClient;
  for (const [name, value] of Object.entries(figures))
    if (isMetricName(name)) metrics.addMetric(name, metricUnits[name], value);
  for (const [name, id] of Object.entries(readLogIds())) metrics.addMetadata(name, id);
  metrics.publishStoredMetrics();
}

let metricsClient: Promise<Metrics> | undefined;

/** The service's name is POWERTOOLS_SERVICE_NAME; POWERTOOLS_METRICS_DISABLED silences it. */
async function openMetrics(): Promise<Metrics> {
  const powertools = await import("@aws-lambda-powertools/metrics");
  return new powertools.Metrics({ namespace: metricNamespace });
}

/** Of one message. */
export async function emitDelivery(end: FinalDeliveryStatus): Promise<void> {
  await emitMetrics(deliveryMetrics(end));
}
