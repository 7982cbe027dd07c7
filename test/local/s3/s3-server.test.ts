import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { access, mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
  S3ServiceException,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startS3, type S3 } from "../../../local/s3/s3-server.ts";

const Bucket = "reports";
const keys = { accessKeyId: "local-key", secretAccessKey: "local-secret" };

// The long timeout is for a busy machine, on which tests with megabytes or hundreds of requests take long.
vi.setConfig({ testTimeout: 60_000 });

let directory: string;
let s3: S3;
let client: S3Client;

function connect(options: S3ClientConfig = {}) {
  const { endpoint } = s3;
  return new S3Client({
    endpoint,
    region: "eu-central-1",
    forcePathStyle: true,
    credentials: keys,
    ...options,
  });
}

async function put(Key: string, Body: string | Buffer = "body") {
  return client.send(new PutObjectCommand({ Bucket, Key, Body }));
}

async function read(Key: string): Promise<Buffer> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

async function write(Body: string, condition: { IfNoneMatch?: string; IfMatch?: string }) {
  return client.send(new PutObjectCommand({ Bucket, Key: "a", Body, ...condition }));
}

/** Makes a stream of the bytes. The S3 client does not know the stream's length. */
function pour(bytes: Buffer, pieceBytes = 50_001): Readable {
  const count = Math.ceil(bytes.length / pieceBytes);
  return Readable.from(
    Array.from({ length: count }, (_, index) => bytes.subarray(index * pieceBytes, (index + 1) * pieceBytes)),
  );
}

async function readText(Key: string): Promise<string> {
  return (await read(Key)).toString();
}

async function listKeys(): Promise<string[]> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
  return Contents.map(({ Key = "" }) => Key);
}

/** Returns "ok" when the call succeeds. Otherwise returns the HTTP status and S3's error code. */
async function judge(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "ok";
  } catch (error) {
    if (!(error instanceof S3ServiceException)) throw error;
    return `${error.$metadata.httpStatusCode} ${error.name}`;
  }
}

async function countVerdicts(calls: Promise<unknown>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const verdict of await Promise.all(calls.map(judge))) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return counts;
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "s3-"));
  s3 = await startS3({ directory, port: 0, bucket: Bucket, ...keys });
  client = connect();
});

afterEach(async () => {
  client.destroy();
  await s3.stop();
  await rm(directory, { recursive: true });
});

describe("objects", () => {
  test("keep their headers and metadata", async () => {
    const described = {
      ContentType: "text/csv; charset=utf-8",
      ContentDisposition: 'attachment; filename="offertes (1).csv"',
      CacheControl: "private, no-store",
      Metadata: { rows: "2" },
    };
    await client.send(new PutObjectCommand({ Bucket, Key: "a.csv", Body: "a;b", ...described }));
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: "a.csv" }));
    const got = await client.send(new GetObjectCommand({ Bucket, Key: "a.csv" }));
    expect(head).toMatchObject({ ...described, ContentLength: 3 });
    expect(got).toMatchObject({ ...described, ContentLength: 3, ETag: head.ETag });
    expect(await got.Body?.transformToString()).toBe("a;b");
  });

  test("take any key that S3 takes", async () => {
    const odd = "files/é (1) 'a' & <b> + ~*!.txt";
    await put(odd, "odd");
    expect(await readText(odd)).toBe("odd");
    expect(await listKeys()).toEqual([odd]);
  });

  test("never leave the directory", async () => {
    expect(await judge(put("../outside"))).toBe("400 InvalidURI");
    await expect(access(join(directory, "outside._S3rver_object"))).rejects.toThrow("ENOENT");
  });

  test("are read in part", async () => {
    await put("a", "0123456789");
    const part = await client.send(new GetObjectCommand({ Bucket, Key: "a", Range: "bytes=2-4" }));
    expect(part.ContentRange).toBe("bytes 2-4/10");
    expect(await part.Body?.transformToString()).toBe("234");
  });

  test("are there after a restart", async () => {
    await client.send(new PutObjectCommand({ Bucket, Key: "a", Body: "kept", ContentType: "text/plain" }));
    await s3.stop();
    s3 = await startS3({ directory, port: 0, bucket: Bucket, ...keys });
    client = connect();
    const { ContentType, Body } = await client.send(new GetObjectCommand({ Bucket, Key: "a" }));
    expect([ContentType, await Body?.transformToString()]).toEqual(["text/plain", "kept"]);
  });

  test("are sent to their end before the server stops", async () => {
    const bytes = randomBytes(8_000_000);
    await put("a", bytes);
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: "a" }));
    const stopped = s3.stop();
    expect(bytes.equals(Buffer.from((await Body?.transformToByteArray()) ?? []))).toBe(true);
    await stopped;
    await expect(fetch(s3.endpoint)).rejects.toThrow("fetch failed");
  });

  test("are deleted one by one and together", async () => {
    for (const key of ["a", "b/c", "b/d", "e"]) await put(key);
    await client.send(new DeleteObjectCommand({ Bucket, Key: "a" }));
    const Objects = [{ Key: "b/c" }, { Key: "e" }, { Key: "missing" }];
    const { Deleted } = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(Deleted).toEqual(Objects);
    expect(await listKeys()).toEqual(["b/d"]);
    expect(await judge(read("a"))).toBe("404 NoSuchKey");
  });

  test("are copied with their headers", async () => {
    await client.send(new PutObjectCommand({ Bucket, Key: "a", Body: "copied", ContentType: "text/plain" }));
    await client.send(new CopyObjectCommand({ Bucket, Key: "b", CopySource: `${Bucket}/a` }));
    const { ContentType, Body } = await client.send(new GetObjectCommand({ Bucket, Key: "b" }));
    expect([ContentType, await Body?.transformToString()]).toEqual(["text/plain", "copied"]);
  });
});

