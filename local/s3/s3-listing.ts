import { refuse } from "./s3rver--error.ts";
import { compareBytes, decode } from "./s3rver--query.ts";
import type { Middleware, Query, Store, StoredObject } from "./s3rver.ts";
import { writeXml } from "./s3-listing--xml.ts";

const mostKeys = 1000; // S3's page size

/** ListObjectsV2: s3rver's own needs a cipher that Node no longer has, misses keys and escapes twice. */
export function answerListing(store: Store): Middleware {
  return async (call, next) => {
    const [, bucket = "", key] = call.path.split("/").map(decode);
    if (call.method !== "GET" || key !== undefined || call.query["list-type"] !== "2") return next();
    if (!(await store.getBucket(bucket))) throw refuse("NoSuchBucket", "The specified bucket does not exist");
    const { objects } = await store.listObjects(bucket, { prefix: call.query["prefix"] ?? "" });
    call.type = "application/xml";
    call.body = writeXml("ListBucketResult", { Name: bucket, ...describePage(objects, call.query) });
  };
}

/** A prefix that keys are folded into stands once, without an object. */
function describePage(objects: StoredObject[], query: Query) {
  const { prefix = "", delimiter = "", "continuation-token": token = "" } = query;
  const maxKeys = Math.min(Number(query["max-keys"] ?? mostKeys), mostKeys);
  const after = token === "" ? (query["start-after"] ?? "") : Buffer.from(token, "base64url").toString();
  const entries = new Map<string, StoredObject | null>();
  for (const object of objects.toSorted((one, other) => compareBytes(one.key, other.key))) {
    const end = delimiter === "" ? -1 : object.key.indexOf(delimiter, prefix.length);
    const name = end < 0 ? object.key : object.key.slice(0, end + delimiter.length);
    if (compareBytes(object.key, after) > 0 && name !== after) entries.set(name, end < 0 ? object : null);
  }
  const page = [...entries].slice(0, maxKeys);
  const isTruncated = entries.size > page.length;
  const [last] = page.at(-1) ?? [""];
  return {
    Prefix: prefix,
    Delimiter: delimiter || undefined,
    ContinuationToken: token || undefined,
    NextContinuationToken: isTruncated ? Buffer.from(last).toString("base64url") : undefined,
    MaxKeys: maxKeys,
    KeyCount: page.length,
    IsTruncated: isTruncated,
    Contents: page.flatMap(([, object]) => (object === null ? [] : describeObject(object))),
    CommonPrefixes: page.flatMap(([name, object]) => (object === null ? { Prefix: name } : [])),
  };
}

function describeObject({ key, lastModifiedDate, metadata, size }: StoredObject) {
  const modified = lastModifiedDate.toISOString();
  return { Key: key, LastModified: modified, ETag: metadata["etag"], Size: size, StorageClass: "STANDARD" };
}
