import { createBounceHandler } from "./app/delivery/mail-bounces.ts";
import { openBucket } from "./adapters/bucket/bucket.ts";
import { readStorageLocation } from "./adapters/settings/settings.ts";

/** What SNS invokes when a mail came back: a missing or malformed setting stops it at its start. */
export const handler = createBounceHandler({ bucket: openBucket(readStorageLocation(process.env)) });