describe("listing", () => {
  test("gives keys in S3's order, page by page", async () => {
    const stored = ["a", "a-b", "a.b", "a/b", "a/c/d", "b"];
    for (const key of stored.toReversed()) await put(key);
    const pages: (string | undefined)[][] = [];
    for await (const { Contents = [] } of paginateListObjectsV2({ client, pageSize: 4 }, { Bucket })) {
      pages.push(Contents.map(({ Key }) => Key));
    }
    expect(pages).toEqual([stored.slice(0, 4), stored.slice(4)]);
  });

  test("keeps to a prefix and folds at a delimiter", async () => {
    for (const key of ["files/1/a", "files/1/b", "files/2/x/y", "files/top", "other"])
      await put(key, "12345");
    const page = await client.send(new ListObjectsV2Command({ Bucket, Prefix: "files/", Delimiter: "/" }));
    expect(page.CommonPrefixes).toEqual([{ Prefix: "files/1/" }, { Prefix: "files/2/" }]);
    expect(page.Contents).toMatchObject([{ Key: "files/top", Size: 5 }]);
    expect([page.KeyCount, page.IsTruncated]).toEqual([3, false]);
  });

  test("finds the bucket, and no other", async () => {
    expect(await judge(client.send(new HeadBucketCommand({ Bucket })))).toBe("ok");
    expect(await judge(client.send(new HeadBucketCommand({ Bucket: "nowhere" })))).toBe("404 NotFound");
    expect(await judge(client.send(new ListObjectsV2Command({ Bucket: "nowhere" })))).toBe(
      "404 NoSuchBucket",
    );
  });
});

describe("signatures", () => {
  test("are required for every read and write", async () => {
    await put("a", "secret");
    const url = `${s3.endpoint}/${Bucket}`;
    const verdicts = await Promise.all([
      fetch(`${url}/a`),
      fetch(`${url}/a`, { method: "HEAD" }),
      fetch(`${url}/a`, { method: "DELETE" }),
      fetch(`${url}/a`, { method: "PUT", body: "mine" }),
      fetch(`${url}/b`, { method: "PUT", body: "mine" }),
      fetch(`${url}/a?uploads`, { method: "POST" }),
      fetch(`${url}?delete`, { method: "POST", body: "<Delete><Object><Key>a</Key></Object></Delete>" }),
      fetch(`${url}?list-type=2`),
      fetch(`${s3.endpoint}/`),
    ]);
    expect(verdicts.map(({ status }) => status)).toEqual(verdicts.map(() => 403));
    expect(await listKeys()).toEqual(["a"]);
    expect(await readText("a")).toBe("secret");
  });

  test("of another secret or key are refused", async () => {
    await put("a");
    const get = new GetObjectCommand({ Bucket, Key: "a" });
    const guessed = connect({ credentials: { ...keys, secretAccessKey: "guess" } });
    const unknown = connect({ credentials: { ...keys, accessKeyId: "nobody" } });
    expect(await judge(guessed.send(get))).toBe("403 SignatureDoesNotMatch");
    expect(await judge(unknown.send(get))).toBe("403 InvalidAccessKeyId");
  });

  test("cover the body", async () => {
    await put("a", "before");
    client.middlewareStack.add(
      (next) => async (args) => {
        Object.assign(args.request ?? {}, { body: "forged" });
        return next(args);
      },
      { step: "deserialize", priority: "low" },
    );
    expect(await judge(put("a", "signed"))).toBe("400 XAmzContentSHA256Mismatch");
    client = connect();
    expect(await readText("a")).toBe("before");
  });

  test("of long ago are refused", async () => {
    const late = connect({ systemClockOffset: -16 * 60_000, maxAttempts: 1 });
    expect(await judge(late.send(new ListObjectsV2Command({ Bucket })))).toBe("403 RequestTimeTooSkewed");
  });
});

