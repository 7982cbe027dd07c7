import { describe, expect, it } from "vitest";
import {
  addSnapshot,
  dropClaim,
  dropSnapshot,
  emptyRegistry,
  endLease,
  CrawlRegistry,
  recordRateLimit,
  chooseNextAction,
  type SnapshotRequest,
} from "../../../functions/core/snapshot/crawl-registry.ts";
import { fenceWindow, renewLease } from "../../../functions/core/snapshot/lease-fencing.ts";
import { heedPause, openRateLimit } from "../../../functions/core/rate-limit/rate-limit.ts";
import { readPermit } from "../../../functions/core/rate-limit/request-permits.ts";
import { noProgress } from "../../../functions/core/basics/stored-values.ts";
import type { SnapshotManifest } from "../../../functions/core/snapshot/snapshot-manifest.ts";

const startMs = Date.parse("2026-11-22T12:00:00Z");
const at = (seconds: number) => new Date(startMs + seconds * 1000);
const limit = openRateLimit({ windowMs: 60_000, reserve: 0 });
const problem = { code: "portal_key_refused", detail: "Make a new key." };

function want(id: string, rest: Partial<SnapshotRequest> = {}): SnapshotRequest {
  return { id, evidence: false, isFull: false, notBefore: at(-300).toISOString(), joinedId: null, ...rest };
}

function manifest(id: string, rest: Partial<SnapshotManifest> = {}): SnapshotManifest {
  return {
    id,
    startedAt: at(0).toISOString(),
    finishedAt: at(60).toISOString(),
    parts: 1,
    voidParts: [],
    pages: 24,
    offers: 350,
    requests: 30,
    evidence: false,
    doubts: [],
    notes: [],
    method: "full",
    saved: 0,
    heads: [],
    ...rest,
  };
}

function claim(id: string, rest: Partial<SnapshotRequest> = {}, registry = emptyRegistry): CrawlRegistry {
  return chooseNextAction(registry, want(id, rest), at(0)).after ?? registry;
}

function progress(seconds: number | null) {
  const waitingUntil = seconds === null ? null : at(seconds).toISOString();
  return { pages: 60, offers: 900, waitingUntil, estimatedFinishAt: null };
}

