import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as z from "zod";
import { openBucket } from "../../functions/adapters/bucket/bucket.ts";
import { readConfig } from "../../functions/adapters/settings/settings.ts";
import { nodeOptions } from "../../infra/settings.ts";
import { writeSnapshot } from "../../test/support/snapshot.ts";
import { atMost, type BenchFigure, reportFigure } from "./bench-figures.ts";
import { makeOffers } from "./bench-data--offers.ts";

const run = promisify(execFile);

export const Converted = z.object({
  rows: z.number(),
  seconds: z.number(),
  peakMb: z.number(),
  bytes: z.number(),
});
export type Converted = z.infer<typeof Converted>;

/**
 * From a snapshot in the bucket to the uploaded file, each in a process of its own, whose peak memory counts.
 * Node gets the options that it gets in Lambda.
 */
export async function benchConverting(): Promise<BenchFigure[]> {
  await prepareSnapshot("small", makeOffers(20_000));
  await prepareSnapshot("large", makeOffers(100_000));
  await prepareSnapshot("huge", makeOffers(1_000_000));
  const figures: BenchFigure[] = [];
  for (const format of ["csv", "xlsx"]) {
    const small = await convert("small", format);
    const large = await convert("large", format);
    const huge = await convert("huge", format);
    figures.push(
      reportFigure(`${format} of 20,000 offers, from a ready snapshot to the uploaded file`, describe(small)),
      ...boundMemory(`${format} of 100,000 offers (${describe(large)})`, [large, small], [250, 1.4]),
      ...boundMemory(`${format} of 1,000,000 offers (${describe(huge)})`, [huge, large], [300, 1.6]),
    );
  }
  return figures;
}

function describe({ rows, seconds, bytes }: Converted): string {
  const [pace, megabytes] = [Math.round(rows / seconds), (bytes / 1e6).toFixed(1)];
  return `${seconds.toFixed(1)} s, ${pace} rows/s, ${megabytes} MB`;
}

/** The bounds are in MB, and in times the peak of the other. */
function boundMemory(
  name: string,
  [own, other]: [Converted, Converted],
  [mostMb, mostTimes]: [number, number],
): BenchFigure[] {
  const times = `${name.slice(0, name.indexOf(" ("))}, peak memory to that of ${other.rows.toLocaleString("en")}`;
  return [
    atMost(`${name}, peak memory`, own.peakMb, { most: mostMb, unit: " MB" }),
    atMost(times, own.peakMb / other.peakMb, { most: mostTimes, unit: "" }),
  ];
}

/** A snapshot of the bench's own bucket. */
export async function prepareSnapshot(id: string, offers: Iterable<unknown>, at = new Date()): Promise<void> {
  const bucket = openBucket(readConfig(process.env).bucket);
  await writeSnapshot(bucket, offers, { id, at: at.toISOString() });
}

/** In a process of its own; compared with the earlier snapshot, if there is one. */
export async function convert(id: string, format: string, earlierId = ""): Promise<Converted> {
  const program = fileURLToPath(new URL("conversion-process.ts", import.meta.url));
  const env = { ...process.env, NODE_OPTIONS: nodeOptions };
  const { stdout } = await run(process.execPath, [program, id, format, earlierId], { env });
  return Converted.parse(JSON.parse(stdout));
}
