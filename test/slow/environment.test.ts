import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createFunction, installClient, type LocalFunction } from "../../local/lambda/lambda-function.ts";

beforeAll(() => installClient());

/** Starts a function whose handler has this body. The function stops with the test. */
async function openFunction(body: string, timeoutMs = 30_000): Promise<LocalFunction> {
  const folder = await mkdtemp(join(tmpdir(), "offer-export-function-"));
  await writeFile(join(folder, "bundle.mjs"), `export async function handler(event, context) { ${body} }`);
  const opened = createFunction({
    name: "tested",
    folder,
    memoryMb: 512,
    timeoutMs,
    env: { OWN: "variable" },
  });
  onTestFinished(async () => {
    await opened.stop();
    await rm(folder, { recursive: true });
  });
  return opened;
}

describe("a function in AWS's runtime", () => {
  it("gets the event, the context of the invocation and its own variables only", async () => {
    const { invoke } = await openFunction(`
      const { awsRequestId, functionName, memoryLimitInMB } = context;
      const isCounting = context.getRemainingTimeInMillis() <= 30_000;
      return { event, awsRequestId, functionName, memoryLimitInMB, isCounting, own: process.env.OWN, home: process.env.HOME };
    `);
    expect(JSON.parse(await invoke(`{"é":1}`, "request-1"))).toEqual({
      event: { é: 1 },
      awsRequestId: "request-1",
      functionName: "tested",
      memoryLimitInMB: "512",
      isCounting: true,
      own: "variable",
    });
  });

  it("keeps its environment for the next invocation, and takes a second one for two at once", async () => {
    const { invoke, invocations } = await openFunction(`
      globalThis.count = (globalThis.count ?? 0) + 1;
      await new Promise((resolve) => setTimeout(resolve, event.ms));
      return globalThis.count;
    `);
    expect([await invoke(`{"ms":0}`, "1"), await invoke(`{"ms":0}`, "2")]).toEqual(["1", "2"]);
    const counts = await Promise.all([invoke(`{"ms":200}`, "3"), invoke(`{"ms":200}`, "4")]);
    expect(counts).toEqual(["3", "1"]);
    expect(invocations.map(({ isCold }) => isCold).filter(Boolean)).toHaveLength(2);
  });

  it("throws what its handler throws, by name and message", async () => {
    const { invoke } = await openFunction(`throw new TypeError("no such thing");`);
    await expect(invoke("{}", "1")).rejects.toMatchObject({ name: "TypeError", message: "no such thing" });
  });

  it("throws when its process ends, and when its time is over", async () => {
    const dying = await openFunction(`process.exit(1);`);
    await expect(dying.invoke("{}", "1")).rejects.toThrow("the process of tested ended");
    const hanging = await openFunction(`await new Promise((resolve) => setTimeout(resolve, 60_000));`, 2_000);
    await expect(hanging.invoke("{}", "1")).rejects.toThrow("the process of tested ended");
  });
});
