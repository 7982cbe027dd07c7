import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readEvents } from "./durable.ts";
import type { Place } from "./place.ts";
import { hasBegun, type Stage } from "./stage.ts";

/** So many milliseconds after the stage has begun, or after the process has where the stage began before it. */
export type Moment = { stage: Stage; ms: number };

const program = join(import.meta.dirname, "exporter.ts");
// Node's own place for it: starting takes half of the time
const cache = join(tmpdir(), "node-compile-cache");

/** Runs the export, or goes on with it, in a process of its own; false when that was killed at the moment. */
export async function runMortal(place: Place, id: string, moment?: Moment): Promise<boolean> {
  if (moment === undefined) return await runUntil(place, id);
  const { stage, ms } = moment;
  return await runUntil(place, id, async (isOver) => {
    while (!isOver() && !hasBegun(await readEvents(place.directory, id), stage)) await sleep(1);
    await sleep(ms);
  });
}

/** The same, killed when that is over. */
export async function runUntil(
  { directory, env, speed }: Place,
  id: string,
  until?: (isOver: () => boolean) => Promise<unknown>,
): Promise<boolean> {
  const worker = spawn(process.execPath, [program, directory, id, String(speed)], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...env, NODE_COMPILE_CACHE: cache },
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
