import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Bucket } from "../../functions/adapters/bucket/bucket.ts";
import { readExport } from "../../functions/app/export/export-store.ts";
import type { Event } from "../../local/durable/execution.ts";
import { compileCache } from "./compile-cache.ts";
import { readEvents } from "./durable-runner.ts";
import type { SharedStack } from "./shared-stack.ts";
import { queueExport } from "./workflow-runs.ts";

/** A moment to kill a process: `ms` after the start of the stage or the start of the process, whichever is later. */
export type KillMoment = { stage: ExportStage; ms: number };

const program = join(import.meta.dirname, "export-process.ts");

/**
 * Runs or resumes the export in a separate process, which is killed at `moment`. Returns false when the process was
 * killed.
 */
export async function runExportProcess(
  place: SharedStack,
  id: string,
  moment?: KillMoment,
): Promise<boolean> {
  if (moment === undefined) return await runExportProcessUntil(place, id);
  const { stage, ms } = moment;
  return await runExportProcessUntil(place, id, async (isOver) => {
    while (!isOver() && !hasStageBegun(await readEvents(place.directory, id), stage)) await sleep(1);
    await sleep(ms);
  });
}

/**
 * Runs or resumes the export in a separate process, which is killed when `until` settles. Returns false when the
 * process was killed.
 */
export async function runExportProcessUntil(
  { directory, env, speed }: SharedStack,
  id: string,
  until?: (isOver: () => boolean) => Promise<unknown>,
): Promise<boolean> {
  const worker = spawn(process.execPath, [program, directory, id, String(speed)], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...env, ...compileCache },
  });
  const exited = once(worker, "exit");
  await Promise.race([once(worker.stdout, "data"), exited]);
  if (until !== undefined) {
    await Promise.race([until(() => worker.exitCode !== null), exited]);
    worker.kill("SIGKILL");
  }
  const [code, signal] = await exited;
  if (code !== 0 && signal !== "SIGKILL") throw new Error(`the process ended with ${code ?? signal}`);
  return code === 0;
}

export type ExportStage = "crawl" | "names" | "report";

const firstSteps = { names: "names-1", report: "report" };

export function hasStageBegun(events: Event[], stage: ExportStage): boolean {
  return stage === "crawl" || findStart(events, firstSteps[stage]) !== undefined;
}

/** Measures how many milliseconds each stage of a finished execution took, by the runner's clock. */
export function measureStages(events: Event[]): Record<ExportStage, number> {
  const beganMs = events[0]?.atMs ?? NaN;
  const [namesMs = NaN, reportMs = NaN] = Object.values(firstSteps).map((step) => findStart(events, step));
  const endMs = events.at(-1)?.atMs ?? NaN;
  return {
    crawl: namesMs - beganMs,
    names: reportMs - namesMs,
    report: endMs - reportMs,
  };
}

function findStart(events: Event[], step: string): number | undefined {
  const isStart = (event: Event) =>
    event.kind === "checkpoint" &&
    event.updates.some(({ Name, Action }) => Name === step && Action === "START");
  return events.find(isStart)?.atMs;
}

/**
 * Runs an export to its end and kills its processes at these moments, one after the other. `seen` lists the different
 * contents of all report files that were ever in the bucket.
 */
export async function runKilledExport(place: SharedStack, query: string, moments: KillMoment[] = []) {
  const { app, portal } = place;
  const { id } = await queueExport(app, query);
  const watch = watchFiles(app.bucket);
  let kills = 0;
  while (!(await runExportProcess(place, id, moments[kills]))) kills += 1;
  const seen = await watch.end();
  const state = await readExport(app, id);
  const keys = await app.bucket.listKeys("files/");
  const file = Buffer.from((await app.bucket.readBytes(keys[0] ?? "")) ?? []);
  return { id, status: state?.status, kills, requests: portal.requests.length, keys, file, seen };
}

function watchFiles(bucket: Bucket) {
  const seen = new Map<string, Buffer>();
  const over = new AbortController();
  const look = async () => {
    for (const key of await bucket.listKeys("files/")) {
      const bytes = await bucket.readBytes(key);
      // A file of a killed attempt may be removed between the listing and this read.
      if (bytes !== null) seen.set(createHash("sha256").update(bytes).digest("hex"), Buffer.from(bytes));
    }
  };
  const watching = (async () => {
    for (; !over.signal.aborted; await sleep(10)) await look();
    await look();
  })();
  const end = async () => {
    over.abort();
    await watching;
    return [...seen.values()];
  };
  return { end };
}
