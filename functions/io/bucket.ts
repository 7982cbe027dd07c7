import type { Readable, Writable } from "node:stream";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import type { z } from "zod";
import type { Place } from "./config.ts";
import { createMeter, type Written } from "./meter.ts";
import { describeOutage, isMissing } from "./storage.ts";

export type ObjectHeaders = { contentType: string; contentDisposition?: string; cacheControl?: string };

export type Bucket = ReturnType<typeof openBucket>;

/** Two parts of the least size that S3 takes bound the memory of an upload. */
const multipart = { queueSize: 2, partSize: 5 * 1024 * 1024 };

/** A part of 5 MB takes seconds; the SDK itself would wait for ever, and it tries three times. */
const patience = { connectionMs: 5_000, requestMs: 30_000 };

/**
 * The report bucket, or on a developer's machine the same at another endpoint. What S3 does not do as it was
 * asked throws an ExportError of the kind `storage`.
 */
export function openBucket(place: Place, { connectionMs, requestMs } = patience) {
  const client = new S3Client({
    region: place.region,
    requestHandler: {
      connectionTimeout: connectionMs,
      requestTimeout: requestMs,
      socketTimeout: requestMs,
      throwOnRequestTimeout: true,
    },
    ...(place.endpoint !== null && { endpoint: place.endpoint, forcePathStyle: true }),
    ...(place.credentials !== null && { credentials: place.credentials }),
  });
  const at = (key: string) => ({ Bucket: place.name, Key: key });

  async function readBytes(key: string): Promise<Uint8Array | null> {
    try {
      const { Body } = await client.send(new GetObjectCommand(at(key)));
      return Body === undefined ? null : await Body.transformToByteArray();
    } catch (error) {
      if (isMissing(error)) return null;
      throw describeOutage(error);
    }
  }

  /** Null when there is none; throws when it is not what the schema says. */
  async function readJson<T>(key: string, schema: z.ZodType<T>): Promise<T | null> {
    const bytes = await readBytes(key);
    return bytes === null ? null : schema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  }

  async function writeBytes(
    key: string,
    body: Uint8Array | string,
    { contentType }: ObjectHeaders,
  ): Promise<void> {
    await demand(client.send(new PutObjectCommand({ ...at(key), Body: body, ContentType: contentType })));
  }

  async function writeJson(key: string, value: unknown): Promise<void> {
    await writeBytes(key, JSON.stringify(value), { contentType: "application/json" });
  }

  /**
   * Uploads what `write` puts into the sink. The object appears whole or not at all: a failure on either
   * side ends the other and aborts the upload.
   */
  async function upload(
    key: string,
    headers: ObjectHeaders,
    write: (sink: Writable) => Promise<void>,
  ): Promise<Written> {
    const { meter, written } = createMeter();
    const params = {
      ...at(key),
      Body: meter,
      ContentType: headers.contentType,
      ContentDisposition: headers.contentDisposition,
      CacheControl: headers.cacheControl,
    };
    const sending = send(new Upload({ client, params, ...multipart }), meter);
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

  async function exists(key: string): Promise<boolean> {
    try {
      await client.send(new HeadObjectCommand(at(key)));
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw describeOutage(error);
    }
  }

  async function remove(key: string): Promise<void> {
    await demand(client.send(new DeleteObjectCommand(at(key))));
  }

  /** The first keys, at most 1,000, in the order of their UTF-8 bytes. */
  async function listKeys(prefix: string): Promise<string[]> {
    const command = new ListObjectsV2Command({ Bucket: place.name, Prefix: prefix });
    const { Contents = [] } = await demand(client.send(command));
    return Contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
  }

  /** A link for that method only, good for so many seconds and no longer than the signer's credentials. */
  function signLink(key: string, method: "GET" | "HEAD", seconds: number): Promise<string> {
    const command = method === "GET" ? new GetObjectCommand(at(key)) : new HeadObjectCommand(at(key));
    return demand(getSignedUrl(client, command, { expiresIn: seconds }));
  }

  return { readBytes, readJson, writeBytes, writeJson, upload, exists, remove, listKeys, signLink };
}

async function demand<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw describeOutage(error);
  }
}

/** A body that failed first makes the upload fail with it, and that is no fault of the storage. */
async function send(upload: Upload, body: Readable): Promise<void> {
  try {
    await upload.done();
  } catch (error) {
    throw body.errored ?? describeOutage(error);
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error("upload failed", { cause: error });
}
