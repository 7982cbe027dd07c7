import { resolve } from "node:path";
import { Temporal } from "temporal-polyfill";
import { type Clock, systemClock } from "../functions/adapters/clock/clock.ts";
import { type ApiConfig, findSettingIn, readApiConfig } from "../functions/adapters/settings/settings.ts";
import { readWebhooks } from "../functions/adapters/webhook/webhook-receivers.ts";
import { createFront } from "../functions/api/front.ts";
import type { HttpHandler } from "../functions/api/http-messages.ts";
import { openPageFiles } from "../functions/api/page-route.ts";
import { createApi } from "../functions/api/router.ts";
import { openContext } from "../functions/app/context.ts";
import { createExportWorkflow } from "../functions/app/workflow/export-workflow.ts";
import { readSchedules } from "../functions/core/schedule/schedules.ts";
import { buildPage } from "./build-page.ts";
import { createTicker, openControlSocket, type StartedExports, type TickRequest } from "./control-socket.ts";
import { failExports, openLocalWorkflow, startRunner } from "./durable/runner.ts";
import { maxInvocationMs } from "./function-url/url-response.ts";
import { type FunctionUrl, startFunctionUrl, type UrlHandler } from "./function-url/url-server.ts";
import { startMailServer } from "./mail-server.ts";
import { makeDemo } from "./portal/demo-data.ts";
import { startPortal } from "./portal/portal-server.ts";
import { startS3 } from "./s3/s3-server.ts";
import { type LocalSettings, makeSecret } from "./stack-settings.ts";
import { claimDirectory, openClock, readPort, savePort } from "./state-directory.ts";

const root = resolve(import.meta.dirname, "..");
const bucket = "offer-export";
const demoKey = "demo-portal-key";
const latencyMs = 100;
/** The timeout of an execution, the same as in infra/export.ts. */
const executionMs = 30 * 3_600_000;

export type Stack = {
  url: string;
  accessToken: string;
  /** The address where a browser shows sent mails; null when mails do not go to the stack's SES emulator. */
  mailsUrl: string | null;
  /** Runs a tick of a schedule and returns the exports that the tick started. */
  runTick: (request: TickRequest) => Promise<StartedExports>;
  /** True while a request is being answered, such as a request that waits for an export. */
  isBusy: () => boolean;
  stop: () => Promise<void>;
};

type Service = { env: Record<string, string>; stop: () => Promise<void> };

/**
 * Starts the local stack and its function URL. Also starts an S3 server unless the settings name one, and a demo portal
 * unless the settings name a portal. `env` holds the settings that the functions also have in a deployment.
 */
export async function startStack(settings: LocalSettings, env: NodeJS.ProcessEnv): Promise<Stack> {
  const { release } = await claimDirectory(settings.directory);
  const services: Service[] = [{ env: {}, stop: release }];
  const stopServices = async () => {
    for (const service of services.toReversed()) await service.stop();
  };
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= stopServices());
  try {
    if (settings.s3Endpoint === null) services.push(await startBucket(settings.directory));
    // Another portal has a rate limit by the system's clock, and its answers contain times.
    const isDemo = settings.portalUrl === null;
    const clock = isDemo ? await openClock(settings.directory, settings.speed) : systemClock;
    if (isDemo) services.push(await startDemo(settings, clock));
    const mailServer = settings.sendsMails ? await startMailServer() : null;
    if (mailServer !== null) services.push({ env: { SES_ENDPOINT: mailServer.url }, stop: mailServer.stop });
    const config = readApiConfig({
      ...env,
      ACCESS_TOKEN: settings.accessToken ?? makeSecret(),
      REPORT_BUCKET: env["REPORT_BUCKET"] || bucket,
      ...Object.fromEntries(services.flatMap((service) => Object.entries(service.env))),
    });
    const schedules = readSchedules(env);
    const { accessTokens, noticeSecrets } = config;
    const web = openPageFiles(await buildPage(root, resolve(settings.directory, "web")));
    // Starts the function URL before the workflow, because the workflow sends mails with links to the function URL.
    // Until the workflow has started, API requests wait for `api`.
    const api = Promise.withResolvers<HttpHandler>();
    const functionUrl = await openFunctionUrl(
      settings.port,
      createFront({ accessTokens, noticeSecrets, web, loadApi: () => api.promise }),
    );
    const { url, isBusy } = functionUrl;
    services.push({ env: {}, stop: functionUrl.stop });
    // Allows receivers on loopback, so that developers can try webhooks on one machine.
    const webhooks = readWebhooks(findSettingIn(env), { allowLoopback: true });
    const app = openContext(setMailLinks(config, url), { clock, webhooks });
    const runner = await startRunner({
      directory: resolve(settings.directory, "executions"),
      handler: createExportWorkflow(app),
      clock,
      functionName: "export",
      // The timeout grows with the clock's speed, because a fast clock shortens only waits, not the work of a
      // function.
      invocationTimeoutMs: maxInvocationMs * settings.speed,
      executionTimeoutMs: executionMs,
      onFailed: failExports(app),
    });
    services.push({ env: {}, stop: () => runner.close() });
    const workflow = openLocalWorkflow(runner);
    api.resolve(createApi({ app, workflow, web }));
    const [accessToken] = accessTokens;
    const ticker = createTicker({ app, workflow, schedules });
    const runTick = async (request: TickRequest) => ({ url, accessToken, ids: await ticker(request) });
    services.push({ env: {}, ...(await openControlSocket(settings.directory, runTick)) });
    return { url, accessToken, mailsUrl: mailServer && mailServer.url, runTick, isBusy, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function setMailLinks(config: ApiConfig, url: string): ApiConfig {
  const { post } = config;
  return post === null ? config : { ...config, post: { ...post, publicUrl: post.publicUrl ?? url } };
}

async function openFunctionUrl(port: number, handler: UrlHandler): Promise<FunctionUrl> {
  try {
    return await startFunctionUrl({ port, handler, functionName: "http" });
  } catch (cause) {
    throw new Error("the setting PORT names a port that is in use, or that this user may not open", {
      cause,
    });
  }
}

async function startBucket(directory: string): Promise<Service> {
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

async function startDemo({ directory, offers }: LocalSettings, clock: Clock): Promise<Service> {
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
  await savePort(directory, portal.url);
  return { env: { PORTAL_API_URL: portal.url, PORTAL_API_KEY: demoKey }, stop: () => portal.stop() };
}

/** One Ctrl-C may arrive twice within this time: the terminal sends a signal, and npm passes the same signal on. */
const echoMs = 500;

/** The exit status that shells use for an end by Ctrl-C. */
const interruptedStatus = 130;

/**
 * Stops the stack at the first SIGINT or SIGTERM, and aborts the returned AbortSignal. A second SIGINT or SIGTERM, more
 * than `echoMs` later, ends the process at once.
 */
export function stopOnSignal(stack: Stack, print: (line: string) => void): AbortSignal {
  const interruption = new AbortController();
  let firstMs = 0;
  const interrupt = () => {
    if (interruption.signal.aborted) {
      if (Date.now() - firstMs > echoMs) process.exit(interruptedStatus);
      return;
    }
    firstMs = Date.now();
    interruption.abort();
    if (stack.isBusy()) print("finishing the running export; Ctrl-C again to stop at once");
    void stack.stop();
  };
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, interrupt);
  return interruption.signal;
}
