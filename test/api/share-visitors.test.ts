import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import ExcelJS from "exceljs";
import Papa from "papaparse";
import { describe, expect, it, onTestFinished } from "vitest";
import { dayMs } from "../../functions/core/basics/calendar.ts";
import { rawOffers } from "../support/offer-fixtures.ts";
import { onePageRequests, openTestPortal } from "../support/test-portal.ts";
import { sendRawRequest } from "../support/raw-request.ts";
import type { RawResponse } from "../support/virtual-network.ts";
import { ageExports, changeShare, type CreatedShare, makeShare } from "../support/share-requests.ts";
import { accessToken, openTestStack, type TestStack } from "../support/test-stack.ts";
import { eventually } from "../support/captured-output.ts";
import { openVirtualPortal, openVirtualStack } from "../support/virtual-stack.ts";

/*
 * The tests in this file request permanent links with the headers of programs that cannot send the access token, over
 * real HTTP and with real signed links.
 *
 * Power Query is the program behind Excel's Data → From Web. It follows 300, 301, 302, 303 and 307. After 408, 429,
 * 503, 504 and 509 it asks again, up to three times, when Retry-After states at most 120 seconds. After 401 and 403
 * it asks a person for credentials: https://learn.microsoft.com/en-us/power-query/handling-status-codes.
 *
 * It gives up after 100 seconds: https://learn.microsoft.com/en-us/powerquery-m/web-contents. It sends these headers:
 * https://learn.microsoft.com/en-us/power-query/connector-authentication. It does not send credentials to the target
 * of a redirect: https://github.com/kobotoolbox/kpi/pull/3745.
 */
const powerQuery = {
  "user-agent": "Microsoft.Data.Mashup (https://go.microsoft.com/fwlink/?LinkID=304225)",
  connection: "Keep-Alive",
};

/*
 * Google Sheets requests a link once an hour while the document is open:
 * https://support.google.com/docs/answer/12188454. It sends this name as user agent:
 * https://github.com/openfoodfacts/openfoodfacts-server/issues/4357.
 */
const sheets = {
  "user-agent": "Mozilla/5.0 (compatible; GoogleDocs; apps-spreadsheets; +http://docs.google.com)",
  "accept-encoding": "gzip, deflate, br",
};

/*
 * When a person opens a link in a cell or a document, Office first requests the link itself, and then gives it to the
 * browser. Office sends OPTIONS and GET (https://webmasters.stackexchange.com/questions/71112), and HEAD
 * (https://learn.microsoft.com/archive/blogs/vsofficedeveloper/description-of-the-microsoft-office-existence-discovery-protocol-2).
 */
const office = {
  options: { "user-agent": "Microsoft Office Protocol Discovery" },
  head: { "user-agent": "Microsoft Office Existence Discovery", pragma: "no-cache" },
  get: {
    accept: "*/*",
    "user-agent":
      "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; WOW64; Trident/7.0; .NET4.0C; .NET4.0E; ms-office)",
  },
};

/*
 * Mail scanners request the links in a mail before the recipient opens the mail: https://www.drupal.org/node/2828034.
 */
const scanner = {
  accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
  "user-agent": "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/534+ (KHTML, like Gecko) BingPreview/1.0b",
};

const browser = {
  accept: "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
  "accept-encoding": "gzip, deflate, br, zstd",
  "accept-language": "nl,en;q=0.8",
  "sec-fetch-dest": "document",
  "sec-fetch-mode": "navigate",
  "sec-fetch-site": "none",
  "upgrade-insecure-requests": "1",
  "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
};

type Ask = { method?: string; headers: Record<string, string> };

/** Requests the URL and follows redirects, with the same headers. */
async function follow(url: string, ask: Ask): Promise<RawResponse> {
  const response = await sendRawRequest(url, ask);
  const { location } = response.headers;
  const isRedirect = [300, 301, 302, 303, 307].includes(response.status);
  return isRedirect && location !== undefined ? await follow(new URL(location, url).href, ask) : response;
}

/** Requests the link again and again until the file is ready, like a browser that shows the progress. */
function browse(url: string): Promise<RawResponse> {
  return eventually(async () => {
    const response = await follow(url, { headers: browser });
    expect(response.status).toBe(200);
    return response;
  });
}

async function openShared(options: Record<string, unknown>, isReal = false) {
  const offers = rawOffers(10);
  const portal = isReal ? await openTestPortal({ offers }) : await openVirtualPortal({ offers });
  const stack = isReal ? await openTestStack(portal) : await openVirtualStack(portal);
  return { portal, stack, share: await makeShare(stack, { customers: false, ...options }) };
}

/** Returns the number of offers in the workbook. */
async function countOffers(workbook: Buffer): Promise<number> {
  const book = new ExcelJS.Workbook();
  await book.xlsx.load(Uint8Array.from(workbook).buffer);
  return (book.getWorksheet("Offertes")?.rowCount ?? 0) - 1;
}

