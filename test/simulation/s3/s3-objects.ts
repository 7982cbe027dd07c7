import { createHash, hash } from "node:crypto";

/** A request to S3, as it stands once all its bytes have arrived. */
export type S3Request =
  | { kind: "get" | "head" | "delete"; key: string }
  | { kind: "put"; key: string; body: Uint8Array; headers: StoredHeaders; condition: WriteCondition }
  | { kind: "list"; prefix: string; startAfter: string; maxKeys: number }
  | { kind: "create-upload"; key: string; headers: StoredHeaders }
  | { kind: "upload-part"; key: string; uploadId: string; part: number; body: Uint8Array }
  | {
      kind: "complete-upload";
      key: string;
      uploadId: string;
      parts: UploadedPart[];
      condition: WriteCondition;
    }
  | { kind: "abort-upload"; key: string; uploadId: string };

export type StoredHeaders = {
  contentType: string | undefined;
  contentDisposition: string | undefined;
  cacheControl: string | undefined;
};
/** `ifMatch` is an ETag. `ifNoneMatch` is only ever `*`. */
export type WriteCondition = { ifMatch?: string | undefined; ifNoneMatch?: string | undefined };
export type UploadedPart = { part: number; etag: string };

export type S3Object = {
  key: string;
  body: Uint8Array;
  headers: StoredHeaders;
  etag: string;
  modifiedMs: number;
};

export type S3Answer =
  | { kind: "done"; etag: string | null }
  | { kind: "object"; object: S3Object }
  | { kind: "keys"; keys: string[]; isTruncated: boolean }
  | { kind: "upload"; uploadId: string }
  | { kind: "part"; etag: string }
  | S3Refusal;
export type S3Refusal = { kind: "refused"; status: number; code: string };

type OpenUpload = {
  key: string;
  headers: StoredHeaders;
  createdMs: number;
  parts: Map<number, { body: Uint8Array; etag: string }>;
};

/** Objects with the prefix expire `days` days after their last write. */
export type LifecycleRule = { prefix: string; days: number };

const dayMs = 24 * 3_600_000;
/** The smallest size of every part but the last. */
const minPartBytes = 5 * 1024 * 1024;

const missing = { kind: "refused", status: 404, code: "NoSuchKey" } as const;
const missingUpload = { kind: "refused", status: 404, code: "NoSuchUpload" } as const;
const unmet = { kind: "refused", status: 412, code: "PreconditionFailed" } as const;

export type S3Objects = ReturnType<typeof createS3Objects>;

/**
 * The objects of one bucket, without any concurrency: each request takes effect at once and as a whole. That is S3's
 * promise of strong consistency: a read sees every write that was answered before the read. With a defect, conditions
 * of writes are ignored, or every third read of an object gets the object before the last write.
 */
