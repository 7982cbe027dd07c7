import { createHash } from "node:crypto";
import { type Readable, Transform, type Writable } from "node:stream";
import { Upload } from "@aws-sdk/lib-storage";
import type { Bucket, ObjectHeaders } from "./bucket.ts";
import { describeStorageError } from "./s3-client.ts";

// Only the workflow uploads files in parts. So this code is not in bucket.ts, and the other Lambda functions do not
// load the SDK's uploader.

/** An upload holds at most two parts in memory. 5 MB is S3's minimum part size. */
const multipart = { queueSize: 2, partSize: 5 * 1024 * 1024 };

/** The size of an uploaded object and the SHA-256 of its bytes. Both are computed while the bytes are sent. */
export type WrittenObject = { bytes: number; sha256: string };

/**
 * Uploads the bytes that `write` puts into the sink. If `write` or the upload fails, destroys the sink and aborts the
 * upload, so that no incomplete object is stored. Throws an ExportError of the kind `storage` when S3 fails.
 */
export async function uploadObject(
  { s3 }: Pick<Bucket, "s3">,
  { key, headers }: { key: string; headers: ObjectHeaders },
  write: (sink: Writable) => Promise<void>,
): Promise<WrittenObject> {
  const { meter, written } = createByteMeter();
  const params = {
    ...s3.at(key),
    Body: meter,
    ContentType: headers.contentType,
    ContentDisposition: headers.contentDisposition,
    CacheControl: headers.cacheControl,
  };
  const sending = send(new Upload({ client: s3.client, params, ...multipart }), meter);
  sending.catch((error: unknown) => meter.destroy(toError(error)));
  try {
    await Promise.all([write(meter), sending]);
    return written();
  } catch (error) {
    meter.destroy(toError(error));
    await sending.catch(() => undefined);
    throw error;
  }
}

/** Throws the error of `body` when `body` has failed, and an ExportError of the kind `storage` when S3 has failed. */
async function send(upload: Upload, body: Readable): Promise<void> {
  try {
    await upload.done();
  } catch (error) {
    throw body.errored ?? describeStorageError(error);
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error("upload failed", { cause: error });
}

/** Creates a stream that passes bytes on and measures them. `written` may be called once, after the last byte. */
function createByteMeter(): { meter: Transform; written: () => WrittenObject } {
  const hash = createHash("sha256");
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  return { meter, written: () => ({ bytes, sha256: hash.digest("hex") }) };
}
