import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  distrustRateLimit,
  type RateLimit,
  noteRateAnswer,
  noteRateRefusal,
  noteRequestSent,
  openRateLimit,
  resumeRateLimit,
} from "../../../functions/core/rate-limit/rate-limit.ts";
import { isTakenByOthers, readPermit } from "../../../functions/core/rate-limit/request-permits.ts";
import { type LimiterKind, makeLimiter } from "../../../local/portal/portal-limiter.ts";
import { scaleRuns } from "../../support/property-runs.ts";

const windowMs = 60_000;
const fresh = openRateLimit({ windowMs, reserve: 0 });

function answer(limit: RateLimit, nowMs: number, remaining: number | null, sentMs = nowMs): RateLimit {
  return noteRateAnswer(noteRequestSent(limit), { sentMs, nowMs, remaining, perWindow: 60 });
}

describe("readPermit", () => {
  it("sends one request to learn the limit, and no other before its answer", () => {
    expect(readPermit(fresh, 0)).toEqual({ requests: 1, waitMs: 0 });
    expect(readPermit(noteRequestSent(fresh), 0)).toEqual({ requests: 0, waitMs: null });
  });

  it("allows the remaining requests that the portal stated, minus those under way", () => {
    const told = answer(fresh, 100, 10);
    expect(readPermit(told, 100).requests).toBe(10);
    expect(readPermit(noteRequestSent(noteRequestSent(told)), 100).requests).toBe(8);
  });

  it("waits until its oldest request has left the window when nothing remains", () => {
    const spent = answer(answer(fresh, 100, 1), 200, 0);
    expect(readPermit(spent, 1_000)).toEqual({ requests: 0, waitMs: 100 + windowMs - 1_000 });
    expect(readPermit(spent, 100 + windowMs).requests).toBe(1);
  });

  it("leaves the reserve to others", () => {
    const told = answer(openRateLimit({ windowMs, reserve: 20 }), 100, 30);
    expect(readPermit(told, 100).requests).toBe(10);
  });

  it("notices that other programs use the budget", () => {
    const told = answer(answer(fresh, 100, 50), 200, 3);
    expect(readPermit(told, 200).requests).toBe(3);
  });

  it("takes the lowest count of answers that came out of order", () => {
    const told = answer(answer(fresh, 200, 40, 100), 210, 41, 100);
    expect(readPermit(told, 210).requests).toBe(40);
  });

  it("believes a higher count of a request that was sent later", () => {
    const told = answer(answer(fresh, 200, 5), 400, 30, 300);
    expect(readPermit(told, 400).requests).toBe(30);
  });

  it("assumes that a request without an answer was counted", () => {
    const told = answer(answer(fresh, 100, 10), 200, null);
    expect(readPermit(told, 200).requests).toBe(9);
  });

  it("learns the limit again after a window without answers", () => {
    const told = answer(fresh, 100, 0);
    expect(readPermit(told, 100 + windowMs).requests).toBe(1);
  });

  it("goes on, with a reserve, after others used up everything", () => {
    const starved = answer(openRateLimit({ windowMs, reserve: 10 }), 100, 0);
    expect(readPermit(starved, 100).waitMs).toBe(windowMs);
    expect(readPermit(starved, 100 + windowMs).requests).toBe(1);
  });

  it("waits as long as a 429 asks, and until our window's end when it does not", () => {
    const told = answer(fresh, 100, 10);
    const refused = { sentMs: 200, nowMs: 300, remaining: 0, perWindow: 60 };
    const asked = noteRateRefusal(noteRequestSent(told), { ...refused, retryAtMs: 17_300 });
    expect(readPermit(asked, 300)).toEqual({ requests: 0, waitMs: 17_000 });
    expect(readPermit(asked, 17_300).requests).toBe(1);
    const silent = noteRateRefusal(noteRequestSent(told), { ...refused, retryAtMs: null });
    expect(readPermit(silent, 300)).toEqual({ requests: 0, waitMs: 100 + windowMs - 300 });
  });
});

describe("a window that is used up", () => {
  const spend = (limit: RateLimit, requests: number) =>
    Array.from({ length: requests }).reduce<RateLimit>((known, _, n) => answer(known, n, 59 - n), limit);

  it("is not blamed on others when our own requests have used it", () => {
    expect(isTakenByOthers(spend(fresh, 60), 1_000)).toBe(false);
    expect(isTakenByOthers(answer(spend(fresh, 57), 1_000, 0), 1_000)).toBe(false);
  });

  it("was used by others when the portal counts more of their requests than of ours, or refuses ours", () => {
    expect(isTakenByOthers(answer(fresh, 1_000, 0), 1_000)).toBe(true);
    const refusal = { sentMs: 90, nowMs: 90, remaining: null, perWindow: 60, retryAtMs: 2_000 };
    const closed = noteRateRefusal(noteRequestSent(spend(fresh, 60)), refusal);
    expect(isTakenByOthers(closed, 1_000)).toBe(true);
    expect(isTakenByOthers(closed, 2_000)).toBe(false);
  });
});

