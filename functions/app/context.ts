import { type Bucket, openBucket } from "../adapters/bucket/bucket.ts";
import type { BucketTimeouts } from "../adapters/bucket/s3-client.ts";
import { type Clock, systemClock } from "../adapters/clock/clock.ts";
import type { OpenMailClient } from "../adapters/mail/ses-client.ts";
import { openPortal, type Portal, type PortalOptions } from "../adapters/portal/portal-client.ts";
import { type Random, systemRandom } from "../adapters/random/random.ts";
import type { Config } from "../adapters/settings/settings.ts";
import type { SendWebhook } from "../adapters/webhook/webhook-client.ts";
import type { ExportWorkflow } from "../adapters/workflow/lambda-workflow.ts";
import { type Calendar, createCalendar } from "../core/basics/calendar.ts";
import { noWebhooks, type Webhooks } from "../core/delivery/webhook-event.ts";

/** The settings and the opened adapters. The use cases get them as an argument. */
export type AppContext = {
  config: Config;
  portal: Portal;
  bucket: Bucket;
  calendar: Calendar;
  clock: Clock;
  random: Random;
  webhooks: Webhooks;
  /** Opens the client that sends mails. Null for the client of SES, which only the workflow loads. */
  openMailClient: OpenMailClient | null;
  /** Sends the requests to the webhooks' receivers. Null for real requests, whose code only the workflow loads. */
  sendWebhook: SendWebhook | null;
};

/** The part of the context that is needed to read and write the state of exports and crawls. */
export type StateStore = Pick<AppContext, "bucket" | "clock" | "config" | "random">;

/** The parts that a caller may replace. The defaults are the system and the services of AWS. */
export type ContextOptions = {
  clock?: Clock;
  random?: Random;
  /** Sends the requests to the portal. */
  fetch?: PortalOptions["fetch"];
  bucketTimeouts?: BucketTimeouts;
  webhooks?: Webhooks;
  openMailClient?: OpenMailClient;
  sendWebhook?: SendWebhook;
};

/** The same for a function that starts exports. */
export type StarterOptions = ContextOptions & { workflow?: ExportWorkflow };

/**
 * Opens the adapters. The default timeouts of the bucket suit a workflow, which can wait longer than a caller of the
 * API.
 */
export function openContext(config: Config, options: ContextOptions = {}): AppContext {
  const {
    clock = systemClock,
    random = systemRandom,
    fetch,
    bucketTimeouts,
    webhooks = noWebhooks,
    openMailClient = null,
    sendWebhook = null,
  } = options;
  const timer = clock.system;
  return {
    config,
    portal: openPortal(config.portal, { fetch, timer }),
    bucket: openBucket(config.bucket, { timeouts: bucketTimeouts, timer, random }),
    calendar: createCalendar(config.zone),
    clock,
    random,
    webhooks,
    openMailClient,
    sendWebhook,
  };
}
