import * as z from "zod";
import { fileKey } from "../basics/bucket-keys.ts";
import { isoMoment, noProgress, Problem, Progress, wholeNumber } from "../basics/stored-values.ts";
import { Changes, noChangesReasons } from "../changes/change-kinds.ts";
import { Figures } from "../figures/figures.ts";
import { statuses } from "../offer/offer-status.ts";
import { Options } from "../options/export-options.ts";
import { type ExportRequest, mergeRecipients } from "../options/export-request.ts";
import { ReadSpan } from "../refresh/read-times.ts";
import { findAliveUntil, isAlive } from "../snapshot/crawl-lease.ts";
import { crawlMethods, type SnapshotManifest } from "../snapshot/snapshot-manifest.ts";

export const ExportResult = z.object({
  /** The number of offers in the portal. */
  offers: wholeNumber,
  /** The number of offers that the options select. */
  rows: wholeNumber,
  pages: wholeNumber,
  requests: wholeNumber,
  /** `full` is a crawl of all offers, `refresh` an update of an earlier snapshot. */
  method: z.enum(crawlMethods).default("full"),
  /** The number of requests that a refresh saved, compared with a full crawl. */
  requestsSaved: wholeNumber.default(0),
  /** The periods in which the offers were read, newest first, with the number of offers read in each period. */
  read: z.array(ReadSpan).default([]),
  snapshotAt: isoMoment,
  completeness: z.enum(["complete", "uncertain"]),
  remarks: z.array(z.string()),
  /** The exact sum of the rows' amounts per currency. */
  totals: z.record(z.string(), z.string()),
  statuses: z.record(z.enum(statuses), wholeNumber),
  /**
   * The report's figures; null in lists of exports, in webhook events, and in exports that an earlier version made
   * without figures.
   */
  figures: Figures.nullable().default(null),
  /** The changes since an earlier report; null when there is no earlier report, and wherever `figures` is null. */
  changes: Changes.nullable().default(null),
  notCompared: z
    .enum(noChangesReasons)
    .nullable()
    .optional()
    .describe(
      "Why the report was compared with no earlier one: it is the `first` of its options, or the data of the earlier " +
        "ones are `gone`. Null for a report that was compared. Exports of earlier versions do not have it.",
    ),
  /**
   * The hash of the report's rows, equal in every file format: see `formatDigestLine`. Null in exports of earlier
   * versions.
   */
  rowsSha256: z.string().nullable().default(null),
  /**
   * The report's file. `attempt` is the attempt of the workflow step that wrote the file. Files that an earlier
   * version wrote have no `attempt`.
   */
  file: z.object({
    name: z.string(),
    bytes: wholeNumber,
    sha256: z.string(),
    attempt: z.string().optional(),
  }),
});
export type ExportResult = z.infer<typeof ExportResult>;

/**
 * When the recipients of a schedule get the mail about a report. `changed`: when an offer has changed since the earlier
 * report. `expiring`: when an open offer expires soon.
 */
export const mailConditions = ["always", "changed", "expiring"] as const;
export type MailWhen = (typeof mailConditions)[number];

/** Recipients who get the mail about the report only under a condition. */
const ConditionalMail = z.object({
  mailWhen: z.enum(mailConditions).exclude(["always"]),
  recipients: z.array(z.string()),
});

/** Internal facts about an export's run. `ShownState` leaves them out. */
const Run = z.object({
  /** The time from which an unfinished export counts as dead. A running export keeps moving this time forward. */
  aliveUntil: isoMoment,
  /** The export may use only snapshots that were finished at or after this time. Earlier snapshots are too old. */
  notBefore: isoMoment,
  /** The id of the snapshot that the export reads or waits for. */
  snapshotId: z.string().nullable(),
  /** The name of the schedule that made the export; null when a caller asked for the export. */
  schedule: z.string().nullable().default(null),
  /**
   * The mail addresses that receive the report. They are personal data, shown only to callers with the access token.
   */
  recipients: z.array(z.string()).default([]),
  /** The recipients of a schedule whose mails depend on the report; null when there are none. */
  conditionalMail: ConditionalMail.nullable().default(null),
  /** True when somebody has deleted the export. It then gets no recipients any more. */
  isDeleted: z.boolean().default(false),
});

/**
 * The state of an export as stored in the bucket. It contains no link to the file, because each answer signs a new
 * link.
 */
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

/** The schedule that makes the export, and the mail addresses that receive the report. */
type Origin = { schedule?: string | null; recipients?: string[]; mailWhen?: MailWhen };

/**
 * Returns the state of a new export, with the status `queued`. Any caller that finds a queued export may start its
 * workflow again.
 */
