import { createServer, type RequestListener } from "node:http";
import { pipeline } from "node:stream/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { openBucket } from "../../../functions/adapters/bucket/bucket.ts";
import { uploadObject } from "../../../functions/adapters/bucket/multipart-upload.ts";
import { listen } from "../../../local/loopback-server.ts";
import { openSilentServer } from "../../support/unreliable-servers.ts";
import { openTestBucket } from "../../support/test-stack.ts";

const headers = { contentType: "text/plain" };
const brief = { connectionMs: 200, requestMs: 200 };

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
  it("gives back what was written, and null for what was not", async () => {
    const bucket = openBucket(await openTestBucket());
    await bucket.writeJson("exports/one.json", { one: 1 });
    expect(await bucket.readJson("exports/one.json", z.unknown())).toEqual({ one: 1 });
    expect(await bucket.listKeys("exports/")).toEqual(["exports/one.json"]);
    expect(await bucket.readBytes("exports/two.json")).toBe(null);
    expect(await bucket.exists("exports/two.json")).toBe(false);
  });

  it("removes all that stands under a prefix, however many a listing shows", async () => {
    const keys = new Set(Array.from({ length: 2_300 }, (_, index) => `snapshots/one/part-${index}`));
    const bucket = await openBucketAt(
      await openServer(({ method, url = "" }, response) => {
        const { pathname } = new URL(url, "http://s3");
        if (method === "DELETE") keys.delete(pathname.replace("/tests/", ""));
        const listed = [...keys].slice(0, 1_000).map((key) => `<Contents><Key>${key}</Key></Contents>`);
        response.end(method === "GET" ? `<ListBucketResult>${listed.join("")}</ListBucketResult>` : "");
      }),
    );
    await bucket.removeAll("snapshots/one/");
    expect(keys.size).toBe(0);
  });

  it("gives up on a server that goes silent", async () => {
    const bucket = await openBucketAt(await openSilentServer());
    await expect(bucket.readBytes("key")).rejects.toMatchObject(outage);
    await expect(bucket.writeBytes("key", "text", headers)).rejects.toMatchObject(outage);
    const upload = uploadObject(bucket, { key: "key", headers }, async (sink) => void sink.end("text"));
    await expect(upload).rejects.toMatchObject(outage);
  });

  it("gives up on an object that stops in its midst", async () => {
    const bucket = await openBucketAt(
      await openServer((_request, response) => {
        response.writeHead(200, { "content-length": "100" }).write("a part of it");
      }),
    );
    await expect(bucket.readBytes("key")).rejects.toMatchObject(outage);
  });

  it("tells of every failure of the storage what to do, and keeps the cause", async () => {
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

  it("leaves the failure of what is uploaded as it is, and no object", async () => {
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
