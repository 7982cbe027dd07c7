import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as z from "zod";
import { nodeOptions } from "../../infra/settings.ts";
import { atLeast, type BenchFigure, reportFigure } from "./bench-figures.ts";

const run = promisify(execFile);
const rows = 100_000;
const rounds = 3;

/** The names of the writers that `writer-process.ts` knows. */
const names = ["xlsx", "xlsxFloor", "hucre", "exceljs", "csv", "csvFloor"] as const;
type Name = (typeof names)[number];

export const Written = z.object({ seconds: z.number(), bytes: z.number() });
type Written = z.infer<typeof Written>;

/**
 * Compares the project's writers with other writers on the same rows. The writers run in turns, each in a new process.
 * The result uses each writer's fastest turn, because other work on the machine can only slow a turn down.
 */
export async function benchWriters(): Promise<BenchFigure[]> {
  const fastest = new Map<Name, Written>();
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) {
      const written = await runWriter(name);
      if (written.seconds < (fastest.get(name)?.seconds ?? Infinity)) fastest.set(name, written);
    }
  }
  const secondsOf = (name: Name) => fastest.get(name)?.seconds ?? Number.NaN;
  const compare = (own: Name, other: Name) => secondsOf(other) / secondsOf(own);
  return [
    ...[...fastest].map(([name, written]) => reportFigure(`100,000 rows by ${name}`, describe(written))),
    atLeast("xlsx, times as fast as exceljs's streaming row API", compare("xlsx", "exceljs"), 3),
    atLeast("xlsx, times as fast as hucre's stream", compare("xlsx", "hucre"), 2.5),
    atLeast("xlsx, share of the floor's speed", compare("xlsx", "xlsxFloor"), 0.8),
    atLeast("csv, share of plain concatenation's speed", compare("csv", "csvFloor"), 0.75),
  ];
}

function describe({ seconds, bytes }: Written): string {
  return `${Math.round(rows / seconds)} rows/s, ${(bytes / 1e6).toFixed(1)} MB`;
}

/** Writes 100,000 rows with one writer in a new process. */
export async function runWriter(name: Name): Promise<Written> {
  const program = fileURLToPath(new URL("writer-process.ts", import.meta.url));
  const env = { ...process.env, NODE_OPTIONS: nodeOptions };
  const { stdout } = await run(process.execPath, ["--expose-gc", program, name, String(rows)], { env });
  return Written.parse(JSON.parse(stdout));
}
