import { type Calendar, createCalendar } from "../core/basics/calendar.ts";
import { noWebhooks, type Webhooks } from "../core/delivery/webhook-event.ts";
import { type Bucket, openBucket, type BucketTimeouts } from "../adapters/bucket/bucket.ts";
import { type Clock, systemClock } from "../adapters/clock/clock.ts";
import type { Config } from "../adapters/settings/settings.ts";
import { openPortal, type Portal } from "../adapters/portal/portal-client.ts";

/** What the steps of an export work with. */
export type AppContext = {
  config: Config;
  portal: Portal;
  bucket: Bucket;
  calendar: Calendar;
  clock: Clock;
  webhooks: Webhooks;
};

/** What the state of exports and crawls is kept in. */
export type StateStore = Pick<AppContext, "bucket" | "config">;

type Choices = { clock?: Clock; patience?: BucketTimeouts; webhooks?: Webhooks };

/** `patience` is the storage's; without one it is that of a workflow, which has minutes. */
export function openContext(
  config: Config,
  { clock = systemClock, patience, webhooks = noWebhooks }: Choices = {},
): AppContext {
  return {
    config,
    portal: openPortal(config.portal),
    bucket: openBucket(config.bucket, patience),
    calendar: createCalendar(config.zone),
    clock,
    webhooks,
  };
}
