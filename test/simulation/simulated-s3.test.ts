import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { type FaultRates, openFaultSource } from "./fault-source.ts";
import { openHistoryTrace } from "./history-trace.ts";
import { openSimulatedProcess } from "./simulated-process.ts";
import { openSimulatedS3, type S3Fault } from "./simulated-s3.ts";
import { openVirtualClock } from "./virtual-clock.ts";

const dayMs = 24 * 3_600_000;
const at = (Key: string) => ({ Bucket: "reports", Key });
const put = (key: string, text: string, condition = {}) =>
  new PutObjectCommand({ ...at(key), Body: text, ...condition });

function openStorage(rates: FaultRates<S3Fault> = {}, startMs = Date.UTC(2026, 0, 1, 12)) {
  const clock = openVirtualClock(startMs);
  const trace = openHistoryTrace(clock.now);
  const s3 = openSimulatedS3({ clock, faults: openFaultSource("seed"), trace, rates });
  const open = (name: string) => {
    const client = new S3Client({ region: "eu-central-1" });
    const process = openSimulatedProcess(name, "seed", clock);
    s3.serve(client, process);
    return { client, process };
  };
  const { client, process } = open("one");
  const read = async (key: string) => {
    const { Body } = await clock.complete(client.send(new GetObjectCommand(at(key))));
    return Buffer.from((await Body?.transformToByteArray()) ?? []).toString();
  };
  return { clock, trace, s3, open, client, process, read };
}

const refusal = (httpStatusCode: number, name: string) => ({ name, $metadata: { httpStatusCode } });

describe("the simulated S3", () => {
  it("answers what was written last, and 404 for what is not there", async () => {
    const { clock, client, read } = openStorage();
    await clock.complete(client.send(put("a", "1")));
    const { ETag } = await clock.complete(client.send(put("a", "2")));
    expect(await read("a")).toBe("2");
    // The MD5 of the bytes, as for every object that was written at once.
    expect(ETag).toBe('"c81e728d9d4c2f636f067f89cc14862c"');
    await clock.complete(client.send(new DeleteObjectCommand(at("a"))));
    await expect(read("a")).rejects.toMatchObject(refusal(404, "NoSuchKey"));
    const head = clock.complete(client.send(new HeadObjectCommand(at("a"))));
    await expect(head).rejects.toMatchObject(refusal(404, "NotFound"));
  });

  it("writes under a condition only if it holds", async () => {
    const { clock, client, read } = openStorage();
    const send = (command: PutObjectCommand) => clock.complete(client.send(command));
    await expect(send(put("a", "0", { IfMatch: '"x"' }))).rejects.toMatchObject(refusal(404, "NoSuchKey"));
    const { ETag } = await send(put("a", "1", { IfNoneMatch: "*" }));
    const unmet = refusal(412, "PreconditionFailed");
    await expect(send(put("a", "2", { IfNoneMatch: "*" }))).rejects.toMatchObject(unmet);
    await send(put("a", "3", { IfMatch: ETag }));
    await expect(send(put("a", "4", { IfMatch: ETag }))).rejects.toMatchObject(unmet);
    expect(await read("a")).toBe("3");
  });

  it("accepts one of several conditional writes, and answers 412 or 409 to the others", async () => {
    const { clock, open } = openStorage();
    const writes = Array.from({ length: 40 }, (_, index) =>
      open(`writer-${index}`)
        .client.send(put("a", `${index}`, { IfNoneMatch: "*" }))
        .then(
          () => "won",
          ({ name }: Error) => name,
        ),
    );
    const outcomes = await clock.complete(Promise.all(writes));
    expect(outcomes.filter((outcome) => outcome === "won")).toHaveLength(1);
    expect(new Set(outcomes)).toEqual(new Set(["won", "PreconditionFailed", "ConditionalRequestConflict"]));
  });

  it("lists keys in order, a page at a time", async () => {
    const { clock, client } = openStorage();
    for (const key of ["b/2", "a/1", "b/10", "b/1", "c"]) await clock.complete(client.send(put(key, "")));
    const list = async (input: object) => {
      const command = new ListObjectsV2Command({ Bucket: "reports", ...input });
      const { Contents = [], IsTruncated } = await clock.complete(client.send(command));
      return [Contents.map(({ Key }) => Key), IsTruncated];
    };
    expect(await list({ Prefix: "b/" })).toEqual([["b/1", "b/10", "b/2"], false]);
    expect(await list({ Prefix: "b/", MaxKeys: 2 })).toEqual([["b/1", "b/10"], true]);
    expect(await list({ Prefix: "b/", StartAfter: "b/10" })).toEqual([["b/2"], false]);
  });

  it("shows an upload in parts only when it is complete", async () => {
    const { clock, client, s3 } = openStorage();
    const send = clock.complete;
    const key = at("file");
    const { UploadId = "" } = await send(client.send(new CreateMultipartUploadCommand(key)));
    const bodies = [Buffer.alloc(5 * 1024 * 1024, "a"), Buffer.from("b")];
    const Parts: CompletedPart[] = [];
    for (const [index, Body] of bodies.entries()) {
      const part = new UploadPartCommand({ ...key, UploadId, PartNumber: index + 1, Body });
      const { ETag } = await send(client.send(part));
      Parts.push({ PartNumber: index + 1, ETag });
    }
    expect(s3.objects.find("file")).toBe(null);
    const complete = (parts: CompletedPart[]) =>
      send(
        client.send(
          new CompleteMultipartUploadCommand({ ...key, UploadId, MultipartUpload: { Parts: parts } }),
        ),
      );
    await expect(complete(Parts.toReversed())).rejects.toMatchObject(refusal(400, "InvalidPartOrder"));
    await complete(Parts);
    expect(Buffer.concat(bodies).equals(s3.objects.find("file")?.body ?? new Uint8Array())).toBe(true);
    expect(s3.objects.find("file")?.etag).toMatch(/^"[0-9a-f]{32}-2"$/);
    const abort = client.send(new AbortMultipartUploadCommand({ ...key, UploadId }));
    await expect(send(abort)).rejects.toMatchObject(refusal(404, "NoSuchUpload"));
  });

  it("removes what its lifecycle's rules name, at midnight", async () => {
    const { clock, client, s3 } = openStorage();
    for (const key of ["files/a", "exports/a"]) await clock.complete(client.send(put(key, "")));
    await clock.complete(client.send(new CreateMultipartUploadCommand(at("files/b"))));
    const rules = [{ prefix: "files/", days: 7 }];
    await clock.advance(Date.UTC(2026, 0, 9) - 1);
    expect(s3.objects.expire(rules, 100)).toEqual([]);
    await clock.advance(Date.UTC(2026, 0, 9));
    expect(s3.objects.expire(rules, 1)).toEqual(["files/a"]);
    expect([s3.objects.listKeys(), s3.objects.openUploads()]).toEqual([["exports/a"], []]);
    await clock.advance(clock.now() + 400 * dayMs);
    expect(s3.objects.listKeys()).toEqual(["exports/a"]);
  });
});