export function newExportState(
  id: string,
  { options, maxAgeSeconds, schedule = null, recipients = [], mailWhen = "always" }: ExportRequest & Origin,
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
    run: {
      aliveUntil: findAliveUntil(now),
      notBefore,
      snapshotId: null,
      schedule,
      recipients: mailWhen === "always" ? recipients : [],
      conditionalMail: mailWhen === "always" ? null : { mailWhen, recipients },
      isDeleted: false,
    },
  };
}

/** Returns the bucket key of the report's file. */
export function locateFile({ id, result: { file } }: { id: string; result: ExportResult }): string {
  return fileKey(id, file.name, file.attempt);
}

export function isFinished({ status }: ExportState): boolean {
  return status === "succeeded" || status === "failed";
}

type Following = { now: Date; busyUntil?: string | null; progress?: Progress };

/**
 * Returns the state of an export that reads a snapshot or waits for one. `snapshotId` is null while the export waits
 * for another export that looks up names. The export counts as alive until some minutes after `busyUntil`.
 */
export function followSnapshot(
  state: ExportState,
  snapshotId: string | null,
  { now, busyUntil = null, progress = state.progress }: Following,
): ExportState {
  const aliveUntil = findAliveUntil(now, busyUntil);
  return { ...state, status: "running", progress, run: { ...state.run, snapshotId, aliveUntil } };
}

/** Returns the state with a new `aliveUntil`, some minutes after `now`. */
export function renewAliveUntil(state: ExportState, now: Date, progress = state.progress): ExportState {
  return { ...state, progress, run: { ...state.run, aliveUntil: findAliveUntil(now) } };
}

/**
 * The assumed number of offers that a function reads from a snapshot in a millisecond. Even a slow function reads
 * more.
 */
const minOffersPerMs = 1;

/**
 * Returns the state of an export that begins to read its whole snapshot. The more offers the snapshot has, the longer
 * the export counts as alive.
 */
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

/**
 * Returns the state with more recipients; null when every given address is a recipient already. The mails of these
 * recipients depend on no condition.
 */
export function addRecipients(state: ExportState, others: string[]): ExportState | null {
  if (state.run.isDeleted) return null;
  const recipients = mergeRecipients(state.run.recipients, others);
  if (recipients.length === state.run.recipients.length) return null;
  return { ...state, run: { ...state.run, recipients } };
}

/** Returns the state of a deleted export, without recipients. */
export function markDeleted(state: ExportState): ExportState {
  return { ...state, run: { ...state.run, recipients: [], conditionalMail: null, isDeleted: true } };
}

/** True when the export has died before the first step of its workflow. */
export function hasDiedQueued(state: ExportState, now: Date): boolean {
  return state.status === "queued" && !isAlive(state.run, now);
}

/** Returns the failed state of an export that has died. `presentState` shows dead exports in the same way. */
export function failInterrupted(state: ExportState): ExportState {
  return failExport(state, interrupted, new Date(state.run.aliveUntil));
}

export function failExport(state: ExportState, problem: Problem, now: Date): ExportState {
  const progress = { ...state.progress, waitingUntil: null, estimatedFinishAt: null };
  return { ...state, status: "failed", finishedAt: now.toISOString(), progress, problem };
}

/** The problem of an export that has died. */
export const interrupted: Problem = {
  code: "interrupted",
  detail: "The export was interrupted before it was finished. Start it again.",
};

/**
 * The problem of an export that another version of the program began. This happens only on a developer's machine: in
 * the cloud, an execution keeps the version with which it began.
 */
export const outdated: Problem = {
  code: "version_changed",
  detail:
    "The export was begun by another version of this program, and this one cannot go on with it. Start it again.",
};

export const cancelledProblem: Problem = {
  code: "cancelled",
  detail: "The export was cancelled. Start it again if it is wanted after all.",
};

/** True when the finished export's snapshot is recent enough for the request. */
export function isFreshEnough(
  { snapshotAt }: ExportResult,
  { maxAgeSeconds }: ExportRequest,
  now: Date,
): boolean {
  return now.getTime() - Date.parse(snapshotAt) < maxAgeSeconds * 1000;
}

/** The codes of problems that concern only a single run. After such a problem, a new export may succeed at once. */
const retryableCodes = new Set([cancelledProblem.code, outdated.code, "workflow_failed"]);

/** True when the export failed less than `restSeconds` ago, so that a new export would probably fail too. */
export function isInRetryPause(
  { finishedAt, problem }: ExportState,
  { restSeconds = 0 }: ExportRequest,
  now: Date,
): boolean {
  if (finishedAt === null || problem === null || retryableCodes.has(problem.code)) return false;
  return now.getTime() - Date.parse(finishedAt) < restSeconds * 1000;
}
