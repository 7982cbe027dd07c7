import { describe, expect, it, onTestFinished } from "vitest";
import { postWebhook } from "../../functions/adapters/webhook/webhook-client.ts";
import { describeExportEvent } from "../../functions/core/delivery/webhook-event.ts";
import { makeSucceededExport } from "../support/webhook-fixtures.ts";
import { openFaultSource } from "./fault-source.ts";
import { openHistoryTrace } from "./history-trace.ts";
import { openSimulatedProcess } from "./simulated-process.ts";
import { openSimulatedReceivers, type ReceiverFault, type ReceiverSettings } from "./simulated-receivers.ts";
import { openVirtualClock } from "./virtual-clock.ts";
import { installVirtualGlobals } from "./virtual-globals.ts";

const startMs = Date.UTC(2026, 1, 1, 6);
const secret = `whsec_${Buffer.alloc(32, "s").toString("base64")}`;
const other = `whsec_${Buffer.alloc(32, "o").toString("base64")}`;
const event = describeExportEvent(makeSucceededExport());

function openHooks(changes: Partial<ReceiverSettings> = {}, seed = "seed") {
  const clock = openVirtualClock(startMs);
  // The receiver's library compares the signature's time with the date.
  onTestFinished(installVirtualGlobals(clock, seed));
  const trace = openHistoryTrace(clock.now);
  const faults = openFaultSource(seed);
  const receivers = openSimulatedReceivers({
    clock,
    faults,
    trace,
    rates: {},
    secrets: [secret],
    ...changes,
  });
  const process = openSimulatedProcess("export", seed, clock);
  const options = {
    secrets: [secret],
    now: process.clock.now,
    timer: process.clock.system,
    send: receivers.serve(process),
  };
  const hook = { id: "0123456789ab", url: "https://hooks.example/a-key" };
  const post = (more = {}) => postWebhook(hook, event, { ...options, ...more });
  return { clock, trace, receivers, process, post };
}

const everyTime = (fault: ReceiverFault) => ({ rates: { [fault]: 1000 } });

describe("a simulated receiver", () => {
  it("takes an event, and keeps the request with its time and id", async () => {
    const { clock, receivers, post } = openHooks();
    expect(await clock.complete(post())).toEqual({ kind: "sent", messageId: null });
    const [webhook] = receivers.received;
    expect(webhook).toMatchObject({
      id: `${event.data.id}-0123456789ab`,
      receiver: "https://hooks.example/a-key",
      sender: "export",
      status: 204,
      restUntilMs: null,
      isSigned: true,
      body: JSON.stringify(event),
    });
    expect(webhook?.atMs).toBeGreaterThan(startMs);
  });

  it("checks the signatures of a sample", async () => {
    const { clock, receivers, post } = openHooks({ checkEvery: 2 });
    for (const secrets of [[secret], [secret], [other], [other, secret]])
      await clock.complete(post({ secrets }));
    await clock.complete(post({ now: () => clock.now() - 600_000 }));
    expect(receivers.received.map(({ isSigned }) => isSigned)).toEqual([true, null, false, null, false]);
  });

  it.each<[ReceiverFault, received: number, reason: string]>([
    ["unknown", 0, "could not be reached (ENOTFOUND)"],
    ["unreachable", 0, "could not be reached (ECONNREFUSED)"],
    ["reset", 0, "could not be reached (ECONNRESET)"],
    ["unanswered", 1, "could not be reached (ECONNRESET)"],
    ["slow", 1, "no answer within 10 seconds"],
    ["redirected", 1, "answered 302"],
    ["failed", 1, "answered 500"],
  ])("that is %s has taken %d events, which are sent again", async (fault, count, reason) => {
    const { clock, receivers, post } = openHooks(everyTime(fault));
    const outcome = await clock.complete(post());
    expect(outcome).toMatchObject({
      kind: "lost",
      reason: expect.stringContaining(reason),
      retryAfterMs: null,
    });
    expect(receivers.received).toHaveLength(count);
  });

  it.each<[ReceiverFault, status: number]>([
    ["refused", 400],
    ["gone", 410],
  ])("that is %s gets nothing more", async (fault, status) => {
    const { clock, receivers, post } = openHooks(everyTime(fault));
    const reason = `The receiver answered ${status}.`;
    expect(await clock.complete(post())).toEqual({ kind: "refused", reason });
    expect(receivers.received).toMatchObject([{ status }]);
  });

  it.each<[ReceiverFault, status: number, minMs: number]>([
    ["paused", 429, 0],
    ["paused until", 503, 0],
    ["paused for long", 503, 3 * 3_600_000],
  ])("that is %s asks for a pause, which the service never ends early", async (fault, status, minMs) => {
    const { clock, receivers, post } = openHooks(everyTime(fault));
    for (let number = 0; number < 50; number += 1) {
      const outcome = await clock.complete(post());
      const retryMs = clock.now() + ("retryAfterMs" in outcome ? (outcome.retryAfterMs ?? 0) : 0);
      const restUntilMs = receivers.received.at(-1)?.restUntilMs ?? Infinity;
      expect(retryMs).toBeGreaterThanOrEqual(restUntilMs);
      // The service may wait for as long as the answer was under way, and for the rest of a second.
      expect(retryMs - restUntilMs).toBeLessThan(3_001);
      expect(restUntilMs - clock.now()).toBeGreaterThan(minMs - 3_001);
    }
    expect(new Set(receivers.received.map((webhook) => webhook.status))).toEqual(new Set([status]));
  });

  it("takes an event although the sender's process has crashed, which does not have the answer", async () => {
    const { clock, receivers, process, post } = openHooks();
    let hasAnswer = false;
    void post().then(() => (hasAnswer = true));
    process.crash();
    await clock.advance();
    expect(hasAnswer).toBe(false);
    expect(receivers.received).toMatchObject([{ status: null, restUntilMs: null }]);
  });

  it("gives the same answers for the same seed", async () => {
    const run = async (seed: string) => {
      const rates = { unanswered: 200, paused: 200, "paused until": 200, slow: 100 };
      const { clock, trace, post } = openHooks({ rates }, seed);
      for (let number = 0; number < 20; number += 1) await clock.complete(post());
      return trace.digest();
    };
    expect(await run("one")).toBe(await run("one"));
    expect(await run("one")).not.toBe(await run("two"));
  });
});
