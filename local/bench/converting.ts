import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as z from "zod";
import { beginCrawl } from "../../functions/core/crawl.ts";
import { makePage } from "../../functions/core/page.ts";
import { manifestKey, partKey } from "../../functions/core/key.ts";
import { describeSnapshot } from "../../functions/core/snapshot.ts";
import { openBucket } from "../../functions/io/bucket.ts";
import { readConfig } from "../../functions/io/config.ts";
import { writePart } from "../../functions/io/snapshot.ts";
import { nodeOptions } from "../../infra/setting.ts";
import { atMost, type Figure, tell } from "./figure.ts";
import { makeOffers } from "./offers.ts";

const run = promisify(execFile);
const offersPerPart = 900;

export const Converted = z.object({
  rows: z.number(),
  seconds: z.number(),
  peakMb: z.number(),
  bytes: z.number(),
});
type Converted = z.infer<typeof Converted>;

/**
 * From a snapshot in the bucket to the uploaded file, each in a process of its own, whose peak memory counts.
 * Node gets the options that it gets in Lambda.
 */
export async function benchConverting(): Promise<Figure[]> {
  await writeSnapshot("small", 20_000);
  await writeSnapshot("large", 100_000);
  await writeSnapshot("huge", 1_000_000);
  const figures: Figure[] = [];
  for (const format of ["csv", "xlsx"]) {
    const small = await convert("small", format);
    const large = await convert("large", format);
    const huge = await convert("huge", format);
    figures.push(
      tell(`${format} of 20,000 offers, from a ready snapshot to the uploaded file`, describe(small)),
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
): Figure[] {
  const times = `${name.slice(0, name.indexOf(" ("))}, peak memory to that of ${other.rows.toLocaleString("en")}`;
  return [
    atMost(`${name}, peak memory`, own.peakMb, { most: mostMb, unit: " MB" }),
    atMost(times, own.peakMb / other.peakMb, { most: mostTimes, unit: "" }),
  ];
}

async function writeSnapshot(id: string, count: number): Promise<void> {
  const bucket = openBucket(readConfig(process.env).bucket);
  let crawl = beginCrawl({ windowMs: 60_000, reserve: 0 });
  let offers: unknown[] = [];
  const flush = async () => {
    crawl = { ...crawl, parts: crawl.parts + 1 };
    await writePart(bucket, partKey(id, crawl.parts), [makePage(crawl.parts, offers, false)]);
    offers = [];
  };
  for (const offer of makeOffers(count)) {
    offers.push(offer);
    if (offers.length === offersPerPart) await flush();
  }
  await flush();
  const now = new Date().toISOString();
  const manifest = describeSnapshot(id, crawl, { startedAt: now, finishedAt: now, evidence: false });
  await bucket.writeJson(manifestKey(id), manifest);
}

async function convert(id: string, format: string): Promise<Converted> {
  const program = fileURLToPath(new URL("convert.ts", import.meta.url));
  const env = { ...process.env, NODE_OPTIONS: nodeOptions };
  const { stdout } = await run(process.execPath, [program, id, format], { env });
  return Converted.parse(JSON.parse(stdout));
}
