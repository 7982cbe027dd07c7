import { createHash } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { describe, expect, it } from "vitest";
import { openTestBucket } from "./test-stack.ts";
import { openVirtualBucket } from "./virtual-stack.ts";
import { findWorld } from "./virtual-world.ts";

// The same requests to both buckets of the tests: to the S3 server of the local stack, over a connection, and to the
// simulated S3. So the tests that use the simulated S3 hold for the server too.

const md5 = (bytes: Uint8Array | string) => createHash("md5").update(bytes).digest("hex");
const partBytes = 5 * 1024 * 1024;

/** Opens a bucket, and returns the requests to it. A refused request returns the error's name and status. */
async function openClient(openBucket: typeof openTestBucket) {
  const { name: Bucket, region, endpoint, credentials } = await openBucket();
  const client = new S3Client({
    region,
    endpoint: endpoint ?? "",
    forcePathStyle: true,
    ...(credentials !== null && { credentials }),
  });
  const settle = <T extends object>(request: Promise<T>) =>
    request.catch((error: unknown) => {
      if (!(error instanceof S3ServiceException)) throw error;
      return { refused: [error.name, error.$metadata.httpStatusCode] };
    });
  const at = (Key: string) => ({ Bucket, Key });
  return {
    put: (key: string, Body: string, more: object = {}) =>
      settle(client.send(new PutObjectCommand({ ...at(key), Body, ...more }))),
    get: async (key: string) => {
      const object = await settle(client.send(new GetObjectCommand(at(key))));
      if (!("Body" in object)) return object;
      const bytes = (await object.Body?.transformToByteArray()) ?? new Uint8Array();
      return { ...object, text: Buffer.from(bytes).toString() };
    },
    head: (key: string) => settle(client.send(new HeadObjectCommand(at(key)))),
    remove: (key: string) => settle(client.send(new DeleteObjectCommand(at(key)))),
    list: async (more: object) => {
      const { Contents = [], IsTruncated } = await client.send(new ListObjectsV2Command({ Bucket, ...more }));
      return { keys: Contents.map(({ Key }) => Key), isTruncated: IsTruncated };
    },
    begin: async (key: string, more: object = {}) =>
      (await client.send(new CreateMultipartUploadCommand({ ...at(key), ...more }))).UploadId ?? "",
    part: async (key: string, UploadId: string, PartNumber: number, Body: Uint8Array) =>
      (await client.send(new UploadPartCommand({ ...at(key), UploadId, PartNumber, Body }))).ETag ?? "",
    complete: (key: string, UploadId: string, parts: [number, string][], more: object = {}) =>
      settle(
        client.send(
          new CompleteMultipartUploadCommand({
            ...at(key),
            UploadId,
            MultipartUpload: { Parts: parts.map(([PartNumber, ETag]) => ({ PartNumber, ETag })) },
            ...more,
          }),
        ),
      ),
    abort: (key: string, UploadId: string) =>
      settle(client.send(new AbortMultipartUploadCommand({ ...at(key), UploadId }))),
    sign: (key: string, seconds: number, signingDate = new Date()) =>
      getSignedUrl(client, new GetObjectCommand(at(key)), { expiresIn: seconds, signingDate }),
  };
}

const missing = { refused: ["NoSuchKey", 404] };
const unmet = { refused: ["PreconditionFailed", 412] };

