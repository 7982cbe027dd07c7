import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { findMedian } from "../bench/median.ts";
import { createFunction, type LocalFunction } from "../lambda/function.ts";
import { startUrl } from "../lambda/url.ts";
import { type Place, withPlace } from "./place.ts";
import type { Answer, Measured, Usage } from "./usage.ts";

const sizes = [500, 5_000, 50_000];
const warmAnswers = 30;

/** Reports of demo portals in AWS's runtime; takes some minutes. `today` is `YYYY-MM-DD`. */
export async function measureAll(today: string): Promise<Measured> {
  const one: Usage[] = [];
  const month: Usage[] = [];
  for (const offers of sizes) {
    const measure = (options: object[]) =>
      withPlace({ offers, today }, async (place) => ({ offers, ...(await measureReports(place, options)) }));
    one.push(await measure([{}]));
    month.push(await measure([{}, { period: "last-month" }]));
  }
  return { date: today, export: one, month, ...(await withPlace({ offers: 15, today }, measureAnswers)) };
}

/** Reports that are asked for at once. */
async function measureReports(place: Place, options: object[]): Promise<Omit<Usage, "offers">> {
  const { cloud, portal, directory } = place;
  const ids = await Promise.all(options.map((given) => runExport(place, given)));
  const executions = await Promise.all(ids.map((id) => cloud.runner.describe(id)));
  const methods = (...names: string[]) => sum(names.map((name) => cloud.requests.get(name) ?? 0));
  const { measured } = cloud.workflow;
  return {
    requests: portal.requests.length,
    workflow: {
      invocations: measured.length,
      wallMs: Math.round(sum(measured.map(({ wallMs }) => wallMs))),
      cpuMs: Math.round(sum(measured.map(({ cpuMs }) => cpuMs))),
    },
    // Its start is an operation too.
    operations: sum(executions.map((execution) => 1 + (execution?.operations ?? 0))),
    historyBytes: sum(executions.map((execution) => execution?.historyBytes ?? 0)),
    storage: { writes: methods("PUT", "POST"), reads: methods("GET", "HEAD") },
    snapshotBytes: await weighObjects(directory, "snapshots"),
    fileBytes: await weighObjects(directory, "files"),
  };
}

const Begun = z.object({ id: z.string() });

async function runExport({ cloud }: Place, options: object): Promise<string> {
  const headers = { authorization: `Bearer ${cloud.accessToken}`, "content-type": "application/json" };
  const body = JSON.stringify(options);
  const response = await fetch(`${cloud.url}exports`, { method: "POST", headers, body });
  const { id } = Begun.parse(await response.json());
  await cloud.runner.finish(id);
  return id;
}

/** Of all objects in a folder of the bucket, which the S3 server keeps as files of this ending. */
async function weighObjects(directory: string, folder: string): Promise<number> {
  const bucket = join(directory, "s3", "offer-export", folder);
  const files = (await readdir(bucket, { recursive: true })).filter((name) => name.endsWith("_object"));
  return sum(await Promise.all(files.map((name) => weighFile(join(bucket, name)))));
}

/** What whoever follows an export gets, and a stranger. */
async function measureAnswers(place: Place) {
  const { http, accessToken } = place.cloud;
  const id = await runExport(place, {});
  const right = { authorization: `Bearer ${accessToken}` };
  const asset = await findLargestAsset(join(http.options.folder, "web"));
  return {
    state: await measureAnswer(http, `exports/${id}`, right),
    refusal: await measureAnswer(http, "exports", { authorization: "Bearer wrong-token-of-a-stranger" }),
    asset: await measureAnswer(http, asset, { accept: "text/html", "accept-encoding": "identity" }),
  };
}

/** Its path at the URL; the document's is the root. */
async function findLargestAsset(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => /\.(js|css|html)$/.test(name));
  const weights = await Promise.all(names.map((name) => weighFile(join(folder, name))));
  const largest = names[weights.indexOf(Math.max(...weights))] ?? "";
  return largest.endsWith(".html") ? "" : `assets/${largest}`;
}

async function weighFile(path: string): Promise<number> {
  return (await stat(path)).size;
}

/** In an environment of its own: its first answer, and the median of later ones. */
async function measureAnswer(
  { options }: LocalFunction,
  path: string,
  headers: Record<string, string>,
): Promise<Answer> {
  await using parts = new AsyncDisposableStack();
  const http = createFunction(options);
  parts.defer(() => http.stop());
  const { url, stop } = await startUrl(http);
  parts.defer(stop);
  let bytes = 0;
  for (let answers = 0; answers <= warmAnswers; answers += 1) {
    const response = await fetch(url + path, { headers });
    bytes = (await response.bytes()).length + weighHeaders(response.headers);
  }
  const [coldCpuMs = 0, ...warm] = http.measured.map(({ cpuMs }) => cpuMs);
  return { coldCpuMs: Math.round(coldCpuMs), cpuMs: round(findMedian(warm)), bytes };
}

function weighHeaders(headers: Headers): number {
  return sum([...headers].map(([name, value]) => name.length + value.length + ": \r\n".length));
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
