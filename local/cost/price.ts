import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";

const Price = z.object({ usd: z.number().positive(), source: z.string() });

const Prices = z.object({
  region: z.string(),
  date: z.iso.date(),
  prices: z.object({
    computeGbSecond: Price,
    invocation: Price,
    durableOperation: Price,
    durableWrittenGb: Price,
    durableKeptGbMonth: Price,
    storageWrite: Price,
    storageRead: Price,
    storageGbMonth: Price,
    transferGb: Price,
    logGb: Price,
    logKeptGbMonth: Price,
    alarmMonth: Price,
    metricMonth: Price,
  }),
});
export type Prices = z.infer<typeof Prices>;

export async function readPrices(): Promise<Prices> {
  return Prices.parse(JSON.parse(await readFile(join(import.meta.dirname, "prices.json"), "utf8")));
}