describe("presigned links", () => {
  const object = { Bucket, Key: "files/offertes (1).csv" };
  const link = async (options: Parameters<typeof getSignedUrl>[2] = {}) =>
    getSignedUrl(client, new GetObjectCommand(object), { expiresIn: 60, ...options });

  beforeEach(async () => put(object.Key, "a;b"));

  test("open for anyone who has them", async () => {
    const response = await fetch(await link());
    expect([response.status, await response.text()]).toEqual([200, "a;b"]);
  });

  test("are refused with any one character changed", async () => {
    const url = await link();
    const start = url.indexOf(Bucket);
    const forged = Array.from(url.slice(start)).map(
      (char, at) => url.slice(0, start + at) + (char === "a" ? "b" : "a") + url.slice(start + at + 1),
    );
    const statuses = await Promise.all(forged.map(async (forgery) => (await fetch(forgery)).status));
    expect(statuses).toEqual(forged.map(() => 403));
  });

  test("are refused once expired", async () => {
    const nowMs = Date.now();
    expect((await fetch(await link({ signingDate: new Date(nowMs - 50_000) }))).status).toBe(200);
    const response = await fetch(await link({ signingDate: new Date(nowMs - 61_000) }));
    expect([response.status, await response.text()]).toEqual([403, expect.stringContaining("expired")]);
  });

  test("serve the method they were signed for only", async () => {
    const forGet = await link();
    const forHead = await getSignedUrl(client, new HeadObjectCommand(object), { expiresIn: 60 });
    expect((await fetch(forGet, { method: "HEAD" })).status).toBe(403);
    expect((await fetch(forHead)).status).toBe(403);
    const head = await fetch(forHead, { method: "HEAD" });
    expect([head.status, head.headers.get("content-length")]).toEqual([200, "3"]);
  });

  test("are refused beside an Authorization header", async () => {
    const response = await fetch(await link(), { headers: { authorization: "Bearer token" } });
    expect(response.status).toBe(400);
  });

  test("are refused with an x-amz header that was not signed", async () => {
    const response = await fetch(await link(), { headers: { "x-amz-checksum-mode": "ENABLED" } });
    expect([response.status, await response.text()]).toEqual([403, expect.stringContaining("not signed")]);
  });

  test("rename the file where they say so", async () => {
    const ResponseContentDisposition = `attachment; filename="it's (2)*!.csv"`;
    const url = await getSignedUrl(client, new GetObjectCommand({ ...object, ResponseContentDisposition }));
    const response = await fetch(url);
    expect(response.headers.get("content-disposition")).toBe(ResponseContentDisposition);
  });

  test("take an upload", async () => {
    const url = await getSignedUrl(client, new PutObjectCommand({ Bucket, Key: "up" }));
    expect((await fetch(url, { method: "PUT", body: "sent" })).status).toBe(200);
    expect(await readText("up")).toBe("sent");
  });
});

