import { PassThrough, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { drainSink, fillSink } from "../../../functions/adapters/spreadsheet/output-stream.ts";

const forever = () => new Promise<never>(() => {});

function openStalledSink(): Writable {
  return new Writable({ highWaterMark: 1, write: () => {} });
}

describe("fillSink", () => {
  it("resolves when the sink has finished, even before anybody reads it", async () => {
    const sink = new PassThrough();
    await fillSink(sink, async () => {
      sink.end("all");
    });
    expect(sink.writableFinished).toBe(true);
    expect(await text(sink)).toBe("all");
  });

  it("rejects when the sink fails, even if the filling never settles", async () => {
    const sink = openStalledSink();
    const filling = fillSink(sink, forever);
    sink.destroy(new Error("the disk is full"));
    await expect(filling).rejects.toThrow("the disk is full");
  });

  it("rejects when the sink is destroyed without an error", async () => {
    const sink = openStalledSink();
    const filling = fillSink(sink, forever);
    sink.destroy();
    await expect(filling).rejects.toMatchObject({ code: "ERR_STREAM_PREMATURE_CLOSE" });
  });

  it("rejects when the sink was destroyed before", async () => {
    const sink = openStalledSink();
    sink.destroy();
    await expect(fillSink(sink, forever)).rejects.toMatchObject({ code: "ERR_STREAM_PREMATURE_CLOSE" });
  });

  it("tells the filling that the sink has failed", async () => {
    const sink = openStalledSink();
    const { promise: told, resolve } = Promise.withResolvers<unknown>();
    const filling = fillSink(sink, async (failed) => {
      failed.addEventListener("abort", () => resolve(failed.reason));
      await forever();
    });
    const error = new Error("the disk is full");
    sink.destroy(error);
    await expect(filling).rejects.toBe(error);
    expect(await told).toBe(error);
  });

  it("destroys the sink with the error of the filling", async () => {
    const sink = openStalledSink();
    const error = new Error("the snapshot is cut");
    await expect(fillSink(sink, () => Promise.reject(error))).rejects.toBe(error);
    expect(sink.errored).toBe(error);
  });
});

describe("drain", () => {
  it("returns at once while the stream takes more", async () => {
    await expect(drainSink(new PassThrough(), new AbortController().signal)).resolves.toBeUndefined();
  });

  it("ends with the signal when the stream never drains", async () => {
    const sink = openStalledSink();
    sink.write("full");
    const failed = new AbortController();
    const draining = drainSink(sink, failed.signal);
    failed.abort();
    await expect(draining).rejects.toMatchObject({ name: "AbortError" });
  });
});
