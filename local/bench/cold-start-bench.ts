import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as z from "zod";
import { readConfig } from "../../functions/adapters/settings/settings.ts";
import { openContext } from "../../functions/app/context.ts";
import { functions } from "../lambda/function-bundle.ts";
import { deployFunction } from "../lambda/function-deployment.ts";
import { type FunctionOptions, installClient, startEnvironment } from "../lambda/lambda-function.ts";
import { makeSecret } from "../stack-settings.ts";
import { prepareExport } from "./bench-data.ts";
import { atMost, type BenchFigure, findMedian } from "./bench-figures.ts";

const rounds = 21;

const bounds = [
  { name: "page", what: "of GET /", max: 1.5 },
  { name: "refusal", what: "to a refused token", max: 1.5 },
  { name: "state", what: "of GET /exports/{id}", max: 5 },
] as const;

type Name = "empty" | (typeof bounds)[number]["name"];
type Start = { ms: number; peakMb: number };

/**
 * Measures how long a new process of AWS's runtime takes until its first answer. The project's handler and an empty
 * handler run in turns, so that other work on the machine slows both alike.
 */
export async function benchColdStart(): Promise<BenchFigure[]> {
  const directory = await mkdtemp(join(tmpdir(), "offer-export-start-"));
  try {
    await installClient();
    const empty = await prepareEmpty(join(directory, "empty"));
    return compare(await takeTurns({ empty, ...(await prepareQuestions(join(directory, "http"))) }));
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function takeTurns(questions: Record<Name, Question>): Promise<Record<Name, Start>[]> {
  const turns: Record<Name, Start>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { empty, page, refusal, state } = questions;
    turns.push({
      empty: await start(empty),
      page: await start(page),
      refusal: await start(refusal),
      state: await start(state),
    });
  }
  return turns;
}

function compare(turns: Record<Name, Start>[]): BenchFigure[] {
  return bounds.map(({ name, what, max }) => {
    const memories = (["empty", name] as const).map((one) =>
      findMedian(turns.map((turn) => turn[one].peakMb)),
    );
    const [emptyMb, ownMb] = memories.map((mb) => mb.toFixed(0));
    const ratio = findMedian(turns.map((turn) => turn[name].ms / turn.empty.ms));
    return atMost(`first answer ${what}, to that of an empty handler (${ownMb} MB, ${emptyMb} MB)`, ratio, {
      max,
      unit: "",
    });
  });
}

const Answer = z.object({ statusCode: z.number() });

async function start({ options, payload, status }: Question): Promise<Start> {
  const beganMs = performance.now();
  const environment = await startEnvironment(options);
  try {
    const answered = await environment.invoke({ payload, requestId: "bench" });
    const ms = performance.now() - beganMs;
    const { statusCode } = Answer.parse(JSON.parse(answered.payload));
    if (statusCode !== status) throw new Error(`${options.name} answered ${statusCode}, not ${status}`);
    return { ms, peakMb: answered.peakMb };
  } finally {
    await environment.stop();
  }
}

const root = resolve(import.meta.dirname, "../..");

/** A request to a function, and the HTTP status that the answer must have. */
export type Question = { options: FunctionOptions; payload: string; status: number };

/** Prepares a request to a handler that does nothing. */
async function prepareEmpty(folder: string): Promise<Question> {
  await mkdir(folder);
  const handler = `export const handler = async () => ({ statusCode: 200, body: "" });\n`;
  await writeFile(join(folder, "bundle.mjs"), handler);
  const { memoryMb, timeoutMs } = functions.http;
  const options = { name: "empty", folder, memoryMb, timeoutMs, env: {} };
  return { options, payload: makePayload("/", {}), status: 200 };
}

/**
 * Prepares requests to the function behind the URL. One request asks for an export's state, so an export is stored in
 * the bucket first.
 */
async function prepareQuestions(folder: string) {
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

/** Makes the event of a function URL as JSON, with only the fields that the handler reads. */
function makePayload(rawPath: string, headers: Record<string, string>): string {
  const requestContext = { requestId: "bench", http: { method: "GET", path: rawPath } };
  return JSON.stringify({ version: "2.0", rawPath, rawQueryString: "", headers, requestContext });
}