describe("the next action of an export", () => {
  it("is to crawl when no other export does, also when it has claimed the crawl already", () => {
    const { answer, after } = chooseNextAction(emptyRegistry, want("a"), at(0));
    expect(answer).toEqual({ kind: "crawl", expectedPages: null, limit: null, baseId: null, resumeId: null });
    expect(after?.lease).toMatchObject({ holderId: "a", startedAt: at(0).toISOString() });
    expect(chooseNextAction(claim("a"), want("a"), at(9)).answer.kind).toBe("crawl");
  });

  it("names the export whose crawl failed last, unless it is its own", () => {
    const registry = endLease(claim("a"), problem);
    expect(chooseNextAction(registry, want("b"), at(9)).answer).toMatchObject({
      kind: "crawl",
      resumeId: "a",
    });
    expect(chooseNextAction(registry, want("a"), at(9)).answer).toMatchObject({
      kind: "crawl",
      resumeId: null,
    });
  });

  it("is to wait while another export crawls, whatever the options", () => {
    const evidence = { evidence: true, notBefore: at(0).toISOString() };
    for (const rest of [{}, evidence])
      expect(chooseNextAction(claim("a"), want("b", rest), at(1)).answer).toEqual({
        kind: "wait",
        snapshotId: "a",
        seconds: 1,
        progress: noProgress,
      });
  });

  it("is to crawl when the other export was silent for four minutes, without counting announced waits", () => {
    const held = claim("a");
    expect(chooseNextAction(held, want("b"), at(239)).answer.kind).toBe("wait");
    expect(chooseNextAction(held, want("b"), at(240))).toMatchObject({
      answer: { kind: "crawl" },
      after: { lease: { holderId: "b" } },
    });
    const { answer, after } = renewLease(held, "a", {
      reads: "offers",
      progress: progress(600),
      limit,
      now: at(30),
    });
    expect(answer).toBe(true);
    expect(chooseNextAction(after ?? held, want("b"), at(839)).answer.kind).toBe("wait");
    expect(chooseNextAction(after ?? held, want("b"), at(840)).answer.kind).toBe("crawl");
  });

  it("is to use a snapshot that is recent enough, counted from the end of its crawl", () => {
    const registry = addSnapshot(claim("a"), manifest("a"));
    expect(chooseNextAction(registry, want("b", { notBefore: at(60).toISOString() }), at(61)).answer).toEqual(
      {
        kind: "use",
        snapshotId: "a",
      },
    );
    expect(chooseNextAction(registry, want("b", { notBefore: at(61).toISOString() }), at(61)).answer).toEqual(
      {
        kind: "crawl",
        expectedPages: 24,
        limit: null,
        baseId: "a",
        resumeId: null,
      },
    );
  });

  it("is to use a snapshot with evidence for an export with evidence, and any snapshot for others", () => {
    const plain = addSnapshot(claim("a"), manifest("a"));
    expect(chooseNextAction(plain, want("b", { evidence: true }), at(61)).answer.kind).toBe("crawl");
    const both = addSnapshot(claim("b", { evidence: true }, plain), manifest("b", { evidence: true }));
    expect(chooseNextAction(both, want("c", { evidence: true }), at(61)).answer).toMatchObject({
      snapshotId: "b",
    });
    expect(chooseNextAction(both, want("c"), at(61)).answer).toMatchObject({ snapshotId: "b" });
    const newer = addSnapshot(claim("d", {}, both), manifest("d"));
    expect(chooseNextAction(newer, want("e", { evidence: true }), at(61)).answer).toMatchObject({
      snapshotId: "b",
    });
  });

  it("is to use a fully read snapshot for an export that requires one, and any snapshot for others", () => {
    const full = addSnapshot(claim("a"), manifest("a"));
    const both = addSnapshot(claim("b", {}, full), manifest("b", { method: "refresh" }));
    expect(chooseNextAction(both, want("c", { isFull: true }), at(61)).answer).toMatchObject({
      snapshotId: "a",
    });
    expect(chooseNextAction(both, want("c"), at(61)).answer).toMatchObject({ snapshotId: "b" });
    const refreshed = dropSnapshot(both, "a");
    expect(chooseNextAction(refreshed, want("c", { isFull: true }), at(61)).answer.kind).toBe("crawl");
  });

  it("is to refresh the newest complete snapshot that fits the options, unless they require a full crawl", () => {
    const late = { notBefore: at(61).toISOString() };
    const baseOf = (registry: CrawlRegistry, rest: Partial<SnapshotRequest> = {}) =>
      chooseNextAction(registry, want("z", { ...late, ...rest }), at(61)).answer;
    const uncertain = addSnapshot(claim("a"), manifest("a", { doubts: ["restless"], notes: [] }));
    expect(baseOf(uncertain)).toMatchObject({ kind: "crawl", baseId: null });
    const complete = addSnapshot(claim("b", {}, uncertain), manifest("b"));
    const later = addSnapshot(claim("c", {}, complete), manifest("c", { doubts: ["restless"], notes: [] }));
    expect(baseOf(later)).toMatchObject({ baseId: "b" });
    expect(baseOf(later, { isFull: true })).toMatchObject({ baseId: null });
    expect(baseOf(later, { evidence: true })).toMatchObject({ baseId: null });
  });

  it("is to crawl a list that fits into one window of the rate limit", () => {
    const registry = addSnapshot(claim("a"), manifest("a", { pages: 24 }));
    const baseOf = (perWindow: number | null) =>
      chooseNextAction({ ...registry, limit: { ...limit, perWindow } }, want("b", late), at(61)).answer;
    const late = { notBefore: at(61).toISOString() };
    expect(baseOf(25)).toMatchObject({ kind: "crawl", baseId: null });
    for (const perWindow of [24, null]) expect(baseOf(perWindow)).toMatchObject({ baseId: "a" });
  });

  it("is to wait, and to extend the crawl for all waiting exports only when it would end too soon", () => {
    const joined = chooseNextAction(claim("a"), want("b"), at(8)).after ?? emptyRegistry;
    expect(joined.lease?.wantedUntil).toBe(at(9 + 240).toISOString());
    expect(chooseNextAction(joined, want("c"), at(113))).toMatchObject({
      answer: { kind: "wait", seconds: 15 },
      after: null,
    });
    expect(chooseNextAction(joined, want("c"), at(114))).toMatchObject({
      answer: { kind: "wait", seconds: 15 },
      after: { lease: { wantedUntil: at(129 + 240).toISOString() } },
    });
  });

  it("is to fail with the problem of the crawl that it waited for, and of no other", () => {
    const registry = endLease(claim("a"), problem);
    expect(() => chooseNextAction(registry, want("b", { joinedId: "a" }), at(9))).toThrow(
      expect.objectContaining({ kind: "portal", ...problem }),
    );
    expect(chooseNextAction(registry, want("b", { joinedId: "z" }), at(9)).answer.kind).toBe("crawl");
    expect(chooseNextAction(registry, want("b"), at(9)).answer.kind).toBe("crawl");
  });

  it("is to crawl when the crawl that it waited for was abandoned", () => {
    expect(
      chooseNextAction(endLease(claim("a"), null), want("b", { joinedId: "a" }), at(9)).answer.kind,
    ).toBe("crawl");
  });

  it("is to crawl when the snapshot is gone", () => {
    const registry = dropSnapshot(addSnapshot(claim("a"), manifest("a")), "a");
    expect(chooseNextAction(registry, want("b"), at(61)).answer).toMatchObject({ kind: "crawl" });
    const both = addSnapshot(addSnapshot(claim("a"), manifest("a", { evidence: true })), manifest("b"));
    expect(dropSnapshot(both, "b").snapshots.map(({ snapshotId }) => snapshotId)).toEqual(["a"]);
  });

  it("is to look again soon at first, then less often, and when the crawl should be done", () => {
    const held = claim("a");
    const seconds = (registry: CrawlRegistry, now: number) =>
      chooseNextAction(registry, want("b"), at(now)).answer;
    expect(seconds(held, 2)).toMatchObject({ seconds: 1 });
    expect(seconds(held, 100)).toMatchObject({ seconds: 13 });
    const told = { ...progress(7_000), estimatedFinishAt: at(4_030).toISOString() };
    const { after } = renewLease(held, "a", { reads: "offers", progress: told, limit, now: at(30) });
    expect(seconds(after ?? held, 3_000)).toMatchObject({ seconds: 120 });
    expect(seconds(after ?? held, 4_000)).toMatchObject({ seconds: 15 });
  });
});

