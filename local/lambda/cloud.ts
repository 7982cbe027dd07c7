import { join } from "node:path";
import { systemClock } from "../../functions/io/clock.ts";
import { type Runner, startRunner } from "../durable/runner.ts";
import { startS3 } from "../s3/server.ts";
import { makeSecret } from "../settings.ts";
import { buildWeb } from "../web.ts";
import { bundleFunction, type FunctionName, functions } from "./bundle.ts";
import { handleRemotely, type Sessions } from "./durable.ts";
import { installClient } from "./environment.ts";
import { createFunction, type LocalFunction } from "./function.ts";
import { type Links, writeLinks } from "./link.ts";
import { startService } from "./service.ts";
import { startUrl } from "./url.ts";

const workflow = { name: "Export", qualifier: "live" };
const bucket = "offer-export";

export type CloudOptions = {
  /** Of the sources. */
  root: string;
  /** For the bundles, the objects and the executions. */
  directory: string;
  portalKey: string;
  /** Settings of the functions. */
  env: Record<string, string>;
};

export type Cloud = {
  url: string;
  accessToken: string;
  http: LocalFunction;
  workflow: LocalFunction;
  runner: Runner;
  /** How many requests S3 had, by their method. */
  requests: ReadonlyMap<string, number>;
  stop: () => Promise<void>;
};

/** The deployment on this machine: its functions in AWS's runtime, bundled and linked as SST does it. */
export async function startCloud({ root, directory, portalKey, env }: CloudOptions): Promise<Cloud> {
  await installClient();
  await using parts = new AsyncDisposableStack();
  const accessToken = makeSecret();
  const keys = { accessKeyId: makeSecret(), secretAccessKey: makeSecret() };
  const requests = new Map<string, number>();
  const watch = ({ method }: { method: string }) => requests.set(method, (requests.get(method) ?? 0) + 1);
  const s3 = await startS3({ directory: join(directory, "s3"), port: 0, bucket, watch, ...keys });
  parts.defer(() => s3.stop());
  const sessions: Sessions = new Map();
  const service = await startService({
    workflow,
    sessions,
    start: (name, payload) => runner.start(name, payload),
  });
  parts.defer(() => service.stop());

  const deploy = async (name: FunctionName, links: Links) => {
    const folder = join(directory, name);
    await bundleFunction(root, name, folder);
    const { memoryMb, timeoutMs, variables } = functions[name];
    const deployed = createFunction({
      name,
      folder,
      memoryMb,
      timeoutMs,
      env: {
        ...env,
        ...variables,
        ...(await writeLinks(folder, links)),
        AWS_REGION: "eu-central-1",
        AWS_ACCESS_KEY_ID: keys.accessKeyId,
        AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
        AWS_ENDPOINT_URL_LAMBDA: service.endpoint,
        S3_ENDPOINT: s3.endpoint,
      },
    });
    parts.defer(() => deployed.stop());
    return deployed;
  };

  const links = { PortalApiKey: { value: portalKey }, ReportBucket: { name: bucket } };
  const exporter = await deploy("export", links);
  const http = await deploy("http", {
    ...links,
    AccessToken: { value: accessToken },
    ExportWorkflow: workflow,
  });
  await buildWeb(root, join(directory, "http", "web"));

  const runner = await startRunner({
    directory: join(directory, "executions"),
    handler: handleRemotely(exporter, sessions),
    clock: systemClock,
    functionName: workflow.name,
  });
  parts.defer(() => runner.close());
  const front = await startUrl(http);
  parts.defer(() => front.stop());

  const running = parts.move();
  return {
    url: front.url,
    accessToken,
    http,
    workflow: exporter,
    runner,
    requests,
    stop: () => running.disposeAsync(),
  };
}
