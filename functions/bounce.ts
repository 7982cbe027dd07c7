import { createBounces } from "./bounces.ts";
import { openBucket } from "./io/bucket/bucket.ts";
import { readPlace } from "./io/config.ts";

/** What SNS invokes when a mail came back: a missing or malformed setting stops it at its start. */
export const handler = createBounces({ bucket: openBucket(readPlace(process.env)) });
