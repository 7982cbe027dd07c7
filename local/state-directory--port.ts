import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The port that the demo portal had in this folder: executions that go on know it by its address. 0 for none. */
export async function readPort(directory: string): Promise<number> {
  const text = await readFile(join(directory, fileName), "utf8").catch(() => "0");
  return /^\d{1,5}$/.test(text) ? Number(text) : 0;
}

export async function keepPort(directory: string, url: string): Promise<void> {
  await writeFile(join(directory, fileName), new URL(url).port);
}

const fileName = "portal-port";
