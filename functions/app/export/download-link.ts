import { dateNow } from "../../adapters/clock/clock.ts";
import type { PresentedExport } from "../../core/contract/response-bodies.ts";
import {
  type ExportResult,
  type ExportState,
  isFinished,
  locateFile,
} from "../../core/export/export-state.ts";
import { showResult } from "../../core/export/shown-export.ts";
import type { AppContext, StateStore } from "../context.ts";
import { readExport } from "./export-store.ts";

/** Returns the export as the API shows it. Each call signs a new link to the file. */
export async function presentExport(
  app: AppContext,
  state: ExportState,
  linkSeconds = app.config.linkSeconds,
): Promise<PresentedExport> {
  const { run, result, ...rest } = state;
  const shown = run.isDeleted ? { ...rest, isDeleted: true as const } : rest;
  if (result === null) return { ...shown, result };
  const signedAt = dateNow(app.clock);
  const terms = { method: "GET", seconds: linkSeconds, signedAt } as const;
  const url = await app.bucket.signLink(locateFile({ id: shown.id, result }), terms);
  const urlExpiresAt = new Date(signedAt.getTime() + linkSeconds * 1000).toISOString();
  const { file, ...facts } = showResult(result);
  return { ...shown, result: { ...facts, file: { ...file, url, urlExpiresAt } } };
}

export function signFile(
  { bucket, clock, config }: AppContext,
  finished: { id: string; result: ExportResult },
  method: "GET" | "HEAD",
  seconds = config.linkSeconds,
): Promise<string> {
  return bucket.signLink(locateFile(finished), { method, seconds, signedAt: dateNow(clock) });
}

const firstPauseMs = 100;
const maxPauseMs = 1_000;

/** Waits until the export has finished, but at most `waitMs`. Returns the export's latest state. */
export async function followExport(
  store: StateStore,
  initial: ExportState,
  waitMs: number,
): Promise<ExportState> {
  const { elapsedMs, sleep } = store.clock.system;
  const deadlineMs = elapsedMs() + waitMs;
  let state = initial;
  for (let pauseMs = firstPauseMs; !isFinished(state); pauseMs = Math.min(maxPauseMs, pauseMs * 1.5)) {
    const leftMs = deadlineMs - elapsedMs();
    if (leftMs <= 0) break;
    await sleep(Math.min(pauseMs, leftMs));
    state = (await readExport(store, initial.id)) ?? state;
  }
  return state;
}
