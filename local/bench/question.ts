import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { readConfig } from "../../functions/io/config.ts";
import { openWorld } from "../../functions/io/world.ts";
import { bundleFunction, functions } from "../lambda/bundle.ts";
import type { FunctionOptions } from "../lambda/environment.ts";
import { writeLinks } from "../lambda/link.ts";
import { makeSecret } from "../settings.ts";
import { buildWeb } from "../web.ts";
import { prepareExport } from "./exports.ts";

const root = resolve(import.meta.dirname, "../..");
const { memoryMb, timeoutMs } = functions.http;
const sized = { memoryMb, timeoutMs };

/** What a function is asked, and the status that it answers. */
export type Question = { options: FunctionOptions; payload: string; status: number };

/** To a handler that does nothing. */
export async function prepareEmpty(folder: string): Promise<Question> {
  await mkdir(folder);
  const handler = `export const handler = async () => ({ statusCode: 200, body: "" });\n`;
  await writeFile(join(folder, "bundle.mjs"), handler);
  const options = { ...sized, name: "Empty", folder, env: {} };
  return { options, payload: makePayload("/", {}), status: 200 };
}

/** To the function behind the URL, whose bucket holds an export: the environment names it. */
export async function prepareQuestions(folder: string) {
  await bundleFunction(root, "http", folder);
  await buildWeb(root, join(folder, "web"));
  const { id } = await prepareExport(openWorld(readConfig(process.env)));
  const token = makeSecret();
  const options = { ...sized, name: "Http", folder, env: await linkFunction(folder, token) };
  const right = { authorization: `Bearer ${token}` };
  const wrong = { authorization: `Bearer ${makeSecret()}` };
  return {
    page: { options, payload: makePayload("/", { accept: "text/html" }), status: 200 },
    refusal: { options, payload: makePayload("/exports", wrong), status: 401 },
    state: { options, payload: makePayload(`/exports/${id}`, right), status: 200 },
  };
}

async function linkFunction(folder: string, token: string): Promise<Record<string, string>> {
  const { bucket, portal } = readConfig(process.env);
  const { name, endpoint, credentials, region } = bucket;
  const links = await writeLinks(folder, {
    AccessToken: { value: token },
    PortalApiKey: { value: portal.key },
    ReportBucket: { name },
    ExportWorkflow: { name: "Export", qualifier: "live" },
  });
  return {
    ...links,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials?.accessKeyId ?? "",
    AWS_SECRET_ACCESS_KEY: credentials?.secretAccessKey ?? "",
    S3_ENDPOINT: endpoint ?? "",
  };
}

/** A function URL's event, as far as the handler reads it. */
function makePayload(rawPath: string, headers: Record<string, string>): string {
  const requestContext = { requestId: "bench", http: { method: "GET", path: rawPath } };
  return JSON.stringify({ version: "2.0", rawPath, rawQueryString: "", headers, requestContext });
}
