import { createBounceHandler } from "./app/delivery/mail-bounces.ts";
import { openBucket } from "./adapters/bucket/bucket.ts";
import { readStorageLocation } from "./adapters/settings/settings.ts";

/** SNS invokes it when a mail bounces. A missing or malformed setting stops it at start. */
export const handler = createBounceHandler({ bucket: openBucket(readStorageLocation(process.env)) });
