import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { readConfig } from "../../functions/adapters/settings/settings.ts";
import { openContext } from "../../functions/app/context.ts";
import { functions } from "../lambda/function-bundle.ts";
import { deployFunction } from "../lambda/function-deployment.ts";
import type { FunctionOptions } from "../lambda/lambda-function.ts";
import { makeSecret } from "../stack-settings.ts";
import { prepareExport } from "./bench-data--exports.ts";

const root = resolve(import.meta.dirname, "../..");

/** What a function is asked, and the status that it answers. */
export type Question = { options: FunctionOptions; payload: string; status: number };

/** To a handler that does nothing. */
export async function prepareEmpty(folder: string): Promise<Question> {
  await mkdir(folder);
  const handler = `export const handler = async () => ({ statusCode: 200, body: "" });\n`;
  await writeFile(join(folder, "bundle.mjs"), handler);
  const { memoryMb, timeoutMs } = functions.http;
  const options = { name: "empty", folder, memoryMb, timeoutMs, env: {} };
  return { options, payload: makePayload("/", {}), status: 200 };
}

/** To the function behind the URL, whose bucket, which the environment names, holds an export. */
export async function prepareQuestions(folder: string) {
  const token = makeSecret();
  const options = await deployHttp(folder, token);
  const { id } = await prepareExport(openContext(readConfig(process.env)));
  const right = { authorization: `Bearer ${token}` };
  const wrong = { authorization: `Bearer ${makeSecret()}` };
  return {
    page: { options, payload: makePayload("/", { accept: "text/html" }), status: 200 },
    refusal: { options, payload: makePayload("/exports", wrong), status: 401 },
    state: { options, payload: makePayload(`/exports/${id}`, right), status: 200 },
  };
}

function deployHttp(folder: string, token: string): Promise<FunctionOptions> {
  const { bucket, portal } = readConfig(process.env);
  const links = {
    AccessToken: { value: token },
    PortalApiKey: { value: portal.key },
    ReportBucket: { name: bucket.name },
    ExportWorkflow: { name: "Export", qualifier: "live" },
  };
  const env = {
    AWS_REGION: bucket.region,
    AWS_ACCESS_KEY_ID: bucket.credentials?.accessKeyId ?? "",
    AWS_SECRET_ACCESS_KEY: bucket.credentials?.secretAccessKey ?? "",
    S3_ENDPOINT: bucket.endpoint ?? "",
  };
  return deployFunction({ root, name: "http", folder, links, env });
}

/** A function URL's event, as far as the handler reads it. */
function makePayload(rawPath: string, headers: Record<string, string>): string {
  const requestContext = { requestId: "bench", http: { method: "GET", path: rawPath } };
  return JSON.stringify({ version: "2.0", rawPath, rawQueryString: "", headers, requestContext });
}
