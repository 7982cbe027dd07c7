import * as z from "zod";
import { fileKey } from "../basics/bucket-keys.ts";
import { isoMoment, noProgress, Problem, Progress, wholeNumber } from "../basics/stored-values.ts";
import { Changes } from "../changes/change-kinds.ts";
import { Figures } from "../figures/figures.ts";
import { statuses } from "../offer/offer-status.ts";
import { type ExportRequest, mergeRecipients } from "../options/export-request.ts";
import { Options } from "../options/options.ts";
import { ReadSpan } from "../refresh/read-times.ts";
import { type CrawlLease, findAliveUntil, isAlive } from "../snapshot/crawl-lease.ts";
import { crawlMethods, type SnapshotManifest } from "../snapshot/snapshot-manifest.ts";

export const ExportResult = z.object({
  /** What the portal holds. */
  offers: wholeNumber,
  /** What the options let through. */
  rows: wholeNumber,
  pages: wholeNumber,
  requests: wholeNumber,
  /** Whether every offer was read anew, or an earlier snapshot brought up to date, and what that saved. */
  method: z.enum(crawlMethods).default("full"),
  requestsSaved: wholeNumber.default(0),
  /** When the offers were read, the newest first. */
  read: z.array(ReadSpan).default([]),
  snapshotAt: isoMoment,
  completeness: z.enum(["complete", "uncertain"]),
  remarks: z.array(z.string()),
  /** The exact sum of the rows' amounts per currency. */
  totals: z.record(z.string(), z.string()),
  statuses: z.record(z.enum(statuses), wholeNumber),
  /** Null in exports of before there were any, and in lists. */
  figures: Figures.nullable().default(null),
  /** Null where there is no earlier report to compare with, in exports of before it was done, and in lists. */
  changes: Changes.nullable().default(null),
  /** Of the rows, whatever the format: see `formatDigestLine`. */
  rowsSha256: z.string().nullable().default(null),
  /** `attempt` is the one of the step that wrote it; the version before named none. */
  file: z.object({
    name: z.string(),
    bytes: wholeNumber,
    sha256: z.string(),
    attempt: z.string().optional(),
  }),
});
export type ExportResult = z.infer<typeof ExportResult>;

/** The result as it is shown: without the attempt that wrote its file. */
export const ShownResult = ExportResult.extend({ file: ExportResult.shape.file.omit({ attempt: true }) });
export type ShownResult = z.infer<typeof ShownResult>;

export function showResult(result: ExportResult): ShownResult {
  const { attempt: _, ...file } = result.file;
  return { ...result, file };
}

/** What no answer shows: how the export runs. */
const Run = z.object({
  /** While it runs: what has said nothing by then has died without a word. */
  aliveUntil: isoMoment,
  /** A snapshot whose crawl ended earlier is too old for it. */
  notBefore: isoMoment,
  /** The snapshot that it is made of, or waits for. */
  snapshotId: z.string().nullable(),
  /** The schedule whose tick it was made for. */
  schedule: z.string().nullable().default(null),
  /** Whom it is mailed to: personal data, which only those are told who hold the access token. */
  recipients: z.array(z.string()).default([]),
});

/** The export's status object as the bucket keeps it: without a link, which is signed for each answer. */
export const ExportState = z.object({
  id: z.string(),
  status: z.enum(["queued", "running", "succeeded", "failed"]),
  createdAt: isoMoment,
  finishedAt: isoMoment.nullable(),
  options: Options,
  progress: Progress,
  result: ExportResult.nullable(),
  problem: Problem.nullable(),
  run: Run,
});
export type ExportState = z.infer<typeof ExportState>;

/** The schedule that it is made for, and whom it is mailed to. */
type Cause = { schedule?: string | null; recipients?: string[] };

/** The state as it is shown, to whomever. */
export const ShownState = ExportState.omit({ run: true }).extend({ result: ShownResult.nullable() });

/** To be begun: whoever finds it so may start its workflow once more. */
export function newExportState(
  id: string,
  { options, maxAgeSeconds, schedule = null, recipients = [] }: ExportRequest & Cause,
  now: Date,
): ExportState {
  const notBefore = new Date(now.getTime() - maxAgeSeconds * 1000).toISOString();
  return {
    id,
    status: "queued",
    createdAt: now.toISOString(),
    finishedAt: null,
    options,
    progress: noProgress,
    result: null,
    problem: null,
    run: { aliveUntil: findAliveUntil(now), notBefore, snapshotId: null, schedule, recipients },
  };
}

/** The key of the report's file. */
export function locateFile({ id, result: { file } }: { id: string; result: ExportResult }): string {
  return fileKey(id, file.name, file.attempt);
}

export function isFinished({ status }: ExportState): boolean {
  return status === "succeeded" || status === "failed";
}

type Following = { now: Date; busyUntil?: string | null; progress?: Progress };

