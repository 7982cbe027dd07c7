import Papa from "papaparse";
import { describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { openRowDigest } from "../../../functions/adapters/spreadsheet/output-stream.ts";
import { readOffers } from "../../../functions/app/snapshot/snapshot-reader.ts";
import { readRegistry, withSnapshot } from "../../../functions/app/snapshot/snapshot-store.ts";
import { parseDay } from "../../../functions/core/basics/calendar.ts";
import { parseOffer, readId } from "../../../functions/core/offer/offer.ts";
import { makeRow } from "../../../functions/core/report/report-row.ts";
import type { Event } from "../../../local/durable/execution.ts";
import {
  openRecording,
  type RecordedStack,
  readBody,
  readFinished,
  readRunning,
} from "../../support/earlier-version.ts";
import { finishExport, jsonHeaders, startExport } from "../../support/export-requests.ts";
import { markSecret } from "../../support/written-output.ts";
import { listOperations } from "../../support/execution-replay.ts";
import { readWorkbook } from "../../support/workbook-reader.ts";

// An earlier version of the code wrote the bucket and the histories in test/fixtures/earlier-version/.

vi.setConfig({ testTimeout: 60_000 });

async function openFinished() {
  const recording = await readFinished();
  markSecret(recording.shareToken);
  markSecret(recording.mailedToken);
  const stack = await openRecording(recording);
  return { recording, stack, ...recording };
}

const Answer = z.looseObject({
  result: z.looseObject({ file: z.looseObject({}) }).nullish(),
});

/** Returns the API's answer without the signed link to the file. */
function omitLink(answer: unknown) {
  const { result, ...rest } = Answer.parse(answer);
  if (result == null) return { ...rest, result };
  const { url: _url, urlExpiresAt: _end, ...file } = result.file;
  return { ...rest, result: { ...result, file } };
}

async function download(link: Response) {
  expect(link.status).toBe(302);
  const response = await fetch(link.headers.get("location") ?? "");
  expect(response.status).toBe(200);
  return { bytes: Buffer.from(await response.arrayBuffer()), headers: response.headers };
}

/** Finds the file of the export in the recording. */
function findFile({ objects }: Awaited<ReturnType<typeof readFinished>>, id: string) {
  const file = objects.find(({ key }) => key.startsWith(`files/${id}/`));
  if (file === undefined) throw new Error("the recording has no such file");
  return file;
}

/** Checks that the newest snapshot and the export's report list every offer of the portal exactly once. */
async function expectEveryOffer({ app, portal, ask }: RecordedStack, id: string): Promise<void> {
  const expected = portal.offers.all().map((offer) => offer.id);
  const listed: unknown[] = [];
  const { snapshots } = await readRegistry(app);
  await withSnapshot(app, snapshots[0]?.snapshotId ?? "", async (manifest) => {
    for await (const offer of readOffers(app.bucket, manifest)) listed.push(readId(offer));
  });
  expect(listed).toEqual(expected);
  const ids = await listReported(await download(await ask(`exports/${id}/file`)));
  expect(ids.toSorted()).toEqual(expected.toSorted());
}

/** Lists the ids of the offers in the report's rows. */
async function listReported({
  bytes,
  headers: given,
}: Awaited<ReturnType<typeof download>>): Promise<string[]> {
  const isId = (cell: unknown): cell is string => typeof cell === "string" && cell.startsWith("off_");
  if (given.get("content-type")?.startsWith("text/csv"))
    return Papa.parse<string[]>(bytes.toString()).data.flatMap((row) => row.filter(isId));
  const offers = (await readWorkbook(bytes)).getWorksheet("Offertes");
  return [...(offers?.getSheetValues() ?? [])].flat().filter(isId);
}

const WindowResult = z.object({ value: z.object({ crawl: z.object({ nextPage: z.number() }) }) });

/**
 * Returns the page with which the crawl continues, as the last step in the history says. Returns 1 when that step
 * read no pages of the crawl.
 */
function findNextPage(events: Event[]): number {
  const last = events.findLast((event) => event.kind === "checkpoint");
  const payload = last?.updates.at(-1)?.Payload ?? "null";
  return WindowResult.safeParse(JSON.parse(payload)).data?.value.crawl.nextPage ?? 1;
}

/** Lists the page numbers in the requests for offers. */
const listPages = ({ portal }: RecordedStack) =>
  portal.requests.flatMap(({ path }) => Number(/^\/v1\/customer-offers\?page=(\d+)$/.exec(path)?.[1] ?? []));

describe("a bucket that an earlier version has written", () => {
  it("shows the exports as that version showed them, with the options that were added since", async () => {
    const { stack, shows, list } = await openFinished();
    for (const shown of Object.values(shows)) {
      const options = { ...shown.options, columns: null };
      expect(omitLink(await (await stack.ask(`exports/${shown.id}`)).json())).toEqual({ ...shown, options });
    }
    const { exports } = z
      .object({ exports: z.array(z.looseObject({ id: z.string() })) })
      .parse(await (await stack.ask("exports")).json());
    expect(exports.map(({ id }) => id)).toEqual(list);
  });

  it("gives the bytes of its reports", async () => {
    const { recording, stack, shows } = await openFinished();
    for (const { id } of [shows.xlsx, shows.csv, shows.scheduled, shows.refreshed]) {
      const { bytes, headers: given } = await download(await stack.ask(`exports/${id}/file`));
      const file = findFile(recording, id);
      expect(bytes).toEqual(readBody(file));
      expect(given.get("content-type")).toBe(file.contentType);
      expect(given.get("content-disposition")).toBe(file.contentDisposition);
    }
  });

  it("serves its permanent links, one from a mail too", async () => {
    const { recording, stack, shows, shares, shareToken, mailedToken } = await openFinished();
    expect(await (await stack.ask("shares")).json()).toEqual(shares);
    const requests = stack.portal.requests.length;
    for (const [token, { id }] of [
      [shareToken, shows.xlsx],
      [mailedToken, shows.scheduled],
    ] as const) {
      const { bytes } = await download(await fetch(new URL(`s/${token}`, stack.url), { redirect: "manual" }));
      expect(bytes).toEqual(readBody(findFile(recording, id)));
    }
    expect(stack.portal.requests).toHaveLength(requests);
  });

  it("answers a repeated request with the export that was made for it", async () => {
    const { stack, once, shows } = await openFinished();
    const response = await stack.ask("exports", {
      method: "POST",
      headers: { ...jsonHeaders, "idempotency-key": once.key },
      body: JSON.stringify(once.body),
    });
    expect(await response.json()).toMatchObject({ id: shows.xlsx.id, status: "succeeded" });
  });

  it("answers an equal request with the existing export, and another request from the snapshot", async () => {
    const { stack, shows } = await openFinished();
    const csv = { format: "csv", dialect: "machine", language: "en", evidence: true, maxAge: 3_600 };
    expect(await startExport(stack, csv)).toBe(shows.csv.id);
    const id = await startExport(stack, { format: "csv", language: "en", customers: false, maxAge: 3_600 });
    expect(await finishExport(stack, id)).toMatchObject({
      status: "succeeded",
      result: { completeness: "complete", rows: stack.portal.offers.all().length, method: "refresh" },
    });
    expect(stack.portal.requests).toEqual([]);
    await expectEveryOffer(stack, id);
  });

  it("has a snapshot that a new export refreshes, and a report that it compares with", async () => {
    const { stack, shows } = await openFinished();
    const [first] = stack.portal.offers.all();
    const added = {
      ...first,
      id: "off_addedaddedadded",
      offerNumber: "2026-99",
      createdAt: new Date().toISOString(),
    };
    stack.portal.offers.insert(added, stack.portal.offers.all().length);
    const id = await startExport(stack, { format: "csv", customers: false, maxAge: 0 });
    const { result } = await finishExport(stack, id);
    expect(result).toMatchObject({
      method: "refresh",
      completeness: "complete",
      changes: { since: { id: shows.refreshed.id } },
    });
    await expectEveryOffer(stack, id);
  });

  it("has a failed crawl that a new export resumes", async () => {
    const { stack } = await openFinished();
    const given = { format: "csv", dialect: "machine", customers: false, maxAge: 0, freshness: "full" };
    const id = await startExport(stack, given);
    const { result } = await finishExport(stack, id);
    expect(result).toMatchObject({ method: "full", completeness: "complete" });
    expect(listPages(stack).filter((page) => page > 1 && page < 5)).toEqual([]);
    await expectEveryOffer(stack, id);
  });
});

/** Computes the hash of the rows of a report that lists these offers. */
function hashReport({ app: { calendar } }: RecordedStack, offers: readonly unknown[], asOf: string): string {
  const digest = openRowDigest(calendar);
  const judgement = { asOf: parseDay(asOf) ?? Number.NaN, calendar };
  for (const offer of offers) digest.addRow(makeRow(parseOffer(offer, calendar), judgement));
  return digest.finish();
}

/**
 * Lists each kind of operation once, in the order in which the kinds first occur. The kind is the name before the
 * first `-`.
 */
const kindsOf = (names: string[]) => [...new Set(names.map((name) => name.replace(/-.*/, "")))];

describe("an export that an earlier version has begun", () => {
  const moments = ["crawling", "refreshing", "writing"] as const;

  it.each(moments)("continues from its history while it is %s, to a complete report", async (moment) => {
    const recording = await readRunning(moment);
    const { id, names, rowsSha256, events } = recording;
    const known = listOperations(events);
    expect(known.map((operation) => operation.Name)).toEqual(names.slice(0, known.length));
    const stack = await openRecording(recording);
    const { status, result, options } = await finishExport(stack, id);
    expect(status).toBe("succeeded");
    // The earlier version wrote the oldest offer first, and this version writes the newest first.
    const offers = stack.portal.offers.all();
    expect(hashReport(stack, offers, options.asOf)).toBe(rowsSha256);
    const newestFirst = hashReport(stack, offers.toReversed(), options.asOf);
    expect(result).toMatchObject({ completeness: "complete", rowsSha256: newestFirst });
    const operations = listOperations(stack.executions.listEvents(id));
    expect(operations.slice(0, known.length)).toEqual(known);
    expect(kindsOf(operations.map(({ Name = "" }) => Name))).toEqual(kindsOf(names));
    const nextPage = findNextPage(events);
    expect(listPages(stack).filter((page) => page > 1 && page < nextPage - 1)).toEqual([]);
    await expectEveryOffer(stack, id);
  });
});