describe("a window", () => {
  const entry = { id: "a", window: 3, isCancelled: false, now: at(30) };

  it("may begin for the holder, and is recognised when it begins again", () => {
    const { answer, after } = fenceWindow(claim("a"), entry);
    expect(answer).toMatchObject({ kind: "admitted", isRepeated: false, evidence: false });
    expect(fenceWindow(after ?? emptyRegistry, entry).answer).toMatchObject({ isRepeated: true });
    expect(fenceWindow(after ?? emptyRegistry, { ...entry, window: 4 }).answer).toMatchObject({
      isRepeated: false,
    });
  });

  it("learns of a pause that the portal has asked for, also from an export that has died since", () => {
    const closed = { ...openRateLimit({ windowMs: 60_000, reserve: 0 }), closedUntilMs: 5_000 };
    expect(fenceWindow({ ...claim("a"), limit: closed }, entry).answer).toMatchObject({
      closedUntilMs: 5_000,
    });
    const heeding = heedPause(openRateLimit({ windowMs: 60_000, reserve: 0 }), 5_000, 4_000);
    expect(readPermit(heeding, 4_000)).toEqual({ requests: 0, waitMs: 1_000 });
    expect(heedPause(closed, 4_000, 3_000)).toEqual(closed);
    expect(heedPause(closed, 200_000_000, 3_000)).toEqual(closed);
  });

  it("may not begin when another export has taken the crawl over, and does not renew the other's lease", () => {
    const registry = claim("b");
    expect(fenceWindow(registry, entry)).toEqual({ after: null, answer: { kind: "lost" } });
    expect(
      renewLease(registry, "a", { reads: "offers", progress: progress(null), limit, now: at(30) }),
    ).toEqual({
      after: null,
      answer: false,
    });
  });

  it("of a cancelled export ends the crawl, unless another export waits for it", () => {
    const cancelled = { ...entry, isCancelled: true };
    expect(fenceWindow(claim("a"), cancelled)).toMatchObject({
      answer: { kind: "unwanted" },
      after: { lease: null, failed: null },
    });
    const wanted = chooseNextAction(claim("a"), want("b"), at(20)).after ?? emptyRegistry;
    expect(fenceWindow(wanted, cancelled).answer).toMatchObject({ kind: "admitted" });
    expect(fenceWindow(wanted, { ...cancelled, now: at(900) }).answer).toEqual({ kind: "unwanted" });
  });

  it("that begins or reports late does not undo a later window or sign of life", () => {
    const told = { reads: "offers", progress: progress(3_600), limit, now: at(30) } as const;
    const begun = fenceWindow(claim("a"), entry).after ?? emptyRegistry;
    const waiting = renewLease(begun, "a", told).after ?? emptyRegistry;
    const late = [
      fenceWindow(waiting, { ...entry, window: entry.window - 1, now: at(60) }),
      renewLease(waiting, "a", { ...told, progress: progress(null), now: at(60) }),
    ];
    for (const { after } of late) {
      const { aliveUntil, window } = waiting.lease ?? {};
      expect(after?.lease).toMatchObject({ aliveUntil, window });
    }
  });
});