describe("a limit that one crawl passes to the next", () => {
  const settings = { windowMs, reserve: 5 };

  it("keeps the requests and the stated limit, with the current settings", () => {
    const resumed = resumeRateLimit(answer(fresh, 1_000, 20), settings, 2_000);
    expect(readPermit(resumed, 2_000)).toEqual({ requests: 15, waitMs: 0 });
  });

  it("drops times in the future, which another clock wrote", () => {
    const ahead = noteRateRefusal(noteRequestSent(answer(fresh, 9e12, 20)), {
      sentMs: 9e12,
      nowMs: 9e12,
      remaining: 0,
      perWindow: 60,
      retryAtMs: 9e12 + 1_000,
    });
    expect(readPermit(resumeRateLimit(ahead, settings, 1_000), 1_000)).toEqual({ requests: 1, waitMs: 0 });
  });

  it("sends one request to learn the remaining ones when earlier requests are unknown", () => {
    const limit = distrustRateLimit(answer(fresh, 1_000, 20));
    expect(readPermit(limit, 2_000)).toEqual({ requests: 1, waitMs: 0 });
  });
});

describe("a run that follows the permits", () => {
  type Facts = {
    requests: number;
    limit: number;
    latencies: number[];
    /** After so many requests, the state of the limit is stored. */
    storeAfter?: number;
    /** After so many requests, the process dies. The next one knows what was stored. */
    crashAfter?: number;
  };

  /**
   * Sends requests to the demo portal's limiter as fast as the permits allow. The requests have different latencies.
   * `refused` counts the refused requests that a process sent while it knew what the portal had told.
   */
  function run(kind: LimiterKind, facts: Facts) {
    const portal = makeLimiter(kind, { limit: facts.limit, windowMs });
    const inFlight: {
      sentMs: number;
      doneMs: number;
      remaining: number;
      allowed: boolean;
      waitMs: number;
      isTold: boolean;
    }[] = [];
    let limit = openRateLimit({ windowMs, reserve: 0 });
    let stored = limit;
    let { crashAfter = Infinity } = facts;
    let nowMs = 0;
    let sent = 0;
    let refused = 0;
    while (sent < facts.requests || inFlight.length > 0) {
      if (sent === facts.storeAfter && inFlight.length === 0) stored = limit;
      if (sent >= crashAfter) {
        inFlight.length = 0;
        limit = distrustRateLimit(stored);
        crashAfter = Infinity;
      }
      const permit = sent < facts.requests ? readPermit(limit, nowMs) : { requests: 0, waitMs: null };
      if (permit.requests > 0 && inFlight.length < 8) {
        const verdict = portal.take("key", nowMs);
        inFlight.push({
          sentMs: nowMs,
          doneMs: nowMs + (facts.latencies[sent % facts.latencies.length] ?? 1),
          ...verdict,
          isTold: limit.told !== null,
        });
        limit = noteRequestSent(limit);
        sent += 1;
        continue;
      }
      inFlight.sort((a, b) => a.doneMs - b.doneMs);
      const next = inFlight.shift();
      if (next === undefined) {
        nowMs += permit.waitMs ?? windowMs;
        continue;
      }
      nowMs = Math.max(nowMs, next.doneMs);
      const heard = { sentMs: next.sentMs, nowMs, remaining: next.remaining, perWindow: facts.limit };
      if (next.allowed) limit = noteRateAnswer(limit, heard);
      else {
        if (next.isTold) refused += 1;
        sent -= 1;
        limit = noteRateRefusal(limit, { ...heard, retryAtMs: nowMs + next.waitMs });
      }
    }
    return { tookMs: nowMs, refused };
  }

  const facts = fc.record({
    requests: fc.integer({ min: 1, max: 300 }),
    limit: fc.integer({ min: 2, max: 90 }),
    latencies: fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 }),
  });

  it.each(["fixed", "rolling"] as const)(
    "never gets a 429 from a %s limiter that nobody else uses",
    (kind) => {
      fc.assert(
        fc.property(facts, (drawn) => {
          expect(run(kind, drawn).refused).toBe(0);
        }),
        { numRuns: scaleRuns(100) },
      );
    },
  );

  it.each(["fixed", "rolling"] as const)(
    "never gets a 429 from a %s limiter once it knows the limit again after a crash",
    (kind) => {
      const crash = fc.tuple(facts, fc.nat(200), fc.integer({ min: 1, max: 200 }));
      fc.assert(
        fc.property(crash, ([drawn, storeAfter, lost]) => {
          const crashAfter = storeAfter + lost;
          expect(run(kind, { ...drawn, storeAfter, crashAfter }).refused).toBe(0);
        }),
        { numRuns: scaleRuns(300) },
      );
    },
  );

  it.each(["fixed", "rolling"] as const)(
    "needs no more windows of a %s limiter than the requests fill",
    (kind) => {
      fc.assert(
        fc.property(facts, (drawn) => {
          const waits = Math.ceil(drawn.requests / drawn.limit) - 1;
          const burstMs = (Math.ceil(drawn.limit) + 8) * 400;
          expect(run(kind, drawn).tookMs).toBeLessThanOrEqual(windowMs * waits * 1.05 + burstMs);
        }),
        { numRuns: scaleRuns(100) },
      );
    },
  );
});
