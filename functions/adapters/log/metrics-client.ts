import { Metrics } from "@aws-lambda-powertools/metrics";
import { metricNamespace } from "../../core/metrics/metrics.ts";

/** Of the service that POWERTOOLS_SERVICE_NAME names; silent where POWERTOOLS_METRICS_DISABLED says so. */
export const metrics = new Metrics({ namespace: metricNamespace });
