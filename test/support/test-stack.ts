import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { onTestFinished } from "vitest";
import { type Clock, systemClock, toClockSeconds } from "../../functions/adapters/clock/clock.ts";
import {
  type ApiConfig,
  findSettingIn,
  readApiConfig,
  type StorageLocation,
} from "../../functions/adapters/settings/settings.ts";
import { readWebhooks } from "../../functions/adapters/webhook/webhook-receivers.ts";
import type { ExportWorkflow } from "../../functions/adapters/workflow/lambda-workflow.ts";
import { createFront } from "../../functions/api/front.ts";
import { openPageFiles } from "../../functions/api/page-route.ts";
import { createApi } from "../../functions/api/router.ts";
import { type AppContext, openContext } from "../../functions/app/context.ts";
import { createExportWorkflow } from "../../functions/app/workflow/export-workflow.ts";
import { buildPage } from "../../local/build-page.ts";
import { failExports, openLocalWorkflow, type Runner, startRunner } from "../../local/durable/runner.ts";
import { maxInvocationMs } from "../../local/function-url/url-response.ts";
import { startFunctionUrl } from "../../local/function-url/url-server.ts";
import type { Portal } from "../../local/portal/portal-server.ts";
import { startS3 } from "../../local/s3/s3-server.ts";
import { portalKey } from "./test-portal.ts";
import { markSecret } from "./written-output.ts";

// Imports these modules in advance. On a fast clock, the lazy import in a function would take more time than an
// invocation has.
await Promise.all([import("@aws-lambda-powertools/logger"), import("@aws-lambda-powertools/metrics")]);

export const accessToken = markSecret("access-token-of-the-tests");
export const bucket = "offer-export-tests";
export const region = "eu-central-1";
export const keys = { accessKeyId: "AKIDOFTHETESTS", secretAccessKey: markSecret("secret-key-of-the-tests") };

/** Starts an S3 server that verifies signatures and stops with the test. */
export async function openTestBucket(): Promise<StorageLocation> {
  const directory = await mkdtemp(join(tmpdir(), "offer-export-"));
  const s3 = await startS3({ directory, port: 0, bucket, ...keys });
  onTestFinished(async () => {
    await s3.stop();
    await rm(directory, { recursive: true });
  });
  return { name: bucket, region, endpoint: s3.endpoint, credentials: keys };
}

type TestWorkflow = {
  workflow: ExportWorkflow;
  runner: Runner;
  /** The directory of the executions' logs. */
  executions: string;
};

/**
 * Starts the real workflow on the local durable runner, which stops with the test. Unfinished executions in the
 * directory go on.
 */
export async function openTestWorkflow(app: AppContext, executions?: string): Promise<TestWorkflow> {
  const directory = executions ?? (await mkdtemp(join(tmpdir(), "offer-export-executions-")));
  const { clock } = app;
  // Allows invocations more time on a fast clock, because a function's own work does not get faster on such a clock.
  const invocationTimeoutMs = toClockSeconds(clock, maxInvocationMs);
  const runner = await startRunner({
    directory,
    handler: createExportWorkflow(app),
    clock,
    invocationTimeoutMs,
    onFailed: failExports(app),
  });
  onTestFinished(async () => {
    await runner.close();
    await rm(directory, { recursive: true, force: true });
  });
  const workflow = openLocalWorkflow(runner);
  return { workflow, runner, executions: directory };
}

export type TestStack = Pick<TestWorkflow, "workflow" | "runner"> & {
  app: AppContext;
  url: string;
  /** Sends a request to the function URL, by default with the access token. Redirects are not followed. */
  ask: (path: string, init?: RequestInit) => Promise<Response>;
};

/** Reads the settings of a stack with this bucket and this portal. */
export function readTestConfig(
  { endpoint }: StorageLocation,
  portal: Pick<Portal, "url">,
  settings: Record<string, string> = {},
): ApiConfig {
  return readApiConfig({
    PORTAL_API_URL: portal.url,
    PORTAL_API_KEY: portalKey,
    ACCESS_TOKEN: accessToken,
    REPORT_BUCKET: bucket,
    S3_ENDPOINT: endpoint ?? "",
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    ...settings,
  });
}

/** Starts the function URL and the workflow, with a real portal and a real bucket. */
export async function openTestStack(
  portal: Pick<Portal, "url">,
  settings: Record<string, string> = {},
  clock: Clock = systemClock,
): Promise<TestStack & TestWorkflow> {
  const config = readTestConfig(await openTestBucket(), portal, settings);
  const webhooks = readWebhooks(findSettingIn(settings), { allowLoopback: true });
  return await serveTestStack(openContext(config, { clock, webhooks }), config);
}

/** Starts the function URL and the workflow of this context. */
export async function serveTestStack(
  app: AppContext,
  { accessTokens, noticeSecrets }: ApiConfig,
  executions?: string,
): Promise<TestStack & TestWorkflow> {
  const { workflow, ...rest } = await openTestWorkflow(app, executions);
  const web = openPageFiles(await buildTestPage());
  const loadApi = async () => createApi({ app, workflow, web });
  const front = await startFunctionUrl({
    port: 0,
    handler: createFront({ accessTokens, noticeSecrets, web, loadApi }),
    functionName: "http",
  });
  onTestFinished(() => front.stop());
  const authorization = `Bearer ${accessToken}`;
  return {
    app,
    url: front.url,
    workflow,
    ...rest,
    ask: (path, init) =>
      fetch(new URL(path, front.url), { redirect: "manual", headers: { authorization }, ...init }),
  };
}

const root = resolve(import.meta.dirname, "../..");
let built: Promise<string> | undefined;

/** Builds the page once for all tests of a process and returns its folder. */
export function buildTestPage(): Promise<string> {
  built ??= mkdtemp(join(tmpdir(), "offer-export-web-")).then((folder) => {
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    return buildPage(root, folder);
  });
  return built;
}
