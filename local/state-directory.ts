import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { Clock } from "../functions/adapters/clock/clock.ts";
import { readJson } from "../functions/core/basics/stored-values.ts";
import { type ClockOrigin, createFastClock } from "./fast-clock.ts";

/**
 * Makes the folder and claims it for this process, because two stacks in one folder would damage each other's files.
 * Each process writes a claim file, named after its process id, before it looks for the claim files of other
 * processes. So when two processes start at once, at most one continues.
 */
export async function claimDirectory(directory: string): Promise<{ release: () => Promise<void> }> {
  const claims = join(directory, "running");
  const release = () => rm(join(claims, String(process.pid)), { force: true });
  for (const pid of await addClaim(claims)) {
    if (isRunning(pid)) {
      await release();
      throw new Error(
        `the setting LOCAL_DIR names a folder that process ${pid} uses; stop it or name another`,
      );
    }
    await rm(join(claims, String(pid)), { force: true });
  }
  return { release };
}

/** Writes this process's claim file. Returns the ids of the other processes that have a claim file in the folder. */
async function addClaim(claims: string): Promise<number[]> {
  try {
    await mkdir(claims, { recursive: true });
    await writeFile(join(claims, String(process.pid)), "");
    const names = (await readdir(claims)).filter((name) => /^[1-9]\d*$/.test(name));
    return names.map(Number).filter((pid) => pid !== process.pid);
  } catch (cause) {
    throw new Error("the setting LOCAL_DIR names no folder that can be written", { cause });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM means that the process exists and belongs to another user.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/**
 * Returns the demo portal's previous port in this folder; 0 when the folder holds no port. The portal keeps its port,
 * because stored exports and snapshots depend on its address.
 */
export async function readPort(directory: string): Promise<number> {
  const text = await readFile(join(directory, portFile), "utf8").catch(() => "0");
  return /^\d{1,5}$/.test(text) ? Number(text) : 0;
}

export async function savePort(directory: string, url: string): Promise<void> {
  await writeFile(join(directory, portFile), new URL(url).port);
}

const portFile = "portal-port";

const ClockState = z.object({ speed: z.number(), systemMs: z.number(), clockMs: z.number() });

/**
 * Opens the clock of this folder. A clock with another speed than the previous one continues the previous clock's time.
 * Otherwise the stored times, such as the ends of waits, would be years before or after the new clock's time.
 */
export async function openClock(directory: string, speed: number): Promise<Clock> {
  const path = join(directory, clockFile);
  const text = await readFile(path, "utf8").catch(() => "");
  const origin = continueTime(ClockState.safeParse(readJson(text)).data, speed);
  await writeFile(path, JSON.stringify({ speed, ...origin }));
  return createFastClock(speed, origin);
}

function continueTime(known: z.infer<typeof ClockState> | undefined, speed: number): ClockOrigin {
  if (known === undefined) return { systemMs: 0, clockMs: 0 };
  const { systemMs, clockMs } = known;
  if (known.speed === speed) return { systemMs, clockMs };
  return { systemMs: Date.now(), clockMs: createFastClock(known.speed, known).now() };
}

const clockFile = "clock.json";
