import { rm } from "node:fs/promises";
import { join } from "node:path";
import { startLoopback } from "../loopback-server.ts";
import { answerListing } from "./s3-listing.ts";
import { checkSignature } from "./s3-signature.ts";
import { checkUpload, SafeStore, staging, storeConditions } from "./s3-store.ts";
import { reportFailure, S3rver } from "./s3rver-parts.ts";

type S3Options = {
  directory: string;
  /** Port 0 takes any free port. */
  port: number;
  /** The name of the bucket. The server creates the bucket if it does not exist. */
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** Called with each error that is no answer of S3, before the client gets an answer. */
  onWriteError?: (error: unknown) => void;
};

export type S3 = { endpoint: string; stop: () => Promise<void> };

/**
 * Starts an S3 server on loopback: s3rver, extended by S3's signatures, conditional writes, atomic uploads and
 * listings. Clients must set `forcePathStyle`. Objects survive a restart of the server.
 */
export async function startS3({ directory, port, bucket, onWriteError, ...keys }: S3Options): Promise<S3> {
  await rm(join(directory, staging), { recursive: true, force: true });
  const store = new SafeStore(directory);
  await store.putBucket(bucket);
  const app = new S3rver({ directory, silent: true, vhostBuckets: false });
  app.store = app.context.store = store;
  app.on("error", (error) => {
    onWriteError?.(error);
    reportFailure(error);
  });
  // Inserts middleware before s3rver's router, which is the last middleware.
  app.middleware.splice(
    -1,
    0,
    checkSignature(keys),
    storeConditions,
    checkUpload(store),
    answerListing(store),
  );
  const { origin, stop } = await startLoopback(port, app.callback());
  return { endpoint: origin, stop };
}
