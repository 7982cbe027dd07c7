import { describe, expect, it } from "vitest";
import { noProgress } from "../../../functions/core/basics/stored-values.ts";
import { openRateLimit } from "../../../functions/core/rate-limit/rate-limit.ts";
import {
  chooseNextAction,
  type CrawlRegistry,
  emptyRegistry,
  endLease,
  findLease,
} from "../../../functions/core/snapshot/crawl-registry.ts";
import {
  recordHeartbeat,
  renewLease,
  returnLookupBudget,
  takeLookupBudget,
} from "../../../functions/core/snapshot/lease-fencing.ts";

const at = (seconds: number) => new Date(Date.parse("2026-11-22T12:00:00Z") + seconds * 1000);
const limit = openRateLimit({ windowMs: 60_000, reserve: 0 });
const progress = { ...noProgress, pages: 24, offers: 350 };
const want = { id: "b", evidence: false, isFull: false, notBefore: at(0).toISOString(), joinedId: null };

function bid(id: string, window = 1, seconds = 0) {
  return { id, window, waitedSeconds: 0, progress, now: at(seconds) };
}

function readNames(id: string, registry = emptyRegistry): CrawlRegistry {
  return takeLookupBudget(registry, bid(id)).after ?? registry;
}

function crawl(id: string): CrawlRegistry {
  return chooseNextAction(emptyRegistry, { ...want, id }, at(0)).after ?? emptyRegistry;
}

describe("the budget for a window of names", () => {
  it("is granted while nobody uses it, with the limit that the last requests learnt", () => {
    const { answer, after } = takeLookupBudget({ ...emptyRegistry, limit }, bid("a"));
    expect(answer).toEqual({ kind: "granted", isRepeated: false, limit });
    expect(after?.lease).toMatchObject({
      holderId: "a",
      reads: "names",
      evidence: false,
      window: 1,
      progress,
    });
  });

  it("is recognised when it is granted for the same window again", () => {
    expect(takeLookupBudget(readNames("a"), bid("a")).answer).toMatchObject({ isRepeated: true });
    expect(takeLookupBudget(readNames("a"), bid("a", 2)).answer).toMatchObject({ isRepeated: false });
  });

  it.each([
    ["crawls", crawl("a")],
    ["reads names", readNames("a")],
  ])(
    "is waited for while another export %s, as long as that export shows signs of life",
    (_title, registry) => {
      expect(takeLookupBudget(registry, bid("b", 1, 80))).toEqual({
        answer: { kind: "wait", seconds: 10, freeAt: null },
        after: null,
      });
      expect(takeLookupBudget(registry, bid("b", 1, 240))).toMatchObject({
        answer: { kind: "granted", isRepeated: false },
        after: { lease: { holderId: "b", reads: "names" } },
      });
    },
  );

  it("is checked less often the longer the wait", () => {
    const polls = [0, 8, 80, 3_500].map((waitedSeconds) => {
      const { answer } = takeLookupBudget(readNames("a"), { ...bid("b", 1, 1), waitedSeconds });
      return answer.kind === "wait" ? answer.seconds : null;
    });
    expect(polls).toEqual([1, 1, 10, 120]);
  });

  it("is checked fewer than a hundred times in an hour of waiting, however many exports come first", () => {
    let waitedSeconds = 0;
    let looks = 0;
    for (; waitedSeconds < 3_600; looks += 1) {
      const { answer } = takeLookupBudget(readNames("a"), { ...bid("b"), waitedSeconds });
      waitedSeconds += answer.kind === "wait" ? answer.seconds : Infinity;
    }
    expect(looks).toBeLessThan(100);
  });

  it("is returned without the last stated limit when the last requests are unknown", () => {
    const told = { remaining: 9, sinceMs: 1, atMs: 1 };
    const registry = { ...readNames("a"), limit: { ...limit, told } };
    expect(returnLookupBudget(registry, "a", null)?.limit?.told).toBe(null);
    expect(returnLookupBudget(registry, "a", { ...limit, told })?.limit?.told).toEqual(told);
  });

  it("is free again when it is returned, and fails no export", () => {
    const free = returnLookupBudget(readNames("a"), "a", limit);
    expect(free).toMatchObject({ lease: null, failed: null, limit });
    expect(returnLookupBudget({ ...readNames("a"), limit }, "a", null)).toMatchObject({ lease: null, limit });
    expect(returnLookupBudget(readNames("a"), "a", null)?.limit).toBeNull();
    expect(endLease(readNames("a"), { code: "portal_failed", detail: "No." })).toEqual(emptyRegistry);
  });

  it("can be returned only by its holder, and not during a crawl", () => {
    expect(returnLookupBudget(readNames("a"), "b", limit)).toBe(null);
    expect(returnLookupBudget(crawl("a"), "a", limit)).toBe(null);
  });
});

describe("an export that wants a crawl while another reads names", () => {
  it("waits without a snapshot, and learns when the names should be complete", () => {
    const estimatedFinishAt = at(600).toISOString();
    const told = { reads: "names" as const, progress: { ...progress, estimatedFinishAt }, limit, now: at(1) };
    const { after } = renewLease(readNames("a"), "a", told);
    expect(chooseNextAction(after ?? emptyRegistry, want, at(40))).toEqual({
      answer: {
        kind: "wait",
        snapshotId: null,
        seconds: 5,
        progress: { ...noProgress, waitingUntil: estimatedFinishAt },
      },
      after: null,
    });
  });

  it("crawls once the other is silent", () => {
    expect(chooseNextAction(readNames("a"), want, at(240)).answer.kind).toBe("crawl");
  });
});

describe("a lease of names", () => {
  it("does not belong to a crawl, so no crawl continues or ends it", () => {
    const registry = readNames("a");
    expect(findLease(registry, "a")).toBe(null);
    expect(renewLease(registry, "a", { reads: "offers", progress, limit, now: at(1) }).answer).toBe(false);
  });

  it("is renewed only by its holder", () => {
    expect(recordHeartbeat(readNames("a"), "a", at(60)).after?.lease).toMatchObject({
      aliveUntil: at(300).toISOString(),
    });
    expect(recordHeartbeat(readNames("a"), "b", at(60)).after).toBe(null);
    expect(recordHeartbeat(emptyRegistry, "a", at(60)).after).toBe(null);
  });

  it("is not written again when a heartbeat does not extend it", () => {
    expect(recordHeartbeat(readNames("a"), "a", at(0)).after).toBe(null);
  });
});
