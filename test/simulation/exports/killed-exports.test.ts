// oxlint-disable-next-line import/no-unassigned-import -- it must run before others import node:zlib
import "../time/synchronous-zlib.ts";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { readCellValues } from "../../support/workbook-reader.ts";
import { locales } from "../../../functions/core/language/locales.ts";
import { limit, pages, runKilledExport } from "./killed-exports.ts";

// A fixed day keeps the reports the same when an export runs past midnight.
const csv = "format=csv&asOf=2026-01-30";
const xlsx = "format=xlsx&asOf=2026-01-30";

beforeAll(async () => {
  vi.stubEnv("POWERTOOLS_LOG_LEVEL", "SILENT");
  vi.stubEnv("POWERTOOLS_METRICS_DISABLED", "true");
  // The first history loads code on demand, which takes real time.
  await runKilledExport("warm-up", xlsx, 0);
});

/**
 * Reads the rows of every sheet. Leaves out the rows about the crawl's times and requests, because these differ
 * between exports.
 */
async function readLasting(bytes: Buffer): Promise<unknown[][]> {
  const { startedAt, finishedAt, requests, nameRequests } = locales.nl.about.labels;
  const passing = new Set<unknown>([startedAt, finishedAt, requests, nameRequests]);
  return (await readCellValues(bytes)).filter((cells) => !passing.has(cells[0]));
}

const killsPerMille = 40;

describe("an export whose processes die at random moments", () => {
  it("writes the same CSV, never shows an incomplete one, and costs at most the requests of a window for each kill", async () => {
    const undisturbed = await runKilledExport("undisturbed", csv, 0);
    expect(undisturbed).toMatchObject({ status: "succeeded", kills: 0 });
    const wanted = undisturbed.files[0]?.toString() ?? "";
    expect(wanted.trimEnd().split("\r\n")).toHaveLength(1 + pages);
    let kills = 0;
    for (let number = 0; number < 40; number += 1) {
      const seed = `killed-${number}`;
      const disturbed = await runKilledExport(seed, csv, killsPerMille);
      kills += disturbed.kills;
      const { status, files, seen } = disturbed;
      const contents = seen.map((bytes) => bytes.toString() === wanted);
      expect({ seed, status, files: files.length, contents }).toEqual({
        seed,
        status: "succeeded",
        files: 1,
        contents: [true],
      });
      const maxRequests = undisturbed.requests + disturbed.kills * limit;
      expect(disturbed.requests, `seed ${seed}`).toBeLessThanOrEqual(maxRequests);
    }
    expect(kills).toBeGreaterThan(150);
  });

  it("writes an XLSX of the same cells, and never shows an incomplete one", async () => {
    const undisturbed = await runKilledExport("undisturbed", xlsx, 0);
    const cells = await readLasting(undisturbed.files[0] ?? Buffer.alloc(0));
    expect(cells.length).toBeGreaterThan(pages);
    let kills = 0;
    for (let number = 0; number < 4; number += 1) {
      const seed = `killed-workbook-${number}`;
      const disturbed = await runKilledExport(seed, xlsx, killsPerMille);
      kills += disturbed.kills;
      expect(disturbed.files, `seed ${seed}`).toHaveLength(1);
      for (const bytes of disturbed.seen) expect(await readLasting(bytes), `seed ${seed}`).toEqual(cells);
    }
    expect(kills).toBeGreaterThan(20);
  });
});
