import { z } from "zod";
import type { Crawl } from "./crawl.ts";
import type { Problem } from "./error.ts";
import { Options } from "./option.ts";
import { statuses } from "./status.ts";

const count = z.int().min(0);
const moment = z.iso.datetime();

export const Result = z.object({
  /** What the portal holds. */
  offers: count,
  /** What the options let through. */
  rows: count,
  pages: count,
  requests: count,
  snapshotAt: moment,
  completeness: z.enum(["complete", "uncertain"]),
  remarks: z.array(z.string()),
  /** The exact sum of the rows' amounts per currency. */
  totals: z.record(z.string(), z.string()),
  statuses: z.record(z.enum(statuses), count),
  file: z.object({ name: z.string(), bytes: count, sha256: z.string() }),
});
export type Result = z.infer<typeof Result>;

/** The export's status object as the bucket keeps it: without a link, which is signed for each answer. */
export const ExportState = z.object({
  id: z.string(),
  status: z.enum(["queued", "running", "succeeded", "failed"]),
  createdAt: moment,
  finishedAt: moment.nullable(),
  /** While it runs: what has said nothing by then has died without a word. No answer shows it. */
  aliveUntil: moment,
  options: Options,
  progress: z.object({
    pages: count,
    offers: count,
    waitingUntil: moment.nullable(),
    estimatedFinishAt: moment.nullable(),
  }),
  result: Result.nullable(),
  problem: z.object({ code: z.string(), detail: z.string() }).nullable(),
});
export type ExportState = z.infer<typeof ExportState>;

/** A window of the rate limit with its retries, or the report, takes less. */
const mostSilenceMs = 4 * 60_000;

export function newState(id: string, options: Options, now: Date): ExportState {
  return {
    id,
    status: "running",
    createdAt: now.toISOString(),
    finishedAt: null,
    aliveUntil: new Date(now.getTime() + mostSilenceMs).toISOString(),
    options,
    progress: { pages: 0, offers: 0, waitingUntil: null, estimatedFinishAt: null },
    result: null,
    problem: null,
  };
}

export function noteProgress(state: ExportState, crawl: Crawl, waitingUntilMs: number | null): ExportState {
  const waitingUntil = waitingUntilMs === null ? null : new Date(waitingUntilMs).toISOString();
  const progress = { pages: crawl.nextPage - 1, offers: crawl.offers, waitingUntil, estimatedFinishAt: null };
  return { ...state, progress };
}

/** To be told with each sign of life: until the next one is due, it is taken to run; waiting does not count. */
export function keepAlive(state: ExportState, nowMs: number): ExportState {
  const { waitingUntil } = state.progress;
  const busyMs = waitingUntil === null ? nowMs : Math.max(nowMs, Date.parse(waitingUntil));
  return { ...state, aliveUntil: new Date(busyMs + mostSilenceMs).toISOString() };
}

export function succeedExport(state: ExportState, result: Result, now: Date): ExportState {
  const progress = {
    pages: result.pages,
    offers: result.offers,
    waitingUntil: null,
    estimatedFinishAt: null,
  };
  return { ...state, status: "succeeded", finishedAt: now.toISOString(), progress, result };
}

export function failExport(state: ExportState, problem: Problem, now: Date): ExportState {
  const progress = { ...state.progress, waitingUntil: null };
  return { ...state, status: "failed", finishedAt: now.toISOString(), progress, problem };
}

/** The state as a reader is told it: what died without a word has failed. */
export function seeState(state: ExportState, now: Date): ExportState {
  const diedAt = new Date(state.aliveUntil);
  if (state.status !== "running" || now < diedAt) return state;
  return failExport(state, interrupted, diedAt);
}

const interrupted: Problem = {
  code: "interrupted",
  detail: "The export was interrupted before it was finished. Start it again.",
};

/** How long ago the portal was read, for a finished export. */
export function ageOf(result: Result, now: Date): number {
  return now.getTime() - Date.parse(result.snapshotAt);
}