describe("uploads", () => {
  test("of a stream are stored byte for byte, without their chunking", async () => {
    const bytes = randomBytes(300_000);
    const body = { Body: pour(bytes), ContentLength: bytes.length };
    await client.send(new PutObjectCommand({ Bucket, Key: "a", ...body }));
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: "a" }));
    expect([head.ContentLength, head.ContentEncoding]).toEqual([bytes.length, undefined]);
    expect(bytes.equals(await read("a"))).toBe(true);
  });

  test.each([0, 70_000, 6_000_000])("of unknown length, %i bytes, are stored byte for byte", async (size) => {
    const bytes = randomBytes(size);
    const params = {
      Bucket,
      Key: "a",
      Body: pour(bytes),
      ContentType: "text/csv",
      CacheControl: "no-store",
    };
    await new Upload({ client, params }).done();
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: "a" }));
    expect(head).toMatchObject({ ContentLength: size, ContentType: "text/csv", CacheControl: "no-store" });
    expect(bytes.equals(await read("a"))).toBe(true);
  });

  test("with another checksum are refused and change nothing", async () => {
    await put("a", "before");
    const wrong = new PutObjectCommand({ Bucket, Key: "a", Body: "after", ChecksumCRC32: "AAAAAA==" });
    expect(await judge(client.send(wrong))).toBe("400 BadDigest");
    expect(await readText("a")).toBe("before");
  });

  test("that break off change nothing", async () => {
    await put("a", "before");
    const url = await getSignedUrl(client, new PutObjectCommand({ Bucket, Key: "a" }));
    const sending = request(url, { method: "PUT", headers: { "content-length": 2_000_000 } });
    const gone = once(sending, "error");
    await new Promise((resolve) => {
      sending.write(randomBytes(1_000_000), resolve);
    });
    expect(await readText("a")).toBe("before");
    sending.destroy();
    await gone;
    expect(await readText("a")).toBe("before");
  });

  test("do not disturb a running download", async () => {
    const bytes = randomBytes(8_000_000);
    await put("a", bytes);
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: "a" }));
    await put("a", "after");
    if (!(Body instanceof Readable)) throw new TypeError("no stream");
    expect(bytes.equals(await buffer(Body))).toBe(true);
    expect(await readText("a")).toBe("after");
  });

  test("in parts can be aborted", async () => {
    const target = { Bucket, Key: "a" };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(target));
    const part = { ...target, UploadId, PartNumber: 1, Body: "part" };
    await client.send(new UploadPartCommand(part));
    await client.send(new AbortMultipartUploadCommand({ ...target, UploadId }));
    expect(await judge(client.send(new UploadPartCommand(part)))).toBe("404 NoSuchUpload");
    expect(await listKeys()).toEqual([]);
  });
});

describe("conditional writes", () => {
  test("with If-None-Match make an object once", async () => {
    expect(await judge(write("first", { IfNoneMatch: "*" }))).toBe("ok");
    expect(await judge(write("second", { IfNoneMatch: "*" }))).toBe("412 PreconditionFailed");
    expect(await readText("a")).toBe("first");
  });

  test("with If-None-Match have one winner among simultaneous ones", async () => {
    const bodies = Array.from({ length: 25 }, (_, index) => `body ${index}`);
    const calls = bodies.map(async (body) => write(body, { IfNoneMatch: "*" }));
    const winner = Promise.any(calls.map(async (call, index) => call.then(() => bodies[index])));
    expect(await countVerdicts(calls)).toEqual({ ok: 1, "412 PreconditionFailed": 24 });
    expect(await readText("a")).toBe(await winner);
  });

  test("with If-Match change what the caller saw", async () => {
    const { ETag = "" } = await put("a", "first");
    expect(await judge(write("second", { IfMatch: ETag }))).toBe("ok");
    expect(await judge(write("third", { IfMatch: ETag }))).toBe("412 PreconditionFailed");
    expect(await readText("a")).toBe("second");
  });

  test("with If-Match have one winner among simultaneous ones", async () => {
    const { ETag = "" } = await put("a", "first");
    const calls = Array.from({ length: 25 }, async (_, index) => write(`${index}`, { IfMatch: ETag }));
    expect(await countVerdicts(calls)).toEqual({ ok: 1, "412 PreconditionFailed": 24 });
  });

  test("with If-Match fail for an object that does not exist", async () => {
    expect(await judge(write("first", { IfMatch: '"0"' }))).toBe("404 NoSuchKey");
    expect(await listKeys()).toEqual([]);
  });

  test("hold for uploads in parts", async () => {
    await put("a", "first");
    const params = { Bucket, Key: "a", Body: randomBytes(6_000_000), IfNoneMatch: "*" };
    expect(await judge(new Upload({ client, params }).done())).toBe("412 PreconditionFailed");
    expect(await readText("a")).toBe("first");
  });

  test("hold for deletions", async () => {
    const { ETag } = await put("a", "first");
    const erase = { Bucket, Key: "a", IfMatch: ETag };
    const stale = { ...erase, IfMatch: '"0"' };
    expect(await judge(client.send(new DeleteObjectCommand(stale)))).toBe("412 PreconditionFailed");
    expect(await judge(client.send(new DeleteObjectCommand(erase)))).toBe("ok");
    expect(await listKeys()).toEqual([]);
  });
});
