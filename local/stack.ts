import { resolve } from "node:path";
import { systemClock } from "../functions/adapters/clock/clock.ts";
import type { ApiConfig } from "../functions/adapters/settings/settings.ts";
import { createFront } from "../functions/api/front.ts";
import type { HttpHandler } from "../functions/api/http-messages.ts";
import { openPageFiles } from "../functions/api/page-route.ts";
import { createApi } from "../functions/api/router.ts";
import { openContext } from "../functions/app/context.ts";
import { createExportWorkflow } from "../functions/app/workflow/export-workflow.ts";
import { parseExportId } from "../functions/core/basics/bucket-keys.ts";
import { readSchedules } from "../functions/core/schedule/schedules.ts";
import { buildPage } from "./build-page.ts";
import {
  type Access,
  createTicker,
  identifyPortal,
  openControlSocket,
  type StartedExports,
  type TickRequest,
} from "./control-socket.ts";
import { startDemoPortal } from "./demo-portal.ts";
import { failExports, openLocalWorkflow, startRunner } from "./durable/runner.ts";
import { maxInvocationMs } from "./function-url/url-response.ts";
import { type FunctionUrl, startFunctionUrl, type UrlHandler } from "./function-url/url-server.ts";
import { isPortTaken } from "./loopback-server.ts";
import { startMailServer } from "./mail-server.ts";
import { startS3 } from "./s3/s3-server.ts";
import { hashSettings } from "./setting-hashes.ts";
import { bucketName, checkSettings, readLocalWebhooks, readStackConfig } from "./stack-config.ts";
import { type LocalSettings, makeSecret } from "./stack-settings.ts";
import { claimDirectory } from "./state-directory.ts";

const root = resolve(import.meta.dirname, "..");
/** The timeout of an execution, the same as in infra/export.ts. */
const executionMs = 30 * 3_600_000;

export type Stack = Access & {
  /** The address where a browser shows sent mails; null when mails do not go to the stack's SES emulator. */
  mailsUrl: string | null;
  /** Runs a tick of a schedule and returns the exports that the tick started. */
  runTick: (request: TickRequest) => Promise<StartedExports>;
  /** A line about the demo portal; null when the stack serves another portal. */
  demoNotice: string | null;
  /** True when an export has not ended. A stopped stack's exports go on at the next start. */
  hasUnfinished: () => boolean;
  /** True while a request is being answered, such as a request that waits for an export. */
  isBusy: () => boolean;
  /**
   * Stops the stack. Waits for steps and requests that run, but for at most `graceMs`. After that time the caller ends the
   * process: a step that is cut off is repeated at the next start.
   */
  stop: (options?: { graceMs?: number }) => Promise<void>;
};

type Service = { env: Record<string, string>; stop: () => Promise<void> };

/** Called with each error of a write to the folder, before the error has any other effect. */
export type OnWriteError = (error: unknown) => void;

/**
 * Starts the local stack and its function URL. Also starts an S3 server unless the settings name one, and a demo portal
 * unless the settings name a portal. `env` holds the settings that the functions also have in a deployment.
 */
export async function startStack(
  settings: LocalSettings,
  env: NodeJS.ProcessEnv,
  onWriteError: OnWriteError = () => undefined,
): Promise<Stack> {
  checkSettings(settings, env);
  const { release } = await claimDirectory(settings.directory);
  const services: Service[] = [];
  const graceOver = Promise.withResolvers<void>();
  const stopServices = async () => {
    for (const service of services.toReversed()) await Promise.race([service.stop(), graceOver.promise]);
    await release();
  };
  let stopping: Promise<void> | undefined;
  const stop: Stack["stop"] = ({ graceMs } = {}) => {
    if (graceMs !== undefined) setTimeout(graceOver.resolve, graceMs).unref();
    return (stopping ??= stopServices());
  };
  try {
    const demo = settings.portalUrl === null ? await startDemoPortal(settings) : null;
    if (demo !== null) services.push(demo);
    // Another portal has a rate limit by the system's clock, and its answers contain times.
    const { clock, directory, speed } = demo ?? {
      clock: systemClock,
      directory: settings.directory,
      speed: 1,
    };
    if (settings.s3Endpoint === null) services.push(await startBucket(directory, onWriteError));
    const mailServer = settings.sendsMails ? await startMailServer() : null;
    if (mailServer !== null) services.push({ env: { SES_ENDPOINT: mailServer.url }, stop: mailServer.stop });
    const serviceSettings = Object.fromEntries(services.flatMap((service) => Object.entries(service.env)));
    const config = readStackConfig(settings, env, serviceSettings);
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
    const app = openContext(setMailLinks(config, url), { clock, webhooks: readLocalWebhooks(env) });
    const runner = await startRunner({
      directory: resolve(directory, "executions"),
      handler: createExportWorkflow(app),
      clock,
      functionName: "export",
      // The timeout grows with the clock's speed, because a fast clock shortens only waits, not the work of a
      // function.
      invocationTimeoutMs: maxInvocationMs * speed,
      executionTimeoutMs: executionMs,
      onFailed: failExports(app),
      onWriteError,
    });
    services.push({ env: {}, stop: () => runner.close() });
    const workflow = openLocalWorkflow(runner);
    api.resolve(createApi({ app, workflow, web }));
    const [accessToken] = accessTokens;
    const ticker = createTicker({ app, workflow, schedules });
    const access = { url, accessToken, zone: app.calendar.zone };
    const runTick = async (request: TickRequest) => ({ ...access, ...(await ticker(request)) });
    const running = { ...access, portal: identifyPortal(env), settings: hashSettings(env) };
    services.push({
      env: {},
      ...(await openControlSocket(settings.directory, { runTick, access: running })),
    });
    const hasUnfinished = () => runner.listUnfinished().some((name) => parseExportId(name) !== null);
    const notices = { mailsUrl: mailServer && mailServer.url, demoNotice: demo && demo.notice };
    return { ...access, ...notices, runTick, hasUnfinished, isBusy, stop };
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
    const fault = isPortTaken(cause) ? "is in use" : "cannot be opened by this user";
    const remedy = "let the setting PORT name another, or 0 for any that is free";
    throw new Error(`port ${port} ${fault}: ${remedy}`, { cause });
  }
}

async function startBucket(directory: string, onWriteError: OnWriteError): Promise<Service> {
  const keys = { accessKeyId: makeSecret(), secretAccessKey: makeSecret() };
  const s3 = await startS3({
    directory: resolve(directory, "s3"),
    port: 0,
    bucket: bucketName,
    ...keys,
    onWriteError,
  });
  return {
    env: {
      S3_ENDPOINT: s3.endpoint,
      REPORT_BUCKET: bucketName,
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    },
    stop: () => s3.stop(),
  };
}
