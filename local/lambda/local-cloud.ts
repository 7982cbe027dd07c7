import { join } from "node:path";
import { systemClock } from "../../functions/adapters/clock/clock.ts";
import { type DurableClient, type DurableHandler, takeClient } from "../durable/operations.ts";
import { type Runner, startRunner } from "../durable/runner.ts";
import { type FunctionUrl, startFunctionUrl } from "../function-url/url-server.ts";
import { startS3 } from "../s3/s3-server.ts";
import { makeSecret } from "../stack-settings.ts";
import type { FunctionName } from "./function-bundle.ts";
import { deployFunction, type Links } from "./function-deployment.ts";
import { serveLambdaApi } from "./lambda-api.ts";
import { createFunction, installClient, type LocalFunction } from "./lambda-function.ts";

const exporter = { name: "Export", qualifier: "live" };
const bucket = "offer-export";

type CloudOptions = {
  /** The project's folder. */
  root: string;
  /** The folder for the bundles, the objects of the bucket and the logs of executions. */
  directory: string;
  portalKey: string;
  /** The secrets of portal webhooks, in the format of the SST secret PortalWebhookSecrets. */
  portalWebhookSecrets?: string;
  /** Environment variables with the functions' settings. */
  env: Record<string, string>;
  /**
   * Returns the S3 endpoint that a function uses, such as a proxy for `endpoint`. By default, functions use `endpoint`
   * itself.
   */
  findEndpoint?: (name: FunctionName, endpoint: string) => Promise<string>;
};

export type Cloud = {
  url: string;
  accessToken: string;
  http: LocalFunction;
  workflow: LocalFunction;
  tick: LocalFunction;
  watch: LocalFunction;
  bounce: LocalFunction;
  runner: Runner;
  stop: () => Promise<void>;
};

/**
 * Starts the deployment on this machine. The functions are bundled and linked as SST does it, and run in AWS's runtime.
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const {
    root,
    directory,
    portalKey,
    portalWebhookSecrets = "",
    findEndpoint = (_name, endpoint) => Promise.resolve(endpoint),
  } = options;
  await installClient();
  await using parts = new AsyncDisposableStack();
  const sessions: Sessions = new Map();
  const start: Runner["start"] = (name, payload) => runner.start(name, payload);
  const service = await serveLambdaApi({ workflow: exporter, start, sessions });
  parts.defer(() => service.stop());
  const s3 = await startStorage(directory);
  parts.defer(() => s3.stop());

  const env = {
    ...options.env,
    ...s3.env,
    AWS_REGION: "eu-central-1",
    AWS_ENDPOINT_URL_LAMBDA: service.endpoint,
    POWERTOOLS_SERVICE_NAME: "offer-export-local",
  };
  const deploy = async (name: FunctionName, links: Links) => {
    const folder = join(directory, name);
    const functionEnv = { ...env, S3_ENDPOINT: await findEndpoint(name, s3.env.S3_ENDPOINT) };
    const deployed = createFunction(await deployFunction({ root, name, folder, links, env: functionEnv }));
    parts.defer(() => deployed.stop());
    return deployed;
  };
  const accessToken = makeSecret();
  const links = { PortalApiKey: { value: portalKey }, ReportBucket: { name: bucket } };
  const webhooks = { WebhookSecret: { value: "" }, Webhooks: { addresses: "" } };
  const workflow = await deploy("export", { ...links, ...webhooks });
  const starting = { ...links, ExportWorkflow: exporter };
  const access = {
    AccessToken: { value: accessToken },
    PortalWebhookSecrets: { value: portalWebhookSecrets },
  };
  const http = await deploy("http", { ...starting, ...access });
  const tick = await deploy("tick", starting);
  const watch = await deploy("watch", starting);
  const bounce = await deploy("bounce", { ReportBucket: links.ReportBucket });

  const runner = await startRunner({
    directory: join(directory, "executions"),
    handler: handleRemotely(workflow, sessions),
    clock: systemClock,
    functionName: exporter.name,
  });
  parts.defer(() => runner.close());
  const { url, stop } = await startWorkerUrl(http);
  parts.defer(stop);
  const running = parts.move();
  return {
    url,
    accessToken,
    http,
    workflow,
    tick,
    watch,
    bounce,
    runner,
    stop: () => running.disposeAsync(),
  };
}

/**
 * Starts an S3 server with new keys. `env` holds the environment variables that a function needs to use the server.
 */
async function startStorage(directory: string) {
  const keys = { accessKeyId: makeSecret(), secretAccessKey: makeSecret() };
  const { endpoint, stop } = await startS3({
    directory: join(directory, "s3"),
    port: 0,
    bucket,
    ...keys,
  });
  const env = {
    S3_ENDPOINT: endpoint,
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
  };
  return { env, stop };
}

/** The clients of running invocations, by the ARN of their execution. */
export type Sessions = Map<string, DurableClient>;

/**
 * Makes the handler with which the runner invokes a workflow in another process. The workflow sends its checkpoints to
 * the local server of Lambda's API.
 */
function handleRemotely(workflow: LocalFunction, sessions: Sessions): DurableHandler {
  return async (input, context) => {
    const { params, client } = takeClient(input);
    sessions.set(params.DurableExecutionArn, client);
    try {
      return JSON.parse(await workflow.invoke(JSON.stringify(params), context.awsRequestId));
    } finally {
      sessions.delete(params.DurableExecutionArn);
    }
  };
}

/** Starts a function URL on loopback for a function that runs in other processes. */
function startWorkerUrl({ options, invoke }: LocalFunction): Promise<FunctionUrl> {
  const { name: functionName, timeoutMs } = options;
  const handler = async (event: unknown, context: { awsRequestId: string }): Promise<unknown> =>
    JSON.parse(await invoke(JSON.stringify(event), context.awsRequestId));
  return startFunctionUrl({ port: 0, functionName, timeoutMs, handler });
}
