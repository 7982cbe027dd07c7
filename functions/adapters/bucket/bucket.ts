import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import pLimit from "p-limit";
import type * as z from "zod";
import type { RecordUpdate } from "../../core/basics/stored-values.ts";
import { type SystemTimer, systemTimer } from "../clock/clock.ts";
import { type Random, systemRandom } from "../random/random.ts";
import type { StorageLocation } from "../settings/settings.ts";
import {
  type BucketTimeouts,
  createS3Client,
  describeStorageError,
  describeWriteConflict,
  isMissingObject,
  isWriteConflict,
  requireResponse,
} from "./s3-client.ts";

export type ObjectHeaders = { contentType: string; contentDisposition?: string; cacheControl?: string };

export type Bucket = ReturnType<typeof openBucket>;

/** `timer` and `random` make the pauses between the tries of a conditional write. */
export type BucketOptions = Partial<Pauses> & { timeouts?: BucketTimeouts | undefined };

type Pauses = { timer: SystemTimer; random: Random };

/**
 * Opens the report bucket, in S3 or at the endpoint of a local server. Every operation throws an ExportError of
 * the kind `storage` when the storage fails.
 */
export function openBucket(
  location: StorageLocation,
  { timeouts, timer = systemTimer, random = systemRandom }: BucketOptions = {},
) {
  const client = createS3Client(location, timeouts);
  const s3: S3Bucket = { client, name: location.name, at: (key) => ({ Bucket: location.name, Key: key }) };
  const objects = { ...createReader(s3), ...createWriter(s3) };
  return { s3, ...objects, ...createCompoundOperations(objects, { timer, random }) };
}

/** The client and the name of the bucket. `at` returns the parameters with which a request names an object. */
type S3Bucket = { client: S3Client; name: string; at: (key: string) => { Bucket: string; Key: string } };

/**
 * How often an object is read when its bytes break off. The SDK repeats a request that failed, but not one whose
 * response breaks off later.
 */
const maxReads = 2;

function createReader({ client, name, at }: S3Bucket) {
  async function fetchObject(key: string): Promise<TaggedObject<Uint8Array> | null> {
    for (let reads = 1; ; reads += 1) {
      const response = await unlessMissing(client.send(new GetObjectCommand(at(key))));
      if (response?.Body === undefined) return null;
      try {
        return { value: await response.Body.transformToByteArray(), tag: response.ETag ?? "" };
      } catch (error) {
        if (reads === maxReads) throw describeStorageError(error);
      }
    }
  }

  async function readBytes(key: string): Promise<Uint8Array | null> {
    return (await fetchObject(key))?.value ?? null;
  }

  /** Returns null when there is no object under the key. Throws when the object does not match the schema. */
  async function readJson<T>(key: string, schema: z.ZodType<T>): Promise<T | null> {
    const bytes = await readBytes(key);
    return bytes === null ? null : parseJson(bytes, schema);
  }

  /** Like `readJson`, but also returns the object's ETag, which a later `replaceJson` needs. */
  async function readTagged<T>(key: string, schema: z.ZodType<T>): Promise<TaggedObject<T> | null> {
    const object = await fetchObject(key);
    return object && { value: parseJson(object.value, schema), tag: object.tag };
  }

  async function exists(key: string): Promise<boolean> {
    return (await unlessMissing(client.send(new HeadObjectCommand(at(key))))) !== null;
  }

  /**
   * Returns at most 1,000 keys with the prefix, in the order of their UTF-8 bytes. Starts after the key `after` when it
   * is given.
   */
  async function listKeys(prefix: string, after?: string): Promise<string[]> {
    const command = new ListObjectsV2Command({ Bucket: name, Prefix: prefix, StartAfter: after });
    const { Contents = [] } = await requireResponse(client.send(command));
    return Contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
  }

  /**
   * Signs a link for one method. The link expires `seconds` after `signedAt`, or earlier if the signer's credentials
   * expire earlier. S3 compares both times with its own clock.
   */
  function signLink(key: string, { method, seconds, signedAt }: LinkTerms): Promise<string> {
    const command = method === "GET" ? new GetObjectCommand(at(key)) : new HeadObjectCommand(at(key));
    return requireResponse(getSignedUrl(client, command, { expiresIn: seconds, signingDate: signedAt }));
  }

  return { readBytes, readJson, readTagged, exists, listKeys, signLink };
}

export type LinkTerms = { method: "GET" | "HEAD"; seconds: number; signedAt: Date };

/** An object's value. `tag` is the object's ETag. */
type TaggedObject<T> = { value: T; tag: string };

async function unlessMissing<T>(request: Promise<T>): Promise<T | null> {
  try {
    return await request;
  } catch (error) {
    if (isMissingObject(error)) return null;
    throw describeStorageError(error);
  }
}

const decoder = new TextDecoder();

function parseJson<T>(bytes: Uint8Array, schema: z.ZodType<T>): T {
  return schema.parse(JSON.parse(decoder.decode(bytes)));
}

function createWriter({ client, at }: S3Bucket) {
  async function writeBytes(
    key: string,
    body: Uint8Array | string,
    { contentType }: ObjectHeaders,
  ): Promise<void> {
    const command = new PutObjectCommand({ ...at(key), Body: body, ContentType: contentType });
    await requireResponse(client.send(command));
  }

  async function writeJson(key: string, value: unknown): Promise<void> {
    await writeBytes(key, JSON.stringify(value), { contentType: "application/json" });
  }

  /**
   * Replaces the object only if its ETag is still `tag`. When `tag` is null, writes the object only if there is none
   * under the key. Returns false when another write came first.
   */
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

  async function remove(key: string): Promise<void> {
    await requireResponse(client.send(new DeleteObjectCommand(at(key))));
  }

  return { writeBytes, writeJson, replaceJson, remove };
}

/** An update gives up after this many tries. Twenty concurrent writers need about ten tries each. */
const maxTries = 60;
const pauseMs = 25;
const maxPauses = 8;

const maxAtOnce = 10;

type Objects = ReturnType<typeof createReader> & ReturnType<typeof createWriter>;

/** Operations that take several requests. */
function createCompoundOperations(
  { readTagged, replaceJson, listKeys, remove }: Objects,
  { timer, random }: Pauses,
) {
  /**
   * Changes an object that other processes may change at the same time. When another write comes first, calls `change`
   * again with the new value, so `change` must be pure. Returns the `answer` of the last call.
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
      await timer.sleep(random.fraction() * Math.min(tries, maxPauses) * pauseMs);
    }
    throw describeWriteConflict(maxTries);
  }

  /**
   * Removes every object under the prefix for which `isKept` returns false. Lists the objects again after each removal,
   * until no such object is left.
   */
  async function removeAll(prefix: string, isKept: (key: string) => boolean = () => false): Promise<void> {
    const atOnce = pLimit(maxAtOnce);
    let after: string | undefined;
    for (let keys = await listKeys(prefix); keys.length > 0; keys = await listKeys(prefix, after)) {
      const unwanted = keys.filter((key) => !isKept(key));
      await Promise.all(unwanted.map((key) => atOnce(remove, key)));
      if (unwanted.length === 0) after = keys.at(-1);
    }
  }

  return { update, removeAll };
}
