import { createBounces } from "./app/delivery/note-bounces.ts";
import { openBucket } from "./adapters/bucket/bucket.ts";
import { readPlace } from "./adapters/settings/settings.ts";

/** What SNS invokes when a mail came back: a missing or malformed setting stops it at its start. */
export const handler = createBounces({ bucket: openBucket(readPlace(process.env)) });
