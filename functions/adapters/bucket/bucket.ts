import { setTimeout as sleep } from "node:timers/promises";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import pLimit from "p-limit";
import type * as z from "zod";
import type { RecordUpdate } from "../../core/basics/stored-values.ts";
import type { StorageLocation } from "../settings/settings.ts";
import {
  describeStorageError,
  describeWriteConflict,
  isMissingObject,
  isWriteConflict,
} from "./bucket-errors.ts";

export type ObjectHeaders = { contentType: string; contentDisposition?: string; cacheControl?: string };

export type Bucket = ReturnType<typeof openBucket>;

const maxAtOnce = 10;

export type BucketTimeouts = { connectionMs: number; requestMs: number };

/** A part of 5 MB takes seconds; the SDK itself would wait for ever, and it tries three times. */
const patience: BucketTimeouts = { connectionMs: 5_000, requestMs: 30_000 };

/**
 * The report bucket, or on a developer's machine the same at another endpoint. What S3 does not do as it was
 * asked throws an ExportError of the kind `storage`.
 */
export function openBucket(place: StorageLocation, { connectionMs, requestMs } = patience) {
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

  async function fetchObject(key: string): Promise<{ bytes: Uint8Array; tag: string } | null> {
    try {
      const { Body, ETag } = await client.send(new GetObjectCommand(at(key)));
      return Body === undefined ? null : { bytes: await Body.transformToByteArray(), tag: ETag ?? "" };
    } catch (error) {
      if (isMissingObject(error)) return null;
      throw describeStorageError(error);
    }
  }

  async function readBytes(key: string): Promise<Uint8Array | null> {
    return (await fetchObject(key))?.bytes ?? null;
  }

  /** Null when there is none; throws when it is not what the schema says. */
  async function readJson<T>(key: string, schema: z.ZodType<T>): Promise<T | null> {
    const bytes = await readBytes(key);
    return bytes === null ? null : parseJson(bytes, schema);
  }

  /** The object with the tag that its next write is conditional on. */
  async function readTagged<T>(key: string, schema: z.ZodType<T>): Promise<{ value: T; tag: string } | null> {
    const object = await fetchObject(key);
    return object && { value: parseJson(object.bytes, schema), tag: object.tag };
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

  /** Writes only over what bears the tag, or where nothing is; false when it is otherwise by now. */
  async function replaceJson(key: string, value: unknown, tag: string | null): Promise<boolean> {
    const condition = tag === null ? { IfNoneMatch: "*" } : { IfMatch: tag };
    const body = { Body: JSON.stringify(value), ContentType: "application/json" };
    try {
      await client.send(new PutObjectCommand({ ...at(key), ...body, ...condition }));
      return true;
    } catch (error) {
      if (isWriteConflict(error)) return false;
      throw describeStorageError(error);
    }
  }

  /**
   * Changes an object that others change too: `change` sees what is there, and sees it again when another
   * write came between, so it may be called often. Gives the answer of the change that was taken.
   */
  async function update<T, A>(
    key: string,
    schema: z.ZodType<T>,
    change: (before: T | null) => RecordUpdate<T, A>,
  ): Promise<A> {
    for (let tries = 1; tries <= maxTries; tries += 1) {
      const known = await readTagged(key, schema);
      const { after, answer } = change(known && known.value);
      if (after === null || (await replaceJson(key, after, known?.tag ?? null))) return answer;
      await sleep(Math.random() * Math.min(tries, maxPauses) * pauseMs);
    }
    throw describeWriteConflict(maxTries);
  }

  async function exists(key: string): Promise<boolean> {
    try {
      await client.send(new HeadObjectCommand(at(key)));
      return true;
    } catch (error) {
      if (isMissingObject(error)) return false;
      throw describeStorageError(error);
    }
  }

  async function remove(key: string): Promise<void> {
    await demand(client.send(new DeleteObjectCommand(at(key))));
  }

  /** Removes what stands under the prefix but for what is kept, until nothing else does. */
  async function removeAll(prefix: string, isKept: (key: string) => boolean = () => false): Promise<void> {
    const atOnce = pLimit(maxAtOnce);
    let after: string | undefined;
    for (let keys = await listKeys(prefix); keys.length > 0; keys = await listKeys(prefix, after)) {
      const doomed = keys.filter((key) => !isKept(key));
      await Promise.all(doomed.map((key) => atOnce(remove, key)));
      if (doomed.length === 0) after = keys.at(-1);
    }
  }

  /** The first keys, or those after another, at most 1,000, in the order of their UTF-8 bytes. */
  async function listKeys(prefix: string, after?: string): Promise<string[]> {
    const command = new ListObjectsV2Command({ Bucket: place.name, Prefix: prefix, StartAfter: after });
    const { Contents = [] } = await demand(client.send(command));
    return Contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
  }

  /** A link for that method only, good for so many seconds and no longer than the signer's credentials. */
  function signLink(key: string, method: "GET" | "HEAD", seconds: number): Promise<string> {
    const command = method === "GET" ? new GetObjectCommand(at(key)) : new HeadObjectCommand(at(key));
    return demand(getSignedUrl(client, command, { expiresIn: seconds }));
  }

  return {
    s3: { client, at },
    readBytes,
    readJson,
    readTagged,
    writeBytes,
    writeJson,
    replaceJson,
    update,
    exists,
    remove,
    removeAll,
    listKeys,
    signLink,
  };
}

/** Of twenty writers that begin at once the last one is through after some ten tries. */
const maxTries = 60;
const pauseMs = 25;
const maxPauses = 8;

function parseJson<T>(bytes: Uint8Array, schema: z.ZodType<T>): T {
  return schema.parse(JSON.parse(new TextDecoder().decode(bytes)));
}

async function demand<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw describeStorageError(error);
  }
}
