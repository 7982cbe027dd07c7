import {
  compareBytes,
  decode,
  type Middleware,
  type Query,
  refuse,
  type Store,
  type StoredObject,
} from "./s3rver-parts.ts";

const maxListedKeys = 1000; // S3's maximum number of keys on a page

/**
 * Answers ListObjectsV2 in place of s3rver. s3rver's implementation misses keys, escapes keys twice and needs a cipher
 * that Node no longer has.
 */
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

/**
 * Returns one page of keys and common prefixes. All keys with the same common prefix make one entry without an
 * object.
 */
function describePage(objects: StoredObject[], query: Query) {
  const { prefix = "", delimiter = "", "continuation-token": token = "" } = query;
  const maxKeys = Math.min(Number(query["max-keys"] ?? maxListedKeys), maxListedKeys);
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

type Xml = string | number | boolean | undefined | Xml[] | { [name: string]: Xml };

/** Writes a value as an XML element. A list becomes repeated elements, and undefined becomes nothing. */
function writeXml(name: string, value: Xml): string {
  if (value === undefined) return "";
  if (Array.isArray(value)) return value.map((item) => writeXml(name, item)).join("");
  return `<${name}>${writeContent(value)}</${name}>`;
}

function writeContent(value: Exclude<Xml, undefined | Xml[]>): string {
  if (typeof value !== "object") return escapeXml(String(value));
  return Object.entries(value)
    .map(([name, inner]) => writeXml(name, inner))
    .join("");
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"'\r\n]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
