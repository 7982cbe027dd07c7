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
import { atMost, type Figure } from "./figure.ts";
import { makeOffers } from "./offers.ts";

const run = promisify(execFile);
const offersPerPart = 900;

export const Converted = z.object({
  rows: z.number(),
  seconds: z.number(),
  peakMb: z.number(),
  bytes: z.number(),
});

/**
 * From a snapshot in the bucket to the uploaded file, each in a process of its own, whose peak memory counts.
 * Node gets the options that it gets in Lambda.
 */
export async function benchConverting(): Promise<Figure[]> {
  await writeSnapshot("small", 20_000);
  await writeSnapshot("large", 100_000);
  const figures: Figure[] = [];
  for (const format of ["csv", "xlsx"]) {
    const small = await convert("small", format);
    const large = await convert("large", format);
    const pace = `${Math.round(large.rows / large.seconds)} rows/s, ${(large.bytes / 1e6).toFixed(1)} MB`;
    figures.push(
      atMost(`${format} of 100,000 offers (${pace}), peak memory`, large.peakMb, { most: 250, unit: " MB" }),
      atMost(`${format} of 100,000 offers, peak memory to that of 20,000`, large.peakMb / small.peakMb, {
        most: 1.4,
        unit: "",
      }),
    );
  }
  return figures;
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

async function convert(id: string, format: string): Promise<z.infer<typeof Converted>> {
  const program = fileURLToPath(new URL("convert.ts", import.meta.url));
  const env = { ...process.env, NODE_OPTIONS: nodeOptions };
  const { stdout } = await run(process.execPath, [program, id, format], { env });
  return Converted.parse(JSON.parse(stdout));
}
