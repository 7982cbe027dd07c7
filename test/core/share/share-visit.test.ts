import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDay, parseDay } from "../../../functions/core/basics/calendar.ts";
import { noProgress } from "../../../functions/core/basics/stored-values.ts";
import { machineOrder } from "../../../functions/core/options/column-order.ts";
import { resolveRange } from "../../../functions/core/options/export-options.ts";
import {
  listStandInOptions,
  newShare,
  parseShare,
  resolveShare,
  unreadyShareError,
} from "../../../functions/core/share/share.ts";

const today = parseDay("2026-11-22") ?? Number.NaN;
const now = new Date("2026-11-22T12:00:00Z");

function share(options: Record<string, unknown>, day = today) {
  return newShare(parseShare({ name: "x", options }, day), "a".repeat(64), now);
}

describe("resolveShare", () => {
  it("resolves relative days at the visit", () => {
    const december = parseDay("2026-12-03") ?? Number.NaN;
    const { options } = resolveShare(share({ period: "this-month" }), december);
    expect(options.asOf).toBe("2026-12-03");
    expect(formatDay(resolveRange(options).from ?? 0)).toBe("2026-12-01");
    expect(resolveShare(share({ asOf: "2026-11-01" }), december).options.asOf).toBe("2026-11-01");
  });

  it("accepts offers up to an hour old, or up to the given age", () => {
    expect(resolveShare(share({}), today).maxAgeSeconds).toBe(3_600);
    expect(resolveShare(share({ maxAge: 86_400 }), today).maxAgeSeconds).toBe(86_400);
  });

  it("accepts later what it accepted once", () => {
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
        columns: fc.shuffledSubarray([...machineOrder], { minLength: 1 }),
        evidence: fc.constant(true),
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

describe("listStandInOptions", () => {
  const list = (options: Record<string, unknown>, day: string, earliest: string) => {
    const kept = share(options);
    const request = resolveShare(kept, parseDay(day) ?? Number.NaN);
    return listStandInOptions(kept, request, parseDay(earliest) ?? Number.NaN);
  };

  it("begins with the visit's options, and goes back day by day", () => {
    const days = list({ format: "csv" }, "2026-12-03", "2026-12-01");
    expect(days.map(({ asOf }) => asOf)).toEqual(["2026-12-03", "2026-12-02", "2026-12-01"]);
    expect(new Set(days.map(({ format }) => format))).toEqual(new Set(["csv"]));
  });

  it("leaves out days with another period", () => {
    const days = list({ period: "this-month" }, "2026-12-02", "2026-11-30");
    expect(days.map(({ asOf }) => asOf)).toEqual(["2026-12-02", "2026-12-01"]);
  });

  it.each(["2026-11-01", "2026-11-22"])("has no other day when %s was given", (asOf) => {
    expect(list({ asOf }, "2026-12-03", "2026-10-30").map((options) => options.asOf)).toEqual([asOf]);
  });
});

describe("unreadyShareError", () => {
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
    expect(unreadyShareError(progress, now)).toMatchObject({
      kind: "busy",
      headers: { "retry-after": seconds },
    });
  });
});
