import { resolve } from "node:path";
import { Temporal } from "temporal-polyfill";
import type { Clock } from "../functions/adapters/clock/clock.ts";
import { type ApiConfig, findSettingIn, readApiConfig } from "../functions/adapters/settings/settings.ts";
import { readWebhooks } from "../functions/adapters/webhook/webhook-receivers.ts";
import { createFront } from "../functions/api/front.ts";
import type { HttpHandler } from "../functions/api/http-messages.ts";
import { openPageFiles } from "../functions/api/page-route.ts";
import { createApi } from "../functions/api/router.ts";
import { openContext } from "../functions/app/context.ts";
import { createExportWorkflow } from "../functions/app/workflow/export-workflow.ts";
import { readSchedules } from "../functions/core/schedule/schedules.ts";
import { buildWeb } from "./build-page.ts";
import { type AskedTick, createTicker, openControlSocket, type Ticked } from "./control-socket.ts";
import { failExports, openLocalWorkflow, startRunner } from "./durable/runner.ts";
import { createFastClock } from "./fast-clock.ts";
import { longestMs } from "./function-url/url-response.ts";
import { type FunctionUrl, startFunctionUrl, type UrlHandler } from "./function-url/url-server.ts";
import { startMailServer } from "./mail-server.ts";
import { makeDemo } from "./portal/demo-data.ts";
import { startPortal } from "./portal/portal-server.ts";
import { startS3 } from "./s3/s3-server.ts";
import { type LocalSettings, makeSecret } from "./stack-settings.ts";
import { claimDirectory, keepPort, readPort } from "./state-directory.ts";

const root = resolve(import.meta.dirname, "..");
const bucket = "offer-export";
const demoKey = "demo-portal-key";
const latencyMs = 100;
/** As infra/export.ts has it. */
const executionMs = 30 * 3_600_000;

export type Stack = {
  url: string;
  accessToken: string;
  /** Where a browser shows the mails that were sent; null where they are not sent to the emulator. */
  mailsUrl: string | null;
  /** Takes a tick of a schedule, and gives its exports. */
  take: (asked: AskedTick) => Promise<Ticked>;
  /** Whether an answer is under way, such as that of an export. */
  isBusy: () => boolean;
  stop: () => Promise<void>;
};

type Part = { env: Record<string, string>; stop: () => Promise<void> };

/**
 * The function URL with all that it needs on this machine: an S3 server and a demo portal, unless the
 * settings name others. `env` holds what the function reads of its own.
 */
export async function startStack(settings: LocalSettings, env: NodeJS.ProcessEnv): Promise<Stack> {
  const { release } = await claimDirectory(settings.directory);
  const parts: Part[] = [{ env: {}, stop: release }];
  const stopParts = async () => {
    for (const part of parts.toReversed()) await part.stop();
  };
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= stopParts());
  try {
    if (settings.s3Endpoint === null) parts.push(await startBucket(settings.directory));
    const clock = createFastClock(settings.speed);
    if (settings.portalUrl === null) parts.push(await startDemo(settings, clock));
    const mails = settings.sendsMails ? await startMailServer() : null;
    if (mails !== null) parts.push({ env: { SES_ENDPOINT: mails.url }, stop: mails.stop });
    const config = readApiConfig({
      ...env,
      ACCESS_TOKEN: settings.accessToken ?? makeSecret(),
      REPORT_BUCKET: env["REPORT_BUCKET"] || bucket,
      ...Object.fromEntries(parts.flatMap((part) => Object.entries(part.env))),
    });
    const schedules = readSchedules(env);
    const { accessTokens, noticeSecrets } = config;
    const web = openPageFiles(await buildWeb(root, resolve(settings.directory, "web")));
    // Mails link to the function URL, so it is there before what sends them; until then it lets callers wait.
    const api = Promise.withResolvers<HttpHandler>();
    const front = await openFront(
      settings.port,
      createFront({ accessTokens, noticeSecrets, web, loadApi: () => api.promise }),
    );
    const { url, isBusy } = front;
    parts.push({ env: {}, stop: front.stop });
    // What a webhook tells may be tried on this machine.
    const webhooks = readWebhooks(findSettingIn(env), { allowLoopback: true });
    const app = openContext(linkMails(config, url), { clock, webhooks });
    const runner = await startRunner({
      directory: resolve(settings.directory, "executions"),
      handler: createExportWorkflow(app),
      clock,
      functionName: "export",
      // Only waiting goes faster: what a function does takes as long as ever.
      invocationTimeoutMs: longestMs * settings.speed,
      executionTimeoutMs: executionMs,
      onFailed: failExports(app),
    });
    parts.push({ env: {}, stop: () => runner.close() });
    const workflow = openLocalWorkflow(runner);
    api.resolve(createApi({ app, workflow, web }));
    const [accessToken] = accessTokens;
    const ticker = createTicker({ app, workflow, schedules });
    const take = async (asked: AskedTick) => ({ url, accessToken, ids: await ticker(asked) });
    parts.push({ env: {}, ...(await openControlSocket(settings.directory, take)) });
    return { url, accessToken, mailsUrl: mails && mails.url, take, isBusy, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function linkMails(config: ApiConfig, url: string): ApiConfig {
  const { post } = config;
  return post === null ? config : { ...config, post: { ...post, publicUrl: post.publicUrl ?? url } };
}

async function openFront(port: number, handler: UrlHandler): Promise<FunctionUrl> {
  try {
    return await startFunctionUrl({ port, handler, functionName: "http" });
  } catch (cause) {
    throw new Error("the setting PORT names a port that is in use, or that this user may not open", {
      cause,
    });
  }
}

async function startBucket(directory: string): Promise<Part> {
  const keys = { accessKeyId: makeSecret(), secretAccessKey: makeSecret() };
  const s3 = await startS3({ directory: resolve(directory, "s3"), port: 0, bucket, ...keys });
  return {
    env: {
      S3_ENDPOINT: s3.endpoint,
      REPORT_BUCKET: bucket,
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    },
    stop: () => s3.stop(),
  };
}

async function startDemo({ directory, offers }: LocalSettings, clock: Clock): Promise<Part> {
  const today = Temporal.Now.plainDateISO("Europe/Amsterdam").toString();
  const demo = makeDemo({ today, ...(offers !== null && { offers }) });
  const scopes = [
    "offers.read",
    "offers.write",
    "customers.read",
    "webhooks.read",
    "webhooks.write",
  ] as const;
  const keys = { [demoKey]: scopes };
  const portal = await startPortal({ ...demo, keys, clock, latencyMs, port: await readPort(directory) });
  await keepPort(directory, portal.url);
  return { env: { PORTAL_API_URL: portal.url, PORTAL_API_KEY: demoKey }, stop: () => portal.stop() };
}

/** npm passes on the signal of a Ctrl-C that the terminal has sent already. */
const echoMs = 500;

/** What shells give for an end by Ctrl-C. */
const interruptedStatus = 130;

/** The first signal lets what runs finish, a later one does not. */
export function stopOnSignal(stack: Stack, say: (line: string) => void): AbortSignal {
  const interruption = new AbortController();
  let firstMs = 0;
  const interrupt = () => {
    if (interruption.signal.aborted) {
      if (Date.now() - firstMs > echoMs) process.exit(interruptedStatus);
      return;
    }
    firstMs = Date.now();
    interruption.abort();
    if (stack.isBusy()) say("finishing the running export; Ctrl-C again to stop at once");
    void stack.stop();
  };
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, interrupt);
  return interruption.signal;
}
