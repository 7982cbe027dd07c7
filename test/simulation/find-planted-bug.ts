import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { FoundHistory, HistorySearch } from "./planted-bug-process.ts";
import type { PlantedBug } from "./planted-bugs.ts";

const run = promisify(execFile);

export type BugSearch = Pick<HistorySearch, "seed" | "offers" | "isDescribed"> & {
  /** How many histories are run at most. */
  histories: number;
};

/**
 * Looks for the bug: plants it in a process, which runs histories until one violates an invariant of the bug. The same
 * history without the bug has to keep to these invariants, otherwise it shows nothing.
 */
export async function findPlantedBug(
  bug: PlantedBug,
  { histories, ...settings }: BugSearch,
): Promise<FoundHistory> {
  const { name, invariants } = bug;
  for (let first = 0; ;) {
    const found = await search(name, { ...settings, first, end: histories, invariants });
    if (found.number === null) return found;
    const next = found.number + 1;
    const own = { ...settings, first: found.number, end: next, invariants, isDescribed: false };
    if ((await search(null, own)).number === null) return found;
    first = next;
  }
}

/** Runs the histories in a process with the bug, or in one without a bug. */
async function search(bug: string | null, histories: HistorySearch): Promise<FoundHistory> {
  const plant = bug === null ? [] : ["--import", join(import.meta.dirname, "plant-bug.ts")];
  const script = join(import.meta.dirname, "planted-bug-process.ts");
  const flags = ["--max-semi-space-size=64", ...plant, script, JSON.stringify(histories)];
  const { stdout } = await run(process.execPath, flags, {
    env: {
      ...process.env,
      ...(bug !== null && { PLANTED_BUG: bug }),
      POWERTOOLS_LOG_LEVEL: "SILENT",
      POWERTOOLS_METRICS_DISABLED: "true",
    },
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}