describe("a claim that was made too late", () => {
  it("is released if nothing was read under it", () => {
    expect(dropClaim(claim("a"), "a", at(0))).toMatchObject({ lease: null, failed: null });
    expect(dropClaim(claim("a"), "a", at(1))).toBeNull();
    expect(dropClaim(claim("a"), "b", at(0))).toBeNull();
    const begun = fenceWindow(claim("a"), { id: "a", window: 1, isCancelled: false, now: at(2) }).after;
    expect(dropClaim(begun ?? emptyRegistry, "a", at(0))).toBeNull();
  });
});

describe("the registry", () => {
  it("is stored and read back", () => {
    const failed = endLease(claim("a"), problem);
    const full = { ...addSnapshot(claim("b", {}, failed), manifest("b")), limit };
    for (const registry of [emptyRegistry, claim("a"), failed, full])
      expect(CrawlRegistry.parse(JSON.parse(JSON.stringify(registry)))).toEqual(registry);
    expect(CrawlRegistry.safeParse({ ...emptyRegistry, failed: {} }).success).toBe(false);
  });

  it("keeps no problem of a crawl when no export holds the lease", () => {
    expect(endLease(emptyRegistry, problem)).toEqual(emptyRegistry);
  });

  it("learns the rate limit from requests without a lease, unless an export holds the lease", () => {
    const learn = (known: typeof limit | null) => ({ ...limit, inFlight: known === null ? 1 : 2 });
    expect(recordRateLimit(emptyRegistry, learn, at(0))?.limit).toEqual({ ...limit, inFlight: 1 });
    const held = { ...claim("a"), limit };
    expect(recordRateLimit(held, learn, at(239))).toBeNull();
    expect(recordRateLimit(held, learn, at(240))).toEqual({ ...held, limit: { ...limit, inFlight: 2 } });
  });
});
