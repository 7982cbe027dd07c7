import { describe, expect, it } from "vitest";
import {
  beginSnapshotPass,
  followSnapshot,
  newExportState,
  ExportResult,
} from "../../../functions/core/export/export-state.ts";
import { presentState } from "../../../functions/core/export/shown-export.ts";
import { newLease } from "../../../functions/core/snapshot/crawl-lease.ts";
import { parseQuery } from "../../../functions/core/options/export-request.ts";

const minute = 60_000;
const startMs = Date.parse("2026-11-22T12:00:00Z");
const at = (minutes: number) => new Date(startMs + minutes * minute);
const begun = newExportState("an-id", parseQuery(new URLSearchParams(), 20_779), at(0));
const crawling = followSnapshot(begun, "an-id", { now: at(0) });

describe("an export", () => {
  it("is taken to run for four minutes after its start", () => {
    expect(presentState(begun, null, new Date(at(4).getTime() - 1))).toBe(begun);
    expect(presentState(begun, null, at(4))).toMatchObject({
      status: "failed",
      finishedAt: "2026-11-22T12:04:00.000Z",
      problem: { code: "interrupted" },
    });
  });

  it("is taken to run while it waits for a crawl, and four minutes more", () => {
    const waiting = followSnapshot(begun, "another", { now: at(1), busyUntil: at(30).toISOString() });
    expect(presentState(waiting, null, at(33)).status).toBe("running");
    expect(presentState(waiting, null, at(34)).status).toBe("failed");
  });

  it("is taken to run while its report is written, which takes as long as there are offers", () => {
    const manifest = {
      id: "another",
      startedAt: begun.createdAt,
      finishedAt: begun.createdAt,
      parts: 1,
      voidParts: [],
      pages: 40_000,
      offers: 600_000,
      requests: 42_000,
      evidence: false,
      doubts: [],
      notes: [],
      method: "full" as const,
      saved: 0,
      heads: [],
    };
    const writing = beginSnapshotPass(begun, manifest, at(1));
    expect(writing.progress).toMatchObject({ pages: 40_000, offers: 600_000 });
    expect(presentState(writing, null, at(14)).status).toBe("running");
    expect(presentState(writing, null, at(15)).status).toBe("failed");
  });

  it("lives as long as its crawl, and shows the crawl's progress", () => {
    const lease = {
      ...newLease({ holderId: "an-id", reads: "offers", evidence: false }, at(0)),
      aliveUntil: at(60).toISOString(),
      progress: { pages: 60, offers: 900, waitingUntil: null, estimatedFinishAt: null },
    };
    expect(presentState(crawling, lease, at(59))).toMatchObject({
      status: "running",
      progress: { pages: 60 },
    });
    expect(presentState(crawling, { ...lease, holderId: "another" }, at(59)).status).toBe("failed");
    expect(presentState(crawling, lease, at(60))).toMatchObject({
      status: "failed",
      finishedAt: at(60).toISOString(),
      progress: { pages: 60 },
    });
  });
});

describe("a result", () => {
  it("of an earlier version without figures can still be read", () => {
    const old = {
      offers: 1,
      rows: 1,
      pages: 1,
      requests: 1,
      snapshotAt: begun.createdAt,
      completeness: "complete",
      remarks: [],
      totals: { EUR: "1.00" },
      statuses: { open: 1, accepted: 0, rejected: 0, expired: 0 },
      file: { name: "offertes-2026-11-22.csv", bytes: 1, sha256: "…" },
    };
    expect(ExportResult.parse(old)).toEqual({
      ...old,
      method: "full",
      requestsSaved: 0,
      read: [],
      figures: null,
      changes: null,
      rowsSha256: null,
    });
  });
});
