import { resolve } from "node:path";
import { Temporal } from "temporal-polyfill";
import { createApi } from "../functions/api.ts";
import { readApiConfig } from "../functions/io/config.ts";
import { openWorld } from "../functions/io/world.ts";
import { claimDirectory } from "./directory.ts";
import { type Front, type FrontHandler, startFront } from "./front/server.ts";
import { makeDemo } from "./portal/data.ts";
import { startPortal } from "./portal/server.ts";
import { startS3 } from "./s3/server.ts";
import { type LocalSettings, makeSecret } from "./settings.ts";

const bucket = "offer-export";
const demoKey = "demo-portal-key";

export type Stack = {
  url: string;
  accessToken: string;
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
  try {
    if (settings.s3Endpoint === null) parts.push(await startBucket(settings.directory));
    if (settings.portalUrl === null) parts.push(await startDemo());
    const config = readApiConfig({
      ...env,
      ACCESS_TOKEN: settings.accessToken ?? makeSecret(),
      REPORT_BUCKET: env["REPORT_BUCKET"] || bucket,
      ...Object.fromEntries(parts.flatMap((part) => Object.entries(part.env))),
    });
    const front = await openFront(settings.port, createApi(openWorld(config), config.accessTokens));
    const stop = async () => {
      await front.stop();
      await stopParts();
    };
    return { url: front.url, accessToken: config.accessTokens[0], isBusy: front.isBusy, stop };
  } catch (error) {
    await stopParts();
    throw error;
  }
}

async function openFront(port: number, handler: FrontHandler): Promise<Front> {
  try {
    return await startFront({ port, handler, functionName: "http" });
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

async function startDemo(): Promise<Part> {
  const today = Temporal.Now.plainDateISO("Europe/Amsterdam").toString();
  const keys = { [demoKey]: ["offers.read", "customers.read"] as const };
  const portal = await startPortal({ ...makeDemo({ today }), keys });
  return { env: { PORTAL_API_URL: portal.url, PORTAL_API_KEY: demoKey }, stop: () => portal.stop() };
}
