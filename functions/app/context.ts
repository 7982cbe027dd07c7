import { type Calendar, createCalendar } from "../core/basics/calendar.ts";
import { noWebhooks, type Webhooks } from "../core/delivery/webhook-event.ts";
import { type Bucket, openBucket } from "../adapters/bucket/bucket.ts";
import type { BucketTimeouts } from "../adapters/bucket/s3-client.ts";
import { type Clock, systemClock } from "../adapters/clock/clock.ts";
import type { Config } from "../adapters/settings/settings.ts";
import { openPortal, type Portal } from "../adapters/portal/portal-client.ts";

/** The settings and the opened adapters. The use cases get them as an argument. */
export type AppContext = {
  config: Config;
  portal: Portal;
  bucket: Bucket;
  calendar: Calendar;
  clock: Clock;
  webhooks: Webhooks;
};

/** The part of the context that is needed to read and write the state of exports and crawls. */
export type StateStore = Pick<AppContext, "bucket" | "config">;

type ContextOptions = { clock?: Clock; bucketTimeouts?: BucketTimeouts; webhooks?: Webhooks };

/**
 * Opens the adapters. The default timeouts of the bucket suit a workflow, which can wait longer than a caller of the
 * API.
 */
export function openContext(
  config: Config,
  { clock = systemClock, bucketTimeouts, webhooks = noWebhooks }: ContextOptions = {},
): AppContext {
  return {
    config,
    portal: openPortal(config.portal),
    bucket: openBucket(config.bucket, bucketTimeouts),
    calendar: createCalendar(config.zone),
    clock,
    webhooks,
  };
}
