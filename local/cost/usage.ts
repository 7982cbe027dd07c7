import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";

const count = z.int().min(0);
const ms = z.number().min(0);

/** What reports of a portal of so many offers were measured to use. */
export const Usage = z.object({
  offers: count,
  /** To the portal. */
  requests: count,
  workflow: z.object({ invocations: count, wallMs: ms, cpuMs: ms }),
  operations: count,
  historyBytes: count,
  storage: z.object({ writes: count, reads: count }),
  snapshotBytes: count,
  fileBytes: count,
});
export type Usage = z.infer<typeof Usage>;

/** Of an answer by an environment that is warm, but for the first. */
const Answer = z.object({ coldCpuMs: ms, cpuMs: ms, bytes: count });
export type Answer = z.infer<typeof Answer>;

export const Measured = z.object({
  date: z.iso.date(),
  /** One report, asked for at the URL. */
  export: z.array(Usage),
  /** The two of a month: one of the month before, one of everything, of one crawl. */
  month: z.array(Usage),
  /** Of an export's state, as whoever follows one gets it. */
  state: Answer,
  refusal: Answer,
  /** The largest file that anybody gets, as it is when the caller wants no compression. */
  asset: Answer,
});
export type Measured = z.infer<typeof Measured>;

export const measuredPath = join(import.meta.dirname, "measured.json");

export async function readMeasured(): Promise<Measured> {
  return Measured.parse(JSON.parse(await readFile(measuredPath, "utf8")));
}
