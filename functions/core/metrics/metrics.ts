import type { NameLookup } from "../customer/name-lookup.ts";
import type { FinalDeliveryStatus } from "../delivery/delivery-state.ts";
import type { ExportResult } from "../export/export-state.ts";
import type { SnapshotManifest } from "../snapshot/snapshot-manifest.ts";

/** The namespace of the metrics in CloudWatch. Each metric has the dimension `service`, which names the stage. */
export const metricNamespace = "offer-export";

/** The metrics and their units. CloudWatch charges each metric for the hours in which it is emitted. */
export const metricUnits = {
  /**
   * `Offers`, `Pages` and `CrawlSeconds` are emitted for each finished snapshot. Offers that were read twice count
   * twice.
   */
  Offers: "Count",
  Pages: "Count",
  CrawlSeconds: "Seconds",
  /**
   * `Requests` counts the requests to the portal, for offers or for names. `Refusals` counts the requests that got a
   * 429.
   */
  Requests: "Count",
  Refusals: "Count",
  /** How often the portal's list of offers changed between two reads. */
  Shifts: "Count",
  /**
   * `Duplicates`, `Remarks`, `FileBytes` and `ReportSeconds` are emitted for each published report. `Duplicates`
   * counts the offers that were read twice; the report has each of them once.
   */
  Duplicates: "Count",
  Remarks: "Count",
  FileBytes: "Bytes",
  NamesSeconds: "Seconds",
  ReportSeconds: "Seconds",
  ExportsFailed: "Count",
  /**
   * The number of exports that should be finished by now. The metric is emitted every hour while there are such
   * exports.
   */
  ExportsLate: "Count",
  DeliveriesSent: "Count",
  DeliveriesFailed: "Count",
  DeliveriesUnknown: "Count",
} as const;

export type MetricName = keyof typeof metricUnits;

export function isMetricName(name: string): name is MetricName {
  return Object.hasOwn(metricUnits, name);
}

export type MetricValues = Partial<Record<MetricName, number>>;

/** Counts from a crawl or a refresh, other than those in the snapshot's manifest. A refresh does not count shifts. */
export type CrawlCounts = { refusals: number; shifts?: number };

export function snapshotMetrics(manifest: SnapshotManifest, { refusals, shifts }: CrawlCounts): MetricValues {
  const { offers, pages, requests, startedAt, finishedAt } = manifest;
  const CrawlSeconds = countSeconds(startedAt, finishedAt);
  return {
    Offers: offers,
    Pages: pages,
    Requests: requests,
    Refusals: refusals,
    ...(shifts !== undefined && { Shifts: shifts }),
    CrawlSeconds,
  };
}

type ReportTimes = { naming: NameLookup; startedAt: string; finishedAt: string };

/**
 * Returns the metrics of a report and of its lookup of names. When there was no lookup, the lookup's metrics are left
 * out.
 */
export function reportMetrics(
  { result, duplicates }: { result: ExportResult; duplicates: number },
  { naming, startedAt, finishedAt }: ReportTimes,
): MetricValues {
  const { requests, refusals, startedAt: lookupStartedAt } = naming;
  return {
    Duplicates: duplicates,
    Remarks: result.remarks.length,
    FileBytes: result.file.bytes,
    ReportSeconds: countSeconds(startedAt, finishedAt),
    ...(lookupStartedAt !== null && {
      Requests: requests,
      Refusals: refusals,
      NamesSeconds: countSeconds(lookupStartedAt, startedAt),
    }),
  };
}

function countSeconds(from: string, to: string): number {
  return Math.max(0, Date.parse(to) - Date.parse(from)) / 1000;
}

export function deliveryMetrics(status: FinalDeliveryStatus): MetricValues {
  const names = {
    sent: "DeliveriesSent",
    failed: "DeliveriesFailed",
    unknown: "DeliveriesUnknown",
  } as const;
  return { [names[status]]: 1 };
}