export function createS3Objects(now: () => number, defect?: "conditions" | "consistency") {
  const objects = new Map<string, S3Object>();
  const replaced = new Map<string, S3Object>();
  const uploads = new Map<string, OpenUpload>();
  const keys = createSortedKeys();
  let uploadCount = 0;
  let reads = 0;

  function store(key: string, body: Uint8Array, headers: StoredHeaders, etag = hashBytes(body)): S3Answer {
    const before = objects.get(key);
    if (before === undefined) keys.add(key);
    else if (defect === "consistency") replaced.set(key, before);
    objects.set(key, { key, body, headers, etag: `"${etag}"`, modifiedMs: now() });
    return { kind: "done", etag: `"${etag}"` };
  }

  function remove(key: string): void {
    if (objects.delete(key)) keys.remove(key);
  }

  /** Returns the refusal of a write whose condition does not hold; null when it holds. */
  function checkCondition(key: string, { ifMatch, ifNoneMatch }: WriteCondition): S3Refusal | null {
    const object = objects.get(key);
    if (defect === "conditions") return null;
    if (ifNoneMatch !== undefined) return object === undefined ? null : unmet;
    if (ifMatch === undefined) return null;
    if (object === undefined) return missing;
    return ifMatch === "*" || unquote(ifMatch) === unquote(object.etag) ? null : unmet;
  }

  function completeUpload(request: S3Request & { kind: "complete-upload" }): S3Answer {
    const { key, uploadId, parts, condition } = request;
    const upload = uploads.get(uploadId);
    if (upload?.key !== key) return missingUpload;
    const isOrdered = parts.every(({ part }, index) => part > (parts[index - 1]?.part ?? 0));
    if (!isOrdered) return refuse("InvalidPartOrder");
    const bodies: Uint8Array[] = [];
    const digest = createHash("md5");
    for (const [index, { part, etag }] of parts.entries()) {
      const uploaded = upload.parts.get(part);
      if (uploaded === undefined || unquote(uploaded.etag) !== unquote(etag)) return refuse("InvalidPart");
      if (index < parts.length - 1 && uploaded.body.length < minPartBytes) return refuse("EntityTooSmall");
      bodies.push(uploaded.body);
      digest.update(Buffer.from(unquote(uploaded.etag), "hex"));
    }
    if (bodies.length === 0) return refuse("MalformedXML");
    const refusal = checkCondition(key, condition);
    if (refusal !== null) return refusal;
    uploads.delete(uploadId);
    return store(key, Buffer.concat(bodies), upload.headers, `${digest.digest("hex")}-${parts.length}`);
  }

  function list({ prefix, startAfter, maxKeys }: S3Request & { kind: "list" }): S3Answer {
    const found = keys.list(prefix, startAfter, maxKeys + 1);
    return { kind: "keys", keys: found.slice(0, maxKeys), isTruncated: found.length > maxKeys };
  }

  function answer(request: S3Request): S3Answer {
    switch (request.kind) {
      case "get":
      case "head": {
        const isStale = defect === "consistency" && (reads += 1) % 3 === 0;
        const object = (isStale ? replaced.get(request.key) : undefined) ?? objects.get(request.key);
        return object === undefined ? missing : { kind: "object", object };
      }
      case "put":
        return (
          checkCondition(request.key, request.condition) ?? store(request.key, request.body, request.headers)
        );
      case "delete":
        remove(request.key);
        return { kind: "done", etag: null };
      case "list":
        return list(request);
      case "create-upload": {
        const uploadId = `upload-${(uploadCount += 1)}`;
        const { key, headers } = request;
        uploads.set(uploadId, { key, headers, createdMs: now(), parts: new Map() });
        return { kind: "upload", uploadId };
      }
      case "upload-part": {
        const upload = uploads.get(request.uploadId);
        if (upload?.key !== request.key) return missingUpload;
        const etag = `"${hashBytes(request.body)}"`;
        upload.parts.set(request.part, { body: request.body, etag });
        return { kind: "part", etag };
      }
      case "complete-upload":
        return completeUpload(request);
      case "abort-upload":
        return uploads.delete(request.uploadId) ? { kind: "done", etag: null } : missingUpload;
    }
  }

  /**
   * Removes the objects and the open uploads whose time has come. S3 rounds the time up to the next midnight UTC:
   * https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
   */
  function expire(rules: readonly LifecycleRule[], uploadDays: number): string[] {
    const hasExpired = (sinceMs: number, days: number) =>
      now() >= Math.ceil((sinceMs + days * dayMs) / dayMs) * dayMs;
    const expired = [...objects.values()].filter(({ key, modifiedMs }) =>
      rules.some(({ prefix, days }) => key.startsWith(prefix) && hasExpired(modifiedMs, days)),
    );
    for (const { key } of expired) remove(key);
    for (const [uploadId, { createdMs }] of uploads)
      if (hasExpired(createdMs, uploadDays)) uploads.delete(uploadId);
    return expired.map(({ key }) => key);
  }

  return {
    answer,
    expire,
    find: (key: string) => objects.get(key) ?? null,
    listKeys: (prefix = "") => keys.list(prefix, "", Infinity),
    openUploads: () => [...uploads.values()].map(({ key }) => key),
  };
}

function refuse(code: string): S3Refusal {
  return { kind: "refused", status: 400, code };
}

function hashBytes(body: Uint8Array): string {
  return hash("md5", body);
}

function unquote(etag: string): string {
  return etag.replaceAll('"', "");
}

/** Keys in the order of their UTF-8 bytes, which for ASCII is the order of JavaScript's own comparison. */
function createSortedKeys() {
  const sorted: string[] = [];

  /** Returns the index of the first key that is not less than `key`. */
  function findIndex(key: string): number {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] ?? "") < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return {
    add(key: string): void {
      if (/[^\x20-\x7e]/.test(key)) throw new Error(`The simulated S3 orders ASCII keys only: ${key}`);
      sorted.splice(findIndex(key), 0, key);
    },
    remove: (key: string) => void sorted.splice(findIndex(key), 1),
    list(prefix: string, startAfter: string, maxKeys: number): string[] {
      const found: string[] = [];
      for (
        let index = findIndex(prefix > startAfter ? prefix : startAfter);
        found.length < maxKeys;
        index += 1
      ) {
        const key = sorted[index];
        if (key === undefined || !key.startsWith(prefix)) break;
        if (key > startAfter) found.push(key);
      }
      return found;
    },
  };
}