describe.each([
  ["the local server", openTestBucket],
  ["the simulated S3", openVirtualBucket],
])("%s", (name, openBucket) => {
  it("is the bucket that this test is about", async () => {
    await openClient(openBucket);
    expect(findWorld() === null).toBe(name === "the local server");
  });

  it("returns an object as it was written, with its ETag and its headers", async () => {
    const { put, get, head } = await openClient(openBucket);
    const headers = { ContentType: "text/csv", ContentDisposition: 'attachment; filename="b c.csv"' };
    const written = await put("a/b c+e.csv", "text", headers);
    expect(written).toMatchObject({ ETag: `"${md5("text")}"` });
    const seen = { ETag: `"${md5("text")}"`, ContentLength: 4, ContentType: "text/csv" };
    expect(await get("a/b c+e.csv")).toMatchObject({ ...seen, text: "text" });
    expect(await head("a/b c+e.csv")).toMatchObject(seen);
    await put("a/b c+e.csv", "");
    expect(await get("a/b c+e.csv")).toMatchObject({ ETag: `"${md5("")}"`, text: "" });
  });

  it("refuses what it does not have, and removes it without an error", async () => {
    const { get, head, put, remove } = await openClient(openBucket);
    expect(await get("nowhere")).toEqual(missing);
    expect(await head("nowhere")).toEqual({ refused: ["NotFound", 404] });
    expect(await remove("nowhere")).not.toHaveProperty("refused");
    await put("here", "x");
    expect(await remove("here")).not.toHaveProperty("refused");
    expect(await get("here")).toEqual(missing);
  });

  it("keeps the conditions of writes", async () => {
    const { put, get } = await openClient(openBucket);
    expect(await put("key", "0", { IfMatch: `"${md5("0")}"` })).toEqual(missing);
    expect(await put("key", "1", { IfNoneMatch: "*" })).toMatchObject({ ETag: `"${md5("1")}"` });
    expect(await put("key", "2", { IfNoneMatch: "*" })).toEqual(unmet);
    expect(await put("key", "2", { IfMatch: `"${md5("0")}"` })).toEqual(unmet);
    expect(await put("key", "2", { IfMatch: `"${md5("1")}"` })).toMatchObject({ ETag: `"${md5("2")}"` });
    expect(await put("key", "3", { IfMatch: `"${md5("1")}"` })).toEqual(unmet);
    expect(await get("key")).toMatchObject({ text: "2" });
  });

  it("lets one of many conditional writes at the same time win", async () => {
    const { put, get } = await openClient(openBucket);
    for (const condition of [{ IfNoneMatch: "*" }, { IfMatch: `"${md5("first")}"` }]) {
      const texts = Array.from({ length: 8 }, (_, index) => `${index}`);
      const outcomes = await Promise.all(texts.map((text) => put("raced", text, condition)));
      const winners = texts.filter((_, index) => !("refused" in (outcomes[index] ?? {})));
      expect(winners).toHaveLength(1);
      expect(await get("raced")).toMatchObject({ text: winners[0] });
      await put("raced", "first");
    }
  });

  it("lists keys by prefix, in the order of their bytes, page by page", async () => {
    const { put, list } = await openClient(openBucket);
    const keys = ["a", "a-b/1", "a/B", "a/b/2", "a/b1", "a/b~", "b"];
    for (const key of keys.toReversed()) await put(key, key);
    expect(await list({ Prefix: "" })).toEqual({ keys, isTruncated: false });
    expect(await list({ Prefix: "a/b" })).toEqual({ keys: ["a/b/2", "a/b1", "a/b~"], isTruncated: false });
    expect(await list({ Prefix: "a/", MaxKeys: 2 })).toEqual({ keys: ["a/B", "a/b/2"], isTruncated: true });
    const rest = { keys: ["a/b1", "a/b~"], isTruncated: false };
    expect(await list({ Prefix: "a/", StartAfter: "a/b/2", MaxKeys: 2 })).toEqual(rest);
    expect(await list({ Prefix: "c" })).toEqual({ keys: [], isTruncated: false });
  });

  it("joins the parts of an upload, of which the last may be small", async () => {
    const { begin, part, complete, head, get, list } = await openClient(openBucket);
    const id = await begin("joined", { ContentType: "text/plain" });
    const [first, last] = [Buffer.alloc(partBytes, "a"), Buffer.from("end")];
    await part("joined", id, 1, Buffer.from("replaced by the next"));
    const tags: [number, string][] = [
      [1, await part("joined", id, 1, first)],
      [2, await part("joined", id, 2, last)],
    ];
    expect(tags.map(([, tag]) => tag)).toEqual([first, last].map((bytes) => `"${md5(bytes)}"`));
    expect(await list({ Prefix: "" })).toEqual({ keys: [], isTruncated: false });
    const joined = await complete("joined", id, tags);
    expect(joined).not.toHaveProperty("refused");
    const ETag = "ETag" in joined ? joined.ETag : "";
    // The local server hashes the whole object, and S3 hashes the hashes of the parts.
    const hash = md5(Buffer.from(md5(first) + md5(last), "hex"));
    expect(ETag).toMatch(name === "the simulated S3" ? `"${hash}-2"` : /^"[0-9a-f]{32}"$/);
    expect(await head("joined")).toMatchObject({
      ETag,
      ContentLength: partBytes + 3,
      ContentType: "text/plain",
    });
    expect(await get("joined")).toMatchObject({ text: `${"a".repeat(partBytes)}end` });
    expect(await complete("joined", id, tags)).toEqual({ refused: ["NoSuchUpload", 404] });
  });

  it("serves signed links until they expire, whole and in ranges, and no others", async () => {
    const { put, sign } = await openClient(openBucket);
    await put("file.csv", "0123456789", { ContentType: "text/csv", ContentDisposition: "attachment" });
    const url = await sign("file.csv", 60);
    const response = await fetch(url);
    expect(response.status).toBe(200);
    const { headers } = response;
    expect([headers.get("content-type"), headers.get("content-disposition")]).toEqual([
      "text/csv",
      "attachment",
    ]);
    expect([headers.get("etag"), headers.get("content-length")]).toEqual([`"${md5("0123456789")}"`, "10"]);
    expect(await response.text()).toBe("0123456789");
    const part = await fetch(url, { headers: { range: "bytes=2-4" } });
    expect([part.status, part.headers.get("content-range"), await part.text()]).toEqual([
      206,
      "bytes 2-4/10",
      "234",
    ]);
    const late = new Date(Date.now() - 120_000);
    const refused = [
      await fetch(url, { method: "HEAD" }),
      await fetch(url.replace("file", "other")),
      await fetch(url.replace(/(X-Amz-Signature=.)./, "$1-")),
      await fetch(url.split("?")[0] ?? ""),
      await fetch(await sign("file.csv", 60, late)),
    ];
    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
    expect((await fetch(await sign("file.csv", 180, late))).status).toBe(200);
    expect((await fetch(await sign("nowhere.csv", 60))).status).toBe(404);
  });
});

describe("the simulated S3", () => {
  // The local server does not check the parts.
  it("refuses to complete an upload of other parts, and keeps what was there", async () => {
    const { put, get, begin, part, complete, abort } = await openClient(openVirtualBucket);
    await put("kept", "before");
    const id = await begin("kept");
    const [one, two] = [
      await part("kept", id, 1, Buffer.from("1")),
      await part("kept", id, 2, Buffer.from("2")),
    ];
    const refusals = [
      await complete("kept", id, [[1, two]]),
      await complete("kept", id, [[3, one]]),
      await complete("kept", id, [
        [2, two],
        [1, one],
      ]),
      await complete("kept", id, [
        [1, one],
        [2, two],
      ]),
    ];
    expect(refusals).toEqual(
      ["InvalidPart", "InvalidPart", "InvalidPartOrder", "EntityTooSmall"].map((code) => ({
        refused: [code, 400],
      })),
    );
    expect(await abort("kept", id)).not.toHaveProperty("refused");
    expect(await complete("kept", id, [[1, one]])).toEqual({ refused: ["NoSuchUpload", 404] });
    expect(await get("kept")).toMatchObject({ text: "before" });
  });
});
