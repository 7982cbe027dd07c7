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
 * Logs one line in CloudWatch's embedded metric format, with the ids of the request or export. Call it after the
 * conditional write of what it counts, in the process whose write succeeded: then nothing is counted twice. If that
 * process dies in between, the values are not counted.
 */
export async function emitMetrics(values: MetricValues): Promise<void> {
  metricsClient ??= openMetrics();
  const metrics = await metricsClient;
  for (const [name, value] of Object.entries(values))
    if (isMetricName(name)) metrics.addMetric(name, metricUnits[name], value);
  for (const [name, id] of Object.entries(readLogIds())) metrics.addMetadata(name, id);
  metrics.publishStoredMetrics();
}

let metricsClient: Promise<Metrics> | undefined;

/** The library reads the service's name from POWERTOOLS_SERVICE_NAME. POWERTOOLS_METRICS_DISABLED turns metrics off. */
async function openMetrics(): Promise<Metrics> {
  const powertools = await import("@aws-lambda-powertools/metrics");
  return new powertools.Metrics({ namespace: metricNamespace });
}

/** Emits the metrics of one mail or webhook. */
export async function emitDelivery(status: FinalDeliveryStatus): Promise<void> {
  await emitMetrics(deliveryMetrics(status));
}