/** The export that reads a snapshot or waits for it (null while it waits for none), busy until then. */
export function followSnapshot(
  state: ExportState,
  snapshotId: string | null,
  { now, busyUntil = null, progress = state.progress }: Following,
): ExportState {
  const aliveUntil = findAliveUntil(now, busyUntil);
  return { ...state, status: "running", progress, run: { ...state.run, snapshotId, aliveUntil } };
}

/** The export whose crawl or reading of names is about to end, and has spoken for it until now. */
export function renewAliveUntil(state: ExportState, now: Date, progress = state.progress): ExportState {
  return { ...state, progress, run: { ...state.run, aliveUntil: findAliveUntil(now) } };
}

/** A slow function converts more in a second. */
const minOffersPerMs = 1;

/** The export that reads all of its snapshot, as for its report: that takes as long as there are offers. */
export function beginSnapshotPass(
  state: ExportState,
  { id, pages, offers }: SnapshotManifest,
  now: Date,
): ExportState {
  const busyUntil = new Date(now.getTime() + offers / minOffersPerMs).toISOString();
  const progress = { ...noProgress, pages, offers };
  return { ...followSnapshot(state, id, { now, busyUntil }), progress };
}

export function succeedExport(state: ExportState, result: ExportResult, now: Date): ExportState {
  const progress = { ...noProgress, pages: result.pages, offers: result.offers };
  return { ...state, status: "succeeded", finishedAt: now.toISOString(), progress, result };
}

/** Null where all of them have it or get it already. */
export function addRecipients(state: ExportState, others: string[]): ExportState | null {
  const recipients = mergeRecipients(state.run.recipients, others);
  if (recipients.length === state.run.recipients.length) return null;
  return { ...state, run: { ...state.run, recipients } };
}

export function omitRecipients(state: ExportState): ExportState {
  return { ...state, run: { ...state.run, recipients: [] } };
}

/** The export without what its result tells of single customers and offers. */
export function omitFigures(state: ExportState): ExportState {
  return state.result === null
    ? state
    : { ...state, result: { ...state.result, figures: null, changes: null } };
}

/** Whether the export has died before its workflow took its first step. */
export function isUnbegun(state: ExportState, now: Date): boolean {
  return state.status === "queued" && !isAlive(state.run, now);
}

/** Writes down what a reader is told anyway. */
export function failUnbegun(state: ExportState): ExportState {
  return failExport(state, interrupted, new Date(state.run.aliveUntil));
}

export function failExport(state: ExportState, problem: Problem, now: Date): ExportState {
  const progress = { ...state.progress, waitingUntil: null, estimatedFinishAt: null };
  return { ...state, status: "failed", finishedAt: now.toISOString(), progress, problem };
}

/**
 * The state as a reader is told it: with the progress of its crawl, whoever runs that, or of its reading of
 * names; and as failed when neither the export nor its reading has shown a sign of life.
 */
export function presentState(state: ExportState, lease: CrawlLease | null, now: Date): ExportState {
  if (isFinished(state)) return state;
  const reading = lease !== null && servesExport(lease, state) ? lease : null;
  const seen = reading === null ? state : { ...state, progress: reading.progress };
  if (isAlive(state.run, now) || (reading !== null && isAlive(reading, now))) return seen;
  const diedMs = Math.max(
    ...[state.run, reading].map((run) => (run === null ? 0 : Date.parse(run.aliveUntil))),
  );
  return failExport(seen, interrupted, new Date(diedMs));
}

/** A crawl serves all who wait for its snapshot, names the one who reads them. */
function servesExport({ holderId, reads }: CrawlLease, { id, run }: ExportState): boolean {
  return holderId === (reads === "offers" ? run.snapshotId : id);
}

const interrupted: Problem = {
  code: "interrupted",
  detail: "The export was interrupted before it was finished. Start it again.",
};

/** On a developer's machine: in the cloud each execution keeps the version that it began with. */
export const outdated: Problem = {
  code: "version_changed",
  detail:
    "The export was begun by another version of this program, and this one cannot go on with it. Start it again.",
};

export const cancelledProblem: Problem = {
  code: "cancelled",
  detail: "The export was cancelled. Start it again if it is wanted after all.",
};

/** Whether the finished export is of offers that are young enough for the request. */
export function isFreshEnough(
  { snapshotAt }: ExportResult,
  { maxAgeSeconds }: ExportRequest,
  now: Date,
): boolean {
  return now.getTime() - Date.parse(snapshotAt) < maxAgeSeconds * 1000;
}

/** Codes that tell nothing of how the next export will fare. */
const restless = new Set([cancelledProblem.code, outdated.code, "workflow_failed"]);

/** Whether the export failed so shortly ago that it is not tried again; these may be at once. */
export function isInRetryPause(
  { finishedAt, problem }: ExportState,
  { restSeconds = 0 }: ExportRequest,
  now: Date,
): boolean {
  if (finishedAt === null || problem === null || restless.has(problem.code)) return false;
  return now.getTime() - Date.parse(finishedAt) < restSeconds * 1000;
}