describe("a request to the simulated S3 that goes wrong", () => {
  const everyTime = (fault: S3Fault) => ({ [fault]: 1000 });

  it.each([
    ["unsent", "ECONNRESET"],
    ["busy", "SlowDown"],
    ["failed", "InternalError"],
  ] as const)("changes nothing when it is %s", async (fault, message) => {
    const { clock, client, s3, trace } = openStorage(everyTime(fault));
    await expect(clock.complete(client.send(put("a", "1")))).rejects.toThrow(message);
    expect(s3.objects.find("a")).toBe(null);
    expect(trace.lines()).toHaveLength(3);
  });

  it.each([
    ["unanswered", "ECONNRESET"],
    ["done and failed", "InternalError"],
  ] as const)("takes effect when it is %s", async (fault, message) => {
    const { clock, client, s3 } = openStorage(everyTime(fault));
    await expect(clock.complete(client.send(put("a", "1")))).rejects.toThrow(message);
    expect(s3.objects.find("a")).not.toBe(null);
  });

  it("is refused because of its own first attempt when the first answer was lost", async () => {
    const { clock, client, trace } = openStorage({ unanswered: 500 });
    const write = (key: string) => client.send(put(key, "1", { IfNoneMatch: "*" })).catch(() => undefined);
    for (let number = 0; number < 20; number += 1) await clock.complete(write(`${number}`));
    const refused = trace.lines().filter((line) => line.includes("412 PreconditionFailed"));
    expect(refused.length).toBeGreaterThan(0);
  });

  it("takes effect after the client has given up when it is late", async () => {
    const { clock, client, s3 } = openStorage(everyTime("late"));
    await expect(clock.complete(client.send(put("a", "1")))).rejects.toMatchObject({ name: "TimeoutError" });
    const givenUpMs = clock.now();
    await clock.advance();
    expect(s3.objects.find("a")?.modifiedMs).toBeGreaterThan(givenUpMs);
  });

  it("takes effect late, but before the client gives up, when it is slow", async () => {
    const { clock, s3, client } = openStorage({ slow: 1000 });
    const startMs = clock.now();
    let storedMs = 0;
    s3.watch(() => (storedMs = clock.now()));
    for (let tries = 0; tries < 20; tries += 1) await clock.complete(client.send(put("a", "1")));
    expect(storedMs - startMs).toBeGreaterThan(20_000);
    expect(clock.now() - startMs).toBeLessThan(20 * 30_000);
  });

  it("gives an object whose bytes cannot be read when it is cut", async () => {
    const { clock, client, read } = openStorage(everyTime("cut"));
    await clock.complete(client.send(put("a", "1")));
    await expect(read("a")).rejects.toThrow("aborted");
  });

  it("takes effect although its process has crashed", async () => {
    const { clock, client, process, s3 } = openStorage();
    let hasAnswer = false;
    void client.send(put("a", "1")).then(() => (hasAnswer = true));
    process.crash();
    await clock.advance();
    expect([hasAnswer, s3.objects.find("a") !== null]).toEqual([false, true]);
  });
});
