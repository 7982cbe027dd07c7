import type { FinalDeliveryStatus } from "../delivery/delivery-state.ts";
import type { ExportResult } from "../export/export-state.ts";
import type { NameLookup } from "../customer/name-lookup.ts";
import type { SnapshotManifest } from "../snapshot/snapshot-manifest.ts";

/** Whose figures they are in CloudWatch; each has the dimension `service`, which tells the stage. */
export const metricNamespace = "offer-export";

/** What is counted, and in what unit. Each costs a month's price pro rata for the hours in which it is told. */
export const metricUnits = {
  /** Of a snapshot, once it is known; offers as they came. */
  Offers: "Count",
  Pages: "Count",
  CrawlSeconds: "Seconds",
  /** To the portal, for offers or for names, and those of them that it refused with 429. */
  Requests: "Count",
  Refusals: "Count",
  /** Times that the list was seen to have moved between two looks. */
  Shifts: "Count",
  /** Of a report, once it is published: offers that came twice and stand in it once. */
  Duplicates: "Count",
  Remarks: "Count",
  FileBytes: "Bytes",
  NamesSeconds: "Seconds",
  ReportSeconds: "Seconds",
  ExportsFailed: "Count",
  /** Those that should be finished by now: told every hour while there are any. */
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

/** What making a snapshot took, beside what its manifest tells; a refresh counts no shifts. */
export type CrawlEffort = { refusals: number; shifts?: number };

export function snapshotMetrics(manifest: SnapshotManifest, { refusals, shifts }: CrawlEffort): MetricValues {
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

type Phases = { naming: NameLookup; startedAt: string; finishedAt: string };

/** With what its names have cost; where none were read there is no time of theirs. */
export function reportMetrics(
  { result, duplicates }: { result: ExportResult; duplicates: number },
  { naming, startedAt, finishedAt }: Phases,
): MetricValues {
  const { requests, refusals, startedAt: namedFrom } = naming;
  return {
    Duplicates: duplicates,
    Remarks: result.remarks.length,
    FileBytes: result.file.bytes,
    ReportSeconds: countSeconds(startedAt, finishedAt),
    ...(namedFrom !== null && {
      Requests: requests,
      Refusals: refusals,
      NamesSeconds: countSeconds(namedFrom, startedAt),
    }),
  };
}

function countSeconds(from: string, to: string): number {
  return Math.max(0, Date.parse(to) - Date.parse(from)) / 1000;
}

export function deliveryMetrics(end: FinalDeliveryStatus): MetricValues {
  const figures = {
    sent: "DeliveriesSent",
    failed: "DeliveriesFailed",
    unknown: "DeliveriesUnknown",
  } as const;
  return { [figures[end]]: 1 };
}
