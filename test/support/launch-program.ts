import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { compileCache } from "./compile-cache.ts";

export type LaunchOptions = { flags?: string[]; readyAt?: string };

/** Starts a program of the project without npm, in a new folder. Waits until the program is ready or has ended. */
export async function launchProgram(
  program: string,
  settings: Record<string, string>,
  { flags = [], readyAt }: LaunchOptions = {},
) {
  const directory = await mkdtemp(join(tmpdir(), "offer-export-start-"));
  const { PATH } = process.env;
  const env = { PATH, PORT: "0", LOCAL_DIR: directory, ...compileCache, ...settings };
  const child = spawn(process.execPath, [program, ...flags], { env });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await rm(directory, { recursive: true, force: true });
  });
  let output = "";
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const isReady = () => readyAt !== undefined && output.includes(readyAt);
  await Promise.race([waitForOutput(child, isReady), once(child, "close")]);
  const findAll = (name: string) =>
    [...output.matchAll(new RegExp(`^${name}: (.*)$`, "gm"))].map(([, text = ""]) => text);
  return {
    child,
    find: (name: string) => findAll(name)[0] ?? "",
    findAll,
    output: () => output,
    errors: () => errors,
  };
}

export async function waitForOutput(child: ChildProcess, isThere: () => boolean): Promise<void> {
  while (!isThere() && child.stdout) await once(child.stdout, "data");
}
