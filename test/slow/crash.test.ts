import { describe, expect, it } from "vitest";
import { locales } from "../../functions/core/language/locales.ts";
import { readEvents } from "../support/durable-runner.ts";
import {
  type ExportStage,
  type KillMoment,
  measureStages,
  runKilledExport,
} from "../support/export-kills.ts";
import { asOf, openSharedStack } from "../support/shared-stack.ts";
import { columnNumber, readCellValues } from "../support/workbook-reader.ts";

const csv = `format=csv&asOf=${asOf}`;
const xlsx = `format=xlsx&asOf=${asOf}`;
const size = { offers: 600, limit: 15, speed: 800 };

/** Runs an export without kills, and measures its stages in milliseconds of the system's clock. */
async function exportUndisturbed(query: string) {
  const place = await openSharedStack(size);
  const undisturbed = await runKilledExport(place, query);
  const { crawl, names, report } = measureStages(await readEvents(place.directory, undisturbed.id));
  const { speed } = place;
  const stages = { crawl: crawl / speed, names: names / speed, report: report / speed };
  return { ...undisturbed, stages };
}

/**
 * Draws the moments of six kills. They are in the first half of their stages, so that most exports still run at their
 * last kill.
 */
function drawMoments({ crawl, names, report }: Record<ExportStage, number>): KillMoment[] {
  const draw = (stage: ExportStage, maxMs: number): KillMoment => ({ stage, ms: Math.random() * maxMs });
  const inCrawl = [1, 2, 3].map(() => draw("crawl", crawl / 2));
  return [...inCrawl, draw("names", names / 2), draw("report", report / 2), draw("report", report / 2)];
}

/**
 * Reads the rows of every sheet. Leaves out the rows about the crawl's times and requests, because these differ
 * between exports.
 */
async function readLasting(bytes: Buffer): Promise<unknown[][]> {
  const { startedAt, finishedAt, requests, nameRequests } = locales.nl.about.labels;
  const passing = new Set<unknown>([startedAt, finishedAt, requests, nameRequests]);
  return (await readCellValues(bytes)).filter((cells) => !passing.has(cells[0]));
}

describe("an export that is killed with kill -9 at random moments", () => {
  it("writes the same CSV, never shows an incomplete one, and costs at most the requests of a window for each kill", async () => {
    const undisturbed = await exportUndisturbed(csv);
    expect(undisturbed.status).toBe("succeeded");
    expect(undisturbed.file.toString().trimEnd().split("\r\n")).toHaveLength(1 + size.offers);
    const moments = drawMoments(undisturbed.stages);
    const disturbed = await runKilledExport(await openSharedStack(size), csv, moments);
    const { status, kills, keys, seen, requests } = disturbed;
    const told = JSON.stringify(moments);
    const isSame = seen.map((bytes) => bytes.equals(undisturbed.file));
    expect({ status, files: keys.length, isSame }, `killed at ${told}`).toEqual({
      status: "succeeded",
      files: 1,
      isSame: [true],
    });
    expect(kills, `killed at ${told}`).toBeGreaterThan(0);
    expect(requests, `killed at ${told}`).toBeLessThanOrEqual(undisturbed.requests + kills * size.limit);
  });

  it("writes an XLSX of the same cells, and never shows an incomplete one", async () => {
    const undisturbed = await exportUndisturbed(xlsx);
    const cells = await readLasting(undisturbed.file);
    expect(cells.length).toBeGreaterThan(size.offers);
    const moments = drawMoments(undisturbed.stages).filter(({ stage }) => stage === "report");
    const disturbed = await runKilledExport(await openSharedStack(size), xlsx, moments);
    const told = JSON.stringify(moments);
    expect(disturbed.kills, `killed at ${told}`).toBeGreaterThan(0);
    expect(disturbed.keys, `killed at ${told}`).toHaveLength(1);
    for (const bytes of disturbed.seen) expect(await readLasting(bytes), `killed at ${told}`).toEqual(cells);
  });

  it("has each of 20,000 offers once, killed in the crawl and in the report", async () => {
    const place = await openSharedStack({ offers: 20_000, speed: 300, limit: 60 });
    const moments: KillMoment[] = [
      { stage: "crawl", ms: 500 + Math.random() * 2_000 },
      { stage: "report", ms: Math.random() * 200 },
    ];
    const disturbed = await runKilledExport(place, csv, moments);
    expect(disturbed, `killed at ${JSON.stringify(moments)}`).toMatchObject({
      status: "succeeded",
      kills: 2,
    });
    const [, ...lines] = disturbed.file.toString().trimEnd().split("\r\n");
    const numbers = lines.map((line) => line.split(";")[columnNumber("offerNumber") - 1]);
    expect(numbers).toHaveLength(20_000);
    const wanted = place.portal.offers.all().map(({ offerNumber }) => offerNumber);
    expect(new Set<unknown>(numbers)).toEqual(new Set<unknown>(wanted));
  });
});
