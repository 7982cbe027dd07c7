import { findSettingIn, readConfig } from "../../functions/adapters/settings/settings.ts";
import { readWebhooks } from "../../functions/adapters/webhook/webhook-receivers.ts";
import { openContext, type AppContext } from "../../functions/app/context.ts";
import { createFastClock } from "../../local/fast-clock.ts";
import { makeDemo } from "../../local/portal/demo-data.ts";
import type { Portal, PortalOptions } from "../../local/portal/portal-server.ts";
import { makeTemporaryDirectory } from "./durable-runner.ts";
import { openTestPortal, portalKey } from "./test-portal.ts";
import { openTestBucket } from "./test-stack.ts";

/** The date of the reports. It is in the past, so that reports stay the same when a test runs past midnight. */
export const asOf = "2025-06-30";

export type SharedStack = {
  app: AppContext;
  portal: Portal;
  /** The settings with which another process opens the same stack. */
  env: Record<string, string>;
  /** The directory with the logs of the executions. */
  directory: string;
  speed: number;
};

type Size = {
  offers: number;
  limit: number;
  speed: number;
  settings?: Record<string, string>;
} & Pick<PortalOptions, "intercept">;

/** Opens a stack with a demo portal and a bucket. Several processes use the stack, one after the other. */
export async function openSharedStack({
  speed,
  offers: count,
  settings,
  ...options
}: Size): Promise<SharedStack> {
  const clock = createFastClock(speed);
  const demo = makeDemo({ today: asOf, offers: count });
  const portal = await openTestPortal({ ...options, ...demo, clock });
  const { name, endpoint, credentials } = await openTestBucket();
  const env = {
    PORTAL_API_URL: portal.url,
    PORTAL_API_KEY: portalKey,
    REPORT_BUCKET: name,
    S3_ENDPOINT: endpoint ?? "",
    AWS_ACCESS_KEY_ID: credentials?.accessKeyId ?? "",
    AWS_SECRET_ACCESS_KEY: credentials?.secretAccessKey ?? "",
    ...settings,
  };
  const webhooks = readWebhooks(findSettingIn(env), { allowLoopback: true });
  return {
    app: openContext(readConfig(env), { clock, webhooks }),
    portal,
    env,
    directory: await makeTemporaryDirectory(),
    speed,
  };
}