describe("Excel's Power Query", () => {
  it.each([{}, { accept: "*/*" }])("gets the workbook, with %j beside its own headers", async (more) => {
    const { share } = await openShared({});
    const { status, headers, body } = await follow(share.url, { headers: { ...powerQuery, ...more } });
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    expect(await countOffers(body)).toBe(10);
  });

  it("gets the workbook at the next try, after a 503 with Retry-After", async () => {
    const gate = Promise.withResolvers<boolean>();
    const portal = await openVirtualPortal({ offers: rawOffers(10), intercept: () => gate.promise });
    const stack = await openVirtualStack(portal);
    const { url } = await makeShare(stack);
    const early = await sendRawRequest(url, { headers: { ...powerQuery, prefer: "wait=0" } });
    expect(early.status).toBe(503);
    expect(early.headers["retry-after"]).toMatch(/^\d+$/);
    expect(Number(early.headers["retry-after"])).toBeLessThanOrEqual(120);
    gate.resolve(false);
    const { body } = await follow(url, { headers: powerQuery });
    expect(await countOffers(body)).toBe(10);
  });

  it("gets 404 and not 401 for a bad link, since it could not sign in", async () => {
    const { stack, share } = await openShared({});
    const headers = { authorization: `Bearer ${accessToken}` };
    await stack.ask(`shares/${share.id}`, { method: "DELETE", headers });
    for (const url of [share.url, new URL("x", share.url).href])
      expect((await follow(url, { headers: powerQuery })).status).toBe(404);
  });
});

describe("Google Sheets' IMPORTDATA", () => {
  it("gets a CSV in its dialect, and a new one each hour", async () => {
    const { portal, stack, share } = await openShared({ format: "csv", dialect: "machine" });
    for (let hours = 0; hours < 3; hours += 1) {
      const { status, headers, body } = await follow(share.url, { headers: sheets });
      expect([status, headers["content-type"]]).toEqual([200, "text/csv; charset=utf-8"]);
      const { data, errors } = Papa.parse(body.toString(), { header: true, skipEmptyLines: true });
      expect([data.length, errors]).toEqual([10, []]);
      expect(portal.requests).toHaveLength((hours + 1) * onePageRequests);
      await ageExports(stack, 3_601_000);
    }
  });
});

describe("a link in an Office document", () => {
  it("answers Office's OPTIONS and HEAD before it is opened", async () => {
    const { portal, share } = await openShared({});
    const asked = await sendRawRequest(share.url, { method: "OPTIONS", headers: office.options });
    expect([asked.status, asked.headers.allow]).toEqual([204, "GET, HEAD, OPTIONS"]);
    const looked = await follow(share.url, { method: "HEAD", headers: office.head });
    expect(looked.status).toBe(200);
    const opened = await follow(share.url, { headers: office.get });
    expect(looked.headers["content-length"]).toBe(String(opened.body.length));
    expect(await countOffers(opened.body)).toBe(10);
    expect(await countOffers((await browse(share.url)).body)).toBe(10);
    expect(portal.requests).toHaveLength(onePageRequests);
  });
});

describe("a link in a mail", () => {
  it("makes one export when many scanners open it at once", async () => {
    const { portal, stack, share } = await openShared({});
    const methods = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? "GET" : "HEAD"));
    const scans = await Promise.all(methods.map((method) => follow(share.url, { method, headers: scanner })));
    for (const { status } of scans) expect([200, 202]).toContain(status);
    expect(await stack.app.bucket.listKeys("exports/")).toHaveLength(1);
    expect(await countOffers((await browse(share.url)).body)).toBe(10);
    expect(portal.requests).toHaveLength(onePageRequests);
  });
});

describe("a bookmark", () => {
  it("gives a browser the file to save", async () => {
    const { share } = await openShared({});
    const { headers, body } = await browse(share.url);
    expect(headers["content-disposition"]).toMatch(
      /^attachment; filename="offertes-\d{4}-\d\d-\d\d-zonder-namen\.xlsx"$/,
    );
    expect(await countOffers(body)).toBe(10);
  });
});

/** Runs curl without settings or cookies. */
async function curl(url: string): Promise<{ status: string; text: string }> {
  const directory = await mkdtemp(join(tmpdir(), "offer-export-curl-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const output = join(directory, "offers.csv");
  const env = { PATH: process.env["PATH"], HOME: directory };
  const { stdout } = await promisify(execFile)(
    "curl",
    ["-L", "-s", "-o", output, "-w", "%{http_code}", url],
    { env },
  );
  return { status: stdout, text: await readFile(output, "utf8") };
}

const hasCurl = await promisify(execFile)("curl", ["--version"]).then(
  () => true,
  () => false,
);

/** Moves the dates of the link and its reports `ageMs` into the past. */
async function passTime(
  stack: TestStack,
  { id, createdAt, expiresAt }: CreatedShare,
  ageMs: number,
): Promise<void> {
  const ago = (moment: string) => new Date(Date.parse(moment) - ageMs).toISOString();
  await changeShare(stack, id, { createdAt: ago(createdAt), expiresAt: ago(expiresAt) });
  await ageExports(stack, ageMs);
}

describe.skipIf(!hasCurl)("curl -L", () => {
  it("gets the report until the link expires, and not after", async () => {
    const { stack, share } = await openShared({ format: "csv", dialect: "machine" }, true);
    const expiresMs = Date.parse(share.expiresAt);
    expect(expiresMs - Date.parse(share.createdAt)).toBe(365 * dayMs);
    for (const ageMs of [0, 180 * dayMs, 365 * dayMs - 60_000]) {
      await passTime(stack, share, ageMs);
      const { status, text } = await curl(share.url);
      expect([status, text.trim().split("\r\n").length]).toEqual(["200", 11]);
    }
    await passTime(stack, share, 365 * dayMs);
    expect((await curl(share.url)).status).toBe("410");
  });

  it("is refused as soon as the link is revoked", async () => {
    const { stack, share } = await openShared({ format: "csv" }, true);
    expect((await curl(share.url)).status).toBe("200");
    const headers = { authorization: `Bearer ${accessToken}` };
    await stack.ask(`shares/${share.id}`, { method: "DELETE", headers });
    const { status, text } = await curl(share.url);
    expect([status, JSON.parse(text)]).toEqual(["404", expect.objectContaining({ code: "share_not_found" })]);
  });
});
