import { createServer, type RequestListener } from "node:http";
import { pipeline } from "node:stream/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { openBucket } from "../../../functions/adapters/bucket/bucket.ts";
import { uploadObject } from "../../../functions/adapters/bucket/multipart-upload.ts";
import { listen } from "../../../local/loopback-server.ts";
import { openSilentServer } from "../../support/unreliable-servers.ts";
import { openTestBucket } from "../../support/test-stack.ts";
import { openVirtualBucket } from "../../support/virtual-stack.ts";

const headers = { contentType: "text/plain" };
const brief = { timeouts: { connectionMs: 200, requestMs: 200 } };

function openServer(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  onTestFinished(() => void server.close());
  return listen(server, 0);
}

async function openBucketAt(endpoint: string) {
  const credentials = { accessKeyId: "AKIDOFTHETESTS", secretAccessKey: "secret-key-of-the-tests" };
  return openBucket({ name: "tests", region: "eu-central-1", endpoint, credentials }, brief);
}

const outage = { name: "ExportError", kind: "storage", code: "storage_failed" };

describe("a bucket", () => {
  it("returns the stored value, and null for a missing key", async () => {
    const bucket = openBucket(await openTestBucket());
    await bucket.writeJson("exports/one.json", { one: 1 });
    expect(await bucket.readJson("exports/one.json", z.unknown())).toEqual({ one: 1 });
    expect(await bucket.listKeys("exports/")).toEqual(["exports/one.json"]);
    expect(await bucket.readBytes("exports/two.json")).toBe(null);
    expect(await bucket.exists("exports/two.json")).toBe(false);
  });

  it("removes all objects under a prefix, even if a listing needs several pages", async () => {
    const bucket = openBucket(await openVirtualBucket());
    const keys = Array.from({ length: 2_300 }, (_, index) => `snapshots/one/part-${index}`);
    for (const key of [...keys, "snapshots/two"]) await bucket.writeBytes(key, "", headers);
    expect(await bucket.listKeys("snapshots/one/")).toHaveLength(1_000);
    await bucket.removeAll("snapshots/one/");
    expect(await bucket.listKeys("")).toEqual(["snapshots/two"]);
  });

  it("gives up on a server that goes silent", async () => {
    const bucket = await openBucketAt(await openSilentServer());
    await expect(bucket.readBytes("key")).rejects.toMatchObject(outage);
    await expect(bucket.writeBytes("key", "text", headers)).rejects.toMatchObject(outage);
    const upload = uploadObject(bucket, { key: "key", headers }, async (sink) => void sink.end("text"));
    await expect(upload).rejects.toMatchObject(outage);
  });

  it("gives up on an object whose bytes stop halfway", async () => {
    const bucket = await openBucketAt(
      await openServer((_request, response) => {
        response.writeHead(200, { "content-length": "100" }).write("a part of it");
      }),
    );
    await expect(bucket.readBytes("key")).rejects.toMatchObject(outage);
  });

  it("says what to do about each failure of the storage, and keeps the cause", async () => {
    const place = await openTestBucket();
    const { accessKeyId } = place.credentials ?? { accessKeyId: "" };
    const broken = [
      openBucket({ ...place, name: "no-such-bucket" }),
      openBucket({ ...place, credentials: { accessKeyId, secretAccessKey: "wrong" } }),
      await openBucketAt(await openServer((_request, response) => void response.writeHead(503).end())),
    ];
    for (const bucket of broken) {
      for (const ask of [
        () => bucket.readBytes("key"),
        () => bucket.writeBytes("key", "text", headers),
        () => bucket.listKeys("exports/"),
        () => uploadObject(bucket, { key: "key", headers }, async (sink) => void sink.end("text")),
      ]) {
        await expect(ask()).rejects.toMatchObject({
          ...outage,
          cause: expect.any(Error),
          message: expect.stringContaining("check that the bucket exists"),
        });
      }
    }
  });

  it("rejects with the error of the uploaded stream, and stores no object", async () => {
    const bucket = openBucket(await openTestBucket());
    const fault = new Error("the snapshot is cut");
    const upload = uploadObject(bucket, { key: "files/cut", headers }, (sink) =>
      pipeline(async function* fail() {
        yield "text";
        throw fault;
      }, sink),
    );
    await expect(upload).rejects.toBe(fault);
    expect(await bucket.exists("files/cut")).toBe(false);
  });
});
