import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dayMs, formatDay, parseDay } from "../../functions/core/calendar.ts";
import { type ExportState, newState, type Result, succeedExport } from "../../functions/core/export.ts";
import { resolveRange } from "../../functions/core/period.ts";
import { noProgress } from "../../functions/core/progress.ts";
import { newShare, parseShare } from "../../functions/core/share.ts";
import { noteVisit, resolveShare, standsIn, unreadyShare } from "../../functions/core/visit.ts";
import { makeResult } from "../support/result.ts";

const today = parseDay("2026-11-22") ?? Number.NaN;
const now = new Date("2026-11-22T12:00:00Z");

function share(options: Record<string, unknown>, day = today) {
  return newShare(parseShare({ name: "x", options }, day), "a".repeat(64), now);
}

function finish(id: string, given: Partial<Result> = {}, options: Record<string, unknown> = {}): ExportState {
  const result = makeResult({ snapshotAt: now.toISOString(), ...given });
  return succeedExport(newState(id, resolveShare(share(options), today), now), result, now);
}

describe("resolveShare", () => {
  it("means by its days those of the visit", () => {
    const december = parseDay("2026-12-03") ?? Number.NaN;
    const { options } = resolveShare(share({ period: "this-month" }), december);
    expect(options.asOf).toBe("2026-12-03");
    expect(formatDay(resolveRange(options).from ?? 0)).toBe("2026-12-01");
    expect(resolveShare(share({ asOf: "2026-11-01" }), december).options.asOf).toBe("2026-11-01");
  });

  it("takes offers of up to an hour, or of the age that was given", () => {
    expect(resolveShare(share({}), today).maxAgeSeconds).toBe(3_600);
    expect(resolveShare(share({ maxAge: 86_400 }), today).maxAgeSeconds).toBe(86_400);
  });

  it("never refuses later what it took once", () => {
    const days = fc.integer({ min: -20_000, max: 0 }).map((ago) => formatDay(today + ago));
    const given = fc.oneof(
      fc.record({
        period: fc.constantFrom("2024", "2024-02", "last-month", "this-month", "last-quarter", "this-year"),
      }),
      fc.record({ issuedFrom: days, asOf: days }),
      fc.record({
        format: fc.constant("csv"),
        dialect: fc.constantFrom("excel", "machine"),
        evidence: fc.boolean(),
      }),
      fc.record({
        status: fc.uniqueArray(fc.constantFrom("open", "accepted", "rejected", "expired"), { minLength: 1 }),
      }),
    );
    fc.assert(
      fc.property(given, fc.integer({ min: 0, max: 3_650 }), (options, later) => {
        const { options: resolved } = resolveShare(share(options), today + later);
        const asOf = "asOf" in options ? options.asOf : formatDay(today + later);
        expect(resolved).toMatchObject({ ...options, status: resolved.status, asOf });
      }),
    );
  });
});

describe("noteVisit", () => {
  it("keeps the last complete export while others come and go", () => {
    const first = noteVisit(share({}), "a", null);
    expect(first).toMatchObject({ newestId: "a", completeId: null });
    const second = noteVisit(first, "b", finish("a"));
    expect(second).toMatchObject({ newestId: "b", completeId: "a" });
    const third = noteVisit(second, "c", finish("b", { completeness: "uncertain" }));
    expect(third).toMatchObject({ newestId: "c", completeId: "a" });
    const unfinished = newState("c", resolveShare(share({}), today), now);
    expect(noteVisit(third, "d", unfinished)).toMatchObject({ newestId: "d", completeId: "a" });
    expect(noteVisit(third, "d", null)).toMatchObject({ newestId: "d", completeId: "a" });
  });
});

describe("standsIn", () => {
  const request = resolveShare(share({}), today);
  const age = (ms: number) => ({ snapshotAt: new Date(now.getTime() - ms).toISOString() });

  it("is true of a complete report of at most a day", () => {
    expect(standsIn(finish("a", age(dayMs)), request, now)).toBe(true);
    expect(standsIn(finish("a", age(dayMs + 1)), request, now)).toBe(false);
    expect(standsIn(finish("a", { completeness: "uncertain" }), request, now)).toBe(false);
    expect(standsIn(newState("a", request, now), request, now)).toBe(false);
  });

  it("is true of yesterday's report until the days that it is about are others", () => {
    const month = { period: "this-month" };
    const report = finish("a", {}, month);
    const inMonth = resolveShare(share(month), today + 1);
    const nextMonth = resolveShare(share(month), parseDay("2026-12-01") ?? Number.NaN);
    expect([inMonth, nextMonth].map((asked) => standsIn(report, asked, now))).toEqual([true, false]);
  });
});

describe("unreadyShare", () => {
  it.each([
    [null, null, "5"],
    [30, null, "30"],
    [30, 90, "90"],
    [null, 90, "90"],
    [30, 1_200, "120"],
    [-10, -10, "5"],
  ])("says when to come back: waiting for %s s, done in %s s", (waiting, done, seconds) => {
    const later = (inSeconds: number | null) =>
      inSeconds === null ? null : new Date(now.getTime() + inSeconds * 1000).toISOString();
    const progress = { ...noProgress, waitingUntil: later(waiting), estimatedFinishAt: later(done) };
    expect(unreadyShare(progress, now)).toMatchObject({ kind: "busy", headers: { "retry-after": seconds } });
  });
});
