import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeLimiter, type LimiterKind } from "../../../local/portal/portal-limiter.ts";

const budget = { limit: 3, windowMs: 1000 };
const kinds = ["fixed", "rolling"] as const;

function takeAll(kind: LimiterKind, timesMs: readonly number[]): boolean[] {
  const limiter = makeLimiter(kind, budget);
  return timesMs.map((atMs) => limiter.take("key", atMs).allowed);
}

describe.each(kinds)("a %s limiter", (kind) => {
  it("counts down to nothing and then refuses", () => {
    const limiter = makeLimiter(kind, budget);
    expect([0, 0, 0, 0].map((atMs) => limiter.take("key", atMs))).toEqual([
      { allowed: true, remaining: 2, waitMs: 0 },
      { allowed: true, remaining: 1, waitMs: 0 },
      { allowed: true, remaining: 0, waitMs: 0 },
      { allowed: false, remaining: 0, waitMs: 1000 },
    ]);
  });

  it("gives each key a budget of its own", () => {
    const limiter = makeLimiter(kind, budget);
    for (const atMs of [0, 0, 0]) limiter.take("one", atMs);
    expect(limiter.take("one", 0).allowed).toBe(false);
    expect(limiter.take("other", 0)).toEqual({ allowed: true, remaining: 2, waitMs: 0 });
  });

  it("does not count what it refuses", () => {
    expect(takeAll(kind, [0, 0, 0, 500, 600, 700])).toEqual([true, true, true, false, false, false]);
    const timesMs = [0, 0, 0, 500, 600, 700, 1000, 1000, 1000, 1000];
    expect(takeAll(kind, timesMs).slice(6)).toEqual([true, true, true, false]);
  });

  it("lets a request through after the wait it asks for and no sooner", () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 600 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(gaps, (gapsMs) => {
        const limiter = makeLimiter(kind, budget);
        let nowMs = 0;
        for (const gapMs of gapsMs) {
          nowMs += gapMs;
          const { allowed, waitMs } = limiter.take("key", nowMs);
          if (allowed) continue;
          expect(limiter.take("key", nowMs + waitMs - 1).allowed).toBe(false);
          nowMs += waitMs;
          expect(limiter.take("key", nowMs).allowed).toBe(true);
        }
      }),
    );
  });
});

describe("the windows", () => {
  it("opens a fixed window at the first request, not on the minute", () => {
    expect(takeAll("fixed", [700, 800, 900, 1699, 1700])).toEqual([true, true, true, false, true]);
  });

  it("opens the next fixed window at the first request after the last one", () => {
    expect(takeAll("fixed", [0, 1900, 2100, 2200, 2899, 2900])).toEqual([
      true,
      true,
      true,
      true,
      false,
      true,
    ]);
  });

  it("lets a fixed window's whole budget through at either side of its end", () => {
    expect(takeAll("fixed", [0, 999, 999, 1000, 1000, 1000])).toEqual(Array(6).fill(true));
  });

  it("never lets more than the limit through in any stretch of a rolling window", () => {
    expect(takeAll("rolling", [0, 999, 999, 1000, 1000])).toEqual([true, true, true, true, false]);
    const timesMs = [0, 999, 999, 1000, 1998, 1999, 1999, 1999];
    expect(takeAll("rolling", timesMs).slice(4)).toEqual([false, true, true, false]);
  });

  it("asks a rolling window's caller to wait until its oldest request has left", () => {
    const limiter = makeLimiter("rolling", budget);
    for (const atMs of [0, 300, 400]) limiter.take("key", atMs);
    expect(limiter.take("key", 450).waitMs).toBe(550);
    expect(limiter.take("key", 1000).allowed).toBe(true);
    expect(limiter.take("key", 1000).waitMs).toBe(300);
  });
});
