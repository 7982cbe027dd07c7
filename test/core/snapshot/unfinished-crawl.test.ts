import { describe, expect, it } from "vitest";
import { beginCrawl, type CrawlState } from "../../../functions/core/crawl/crawl-state.ts";
import {
  continueCrawl,
  isResumable,
  mayResume,
  Unfinished,
} from "../../../functions/core/snapshot/unfinished-crawl.ts";

const failedMs = Date.parse("2026-01-31T12:00:00Z");
const at = (minutes: number) => new Date(failedMs + minutes * 60_000);
const begun = beginCrawl({ windowMs: 60_000, reserve: 0 });
const crawl: CrawlState = { ...begun, nextPage: 9, parts: 2, requests: 12, refusals: 1, brokenWindows: 4 };
const unfinished: Unfinished = { crawl, stored: [], evidence: false, failedAt: at(0).toISOString() };
const successor = { evidence: false, now: at(1), newestAt: null };

describe("a crawl that failed because of the portal", () => {
  it("is worth keeping when it has a valid part and no anomaly, and is not itself a repetition", () => {
    expect(isResumable(crawl)).toBe(true);
    expect(isResumable({ ...crawl, parts: 0 })).toBe(false);
    expect(isResumable({ ...crawl, voidParts: [1, 2] })).toBe(false);
    expect(isResumable({ ...crawl, doubts: ["restless"] })).toBe(false);
    expect(isResumable({ ...crawl, isRepeat: true })).toBe(false);
  });

  it("is resumed within an hour", () => {
    expect(mayResume(unfinished, { ...successor, now: at(60) })).toBe(true);
    expect(mayResume(unfinished, { ...successor, now: at(60.01) })).toBe(false);
  });

  it("is resumed with evidence only if it was read with evidence, and not after a later snapshot", () => {
    expect(mayResume(unfinished, { ...successor, evidence: true })).toBe(false);
    expect(mayResume({ ...unfinished, evidence: true }, { ...successor, evidence: true })).toBe(true);
    expect(mayResume(unfinished, { ...successor, newestAt: at(-1).toISOString() })).toBe(true);
    expect(mayResume(unfinished, { ...successor, newestAt: at(0.5).toISOString() })).toBe(false);
  });

  it("counts the requests of the export that resumes it, not its own", () => {
    const own = { ...begun, requests: 3 };
    const expected = { nextPage: 9, parts: 2, requests: 3, refusals: 0, brokenWindows: 0 };
    expect(continueCrawl(crawl, own)).toMatchObject(expected);
  });

  it("of an unknown shape is ignored", () => {
    expect(Unfinished.safeParse(unfinished).success).toBe(true);
    expect(Unfinished.safeParse({ ...unfinished, crawl: { parts: 2 } }).success).toBe(false);
  });
});
