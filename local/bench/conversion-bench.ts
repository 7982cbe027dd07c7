import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as z from "zod";
import { openBucket } from "../../functions/adapters/bucket/bucket.ts";
import { readConfig } from "../../functions/adapters/settings/settings.ts";
import { openContext } from "../../functions/app/context.ts";
import { presentExport } from "../../functions/app/export/download-link.ts";
import { readExport } from "../../functions/app/export/export-store.ts";
import { publishResult } from "../../functions/app/report/publish-report.ts";
import { writeReport } from "../../functions/app/report/write-report.ts";
import { newNameLookup } from "../../functions/core/customer/name-lookup.ts";
import { nodeOptions } from "../../infra/settings.ts";
import { writeSnapshot } from "../../test/support/snapshot-fixtures.ts";
import { makeOffer, makeOffers, prepareExport } from "./bench-data.ts";
import { atMost, type BenchFigure, reportFigure } from "./bench-figures.ts";

const run = promisify(execFile);

const Converted = z.object({
  rows: z.number(),
  seconds: z.number(),
  peakMb: z.number(),
  bytes: z.number(),
});
type Converted = z.infer<typeof Converted>;

/**
 * Measures the time and the peak memory of conversions, from a snapshot in the bucket to the uploaded file. Each
 * conversion runs in a new process, because peak memory is measured for a process. The process has the Node options of
 * Lambda.
 */
export async function benchConversion(): Promise<BenchFigure[]> {
  await prepareSnapshot("small", makeOffers(20_000));
  await prepareSnapshot("large", makeOffers(100_000));
  await prepareSnapshot("huge", makeOffers(1_000_000));
  await prepareSnapshot("customers", makeOwnCustomers(1_000_000));
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
    const { peakMb } = await convert("customers", format);
    const name = `${format} of 1,000,000 offers of as many customers, peak memory`;
    figures.push(atMost(name, peakMb, { max: 260, unit: " MB" }));
  }
  return figures;
}

/** Yields the offers of `makeOffers`, each of another customer. */
function* makeOwnCustomers(count: number) {
  for (let index = 0; index < count; index += 1)
    yield { ...makeOffer(index), customerId: `cst_${index.toString(36).padStart(15, "0")}` };
}

function describe({ rows, seconds, bytes }: Converted): string {
  const [rate, megabytes] = [Math.round(rows / seconds), (bytes / 1e6).toFixed(1)];
  return `${seconds.toFixed(1)} s, ${rate} rows/s, ${megabytes} MB`;
}

/**
 * Makes two figures for the peak memory of `own`. One bound is `maxMb` megabytes. The other bound is `maxTimes` times
 * the peak memory of `other`.
 */
function boundMemory(
  name: string,
  [own, other]: [Converted, Converted],
  [maxMb, maxTimes]: [number, number],
): BenchFigure[] {
  const times = `${name.slice(0, name.indexOf(" ("))}, peak memory to that of ${other.rows.toLocaleString("en")}`;
  return [
    atMost(`${name}, peak memory`, own.peakMb, { max: maxMb, unit: " MB" }),
    atMost(times, own.peakMb / other.peakMb, { max: maxTimes, unit: "" }),
  ];
}

/** Stores a snapshot in the benchmark's bucket. */
async function prepareSnapshot(id: string, offers: Iterable<unknown>, at = new Date()): Promise<void> {
  const bucket = openBucket(readConfig(process.env).bucket);
  await writeSnapshot(bucket, offers, { id, at: at.toISOString() });
}

/**
 * Converts the snapshot `id` in a new process. Compares the snapshot with the snapshot `earlierId`, unless `earlierId`
 * is empty.
 */
async function convert(id: string, format: string, earlierId = ""): Promise<Converted> {
  const program = fileURLToPath(new URL("conversion-process.ts", import.meta.url));
  const env = { ...process.env, NODE_OPTIONS: nodeOptions };
  const { stdout } = await run(process.execPath, [program, id, format, earlierId], { env });
  return Converted.parse(JSON.parse(stdout));
}

const offers = 100_000;
const many = 1_000_000;
/**
 * The number of runs of each conversion. The comparison with an earlier report adds so little time that fewer runs
 * would measure only noise.
 */
const rounds = 9;

/**
 * Measures the time that the comparison with an earlier report adds to a conversion. Conversions with and without the
 * comparison run in turns, each in a new process. The result uses the fastest run of each kind.
 */
export async function benchChanges(): Promise<BenchFigure[]> {
  await prepareSnapshot("now", makeOffers(offers));
  await prepareSnapshot("before", makeEarlier(offers));
  const alone: Converted[] = [];
  const compared: Converted[] = [];
  for (let round = 0; round < rounds; round += 1) {
    alone.push(await convert("now", "xlsx"));
    compared.push(await convert("now", "xlsx", "before"));
  }
  const added = findFastest(compared) / findFastest(alone) - 1;
  const peakMb = Math.max(...compared.map((one) => one.peakMb));
  await prepareSnapshot("many", makeOffers(many));
  await prepareSnapshot("reversed", makeReversed(many));
  const worst = await convert("many", "xlsx", "reversed");
  return [
    atMost("comparing 100,000 offers, share of writing their XLSX", added, { max: 0.5, unit: "" }),
    atMost("… with it, peak memory", peakMb, { max: 300, unit: " MB" }),
    reportFigure("… 1,000,000 offers with as many in reversed order", `${Math.round(worst.peakMb)} MB`),
  ];
}

function findFastest(all: Converted[]): number {
  return Math.min(...all.map(({ seconds }) => seconds));
}

/**
 * Yields an earlier state of the list that `makeOffers` yields. From this state to that list, 1 % of the offers are
 * added, 1 % change their amount, 1 % are decided and 1 % are removed.
 */
function* makeEarlier(count: number) {
  for (let index = count / 100; index < count; index += 1) {
    const offer = makeOffer(index);
    if (index % 100 === 1) yield { ...offer, amount: "1.00" };
    else if (index % 100 === 3) yield { ...offer, acceptedAt: null, rejectedAt: null };
    else yield offer;
    if (index % 100 === 2) yield { ...offer, id: `gone_${index}` };
  }
}

function* makeReversed(count: number) {
  for (let index = count - 1; index >= 0; index -= 1) yield makeOffer(index);
}

/** Publishes a workbook, fetches its presigned link with a plain HTTP client and checks the SHA-256 of the bytes. */
export async function benchLink(): Promise<BenchFigure[]> {
  await prepareSnapshot("link", makeOffers(1_000));
  const app = openContext(readConfig(process.env));
  const { id } = await prepareExport(app);
  const written = await writeReport(app, { id, snapshotId: "link", naming: newNameLookup });
  if (written !== null) await publishResult(app, id, written.result);
  const published = await readExport(app, id);
  if (published === null) throw new Error("nothing was published");
  const { url, sha256 } = z
    .object({ url: z.string(), sha256: z.string() })
    .parse((await presentExport(app, published)).result?.file);
  const response = await fetch(url);
  const fetched = createHash("sha256")
    .update(Buffer.from(await response.arrayBuffer()))
    .digest("hex");
  const isReached = fetched === sha256;
  return [
    {
      name: "SHA-256 of the bytes behind the link",
      measured: isReached ? "the answer's" : "another",
      bound: "the answer's",
      isReached,
    },
  ];
}
