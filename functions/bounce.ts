import { openBucket } from "./adapters/bucket/bucket.ts";
import { readStorageLocation } from "./adapters/settings/settings.ts";
import { createBounceHandler } from "./app/delivery/mail-bounces.ts";

/**
 * Records bounced mails. SNS invokes this function when a mail bounces. The function does not start when a setting is
 * missing or malformed.
 */
export const handler = createBounceHandler({ bucket: openBucket(readStorageLocation(process.env)) });
