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
import {
  countBudget,
  isTakenByOthers,
  raiseAssumption,
  readPermit,
  waitForWindow,
} from "../../../functions/core/rate-limit/request-permits.ts";
import { type LimiterKind, makeLimiter } from "../../../local/portal/portal-limiter.ts";
import { scaleRuns } from "../../support/property-runs.ts";

const windowMs = 60_000;
const fresh = openRateLimit({ windowMs, reserve: 0 });

/** Notes an answer of the portal to one request, by default an answer without rate-limit headers. */
function answer(
  limit: RateLimit,
  nowMs: number,
  told: { remaining?: number; perWindow?: number } = {},
): RateLimit {
  const { remaining = null, perWindow = null } = told;
  return noteRateAnswer(noteRequestSent(limit), { sentMs: nowMs, nowMs, remaining, perWindow, isGood: true });
}

function refuse(limit: RateLimit, nowMs: number, retryAtMs: number | null): RateLimit {
  const refusal = { sentMs: nowMs, nowMs, remaining: null, perWindow: null, retryAtMs };
  return noteRateRefusal(noteRequestSent(limit), refusal);
}

const spend = (limit: RateLimit, requests: number, fromMs = 1_000) =>
  Array.from({ length: requests }).reduce<RateLimit>((known, _, n) => answer(known, fromMs + n), limit);

describe("a portal whose answers state no limit", () => {
  it("gets all requests that its documentation allows, after one answer", () => {
    expect(readPermit(fresh, 0).requests).toBe(1);
    expect(readPermit(answer(fresh, 1_000), 1_000)).toEqual({ requests: 59, waitMs: 0 });
    expect(countBudget(answer(fresh, 1_000))).toBe(60);
  });

  it("gets further requests one by one, without a wait, after those", () => {
    const spent = spend(fresh, 60);
    expect(readPermit(spent, 2_000)).toEqual({ requests: 1, waitMs: 0 });
    expect(readPermit(noteRequestSent(spent), 2_000)).toEqual({ requests: 0, waitMs: null });
    expect(waitForWindow(spent, 2_000, 60)).toBe(0);
  });

  it("is expected to grant twice as many in the window after one that was granted completely", () => {
    expect(countBudget(raiseAssumption(spend(fresh, 60), 2_000))).toBe(120);
    expect(countBudget(raiseAssumption(spend(fresh, 59), 2_000))).toBe(60);
  });

  it("shows its limit by a 429: the number of requests that it granted before", () => {
    const learnt = refuse(spend(fresh, 30), 2_000, 61_000);
    expect(readPermit(learnt, 2_000)).toEqual({ requests: 0, waitMs: 59_000 });
    expect(countBudget(learnt)).toBe(30);
    expect(countBudget(raiseAssumption(learnt, 2_000))).toBe(30);
  });

  it("has granted requests whose answers a 429 overtook", () => {
    let limit = spend(fresh, 30);
    for (let n = 0; n < 3; n += 1) limit = noteRequestSent(limit);
    limit = noteRateRefusal(limit, {
      sentMs: 1_500,
      nowMs: 2_000,
      remaining: null,
      perWindow: null,
      retryAtMs: null,
    });
    const late = { sentMs: 1_500, nowMs: 2_100, remaining: null, perWindow: null, isGood: true };
    expect(countBudget(noteRateAnswer(noteRateAnswer(limit, late), late))).toBe(32);
  });

  it("gets no more than the learnt limit for some windows, and is then probed again", () => {
    const learnt = refuse(spend(fresh, 60), 2_000, 61_000);
    const next = spend(learnt, 60, 70_000);
    expect(readPermit(next, 71_000).requests).toBe(0);
    expect(waitForWindow(next, 71_000, 60)).toBeGreaterThan(0);
    const later = spend(learnt, 60, 400_000);
    expect(readPermit(later, 401_000).requests).toBe(1);
  });

  it("is soon probed again when it granted far less than expected: others may have used the key", () => {
    const learnt = refuse(spend(fresh, 6), 2_000, 61_000);
    expect(readPermit(spend(learnt, 6, 63_000), 64_000).requests).toBe(1);
  });

  it("leaves the reserve to others, and is not probed for how much they use", () => {
    const reserved = spend(openRateLimit({ windowMs, reserve: 20 }), 40);
    expect(readPermit(reserved, 2_000).requests).toBe(0);
    expect(raiseAssumption(reserved, 2_000)).toEqual(reserved);
    const greedy = openRateLimit({ windowMs, reserve: 90 });
    expect(countBudget(answer(greedy, 1_000))).toBe(1);
    expect(readPermit(answer(greedy, 1_000), 62_000).requests).toBe(1);
  });

  it("is never reported as used by others, after a 429 or without one", () => {
    const learnt = refuse(spend(fresh, 3), 2_000, 61_000);
    expect(isTakenByOthers(learnt, 3_000)).toBe(false);
    expect(isTakenByOthers(spend(fresh, 60), 3_000)).toBe(false);
  });

  it("may state only the remaining requests: these count", () => {
    const told = answer(fresh, 1_000, { remaining: 10 });
    expect(readPermit(told, 1_000).requests).toBe(10);
    expect(readPermit(answer(told, 1_001, { remaining: 0 }), 1_001).requests).toBe(0);
    expect(countBudget(told)).toBe(11);
  });

  it("may state only the limit: our own log counts", () => {
    const told = answer(fresh, 1_000, { perWindow: 30 });
    expect(readPermit(told, 1_000).requests).toBe(29);
    const spent = Array.from({ length: 29 }).reduce<RateLimit>(
      (l) => answer(l, 1_001, { perWindow: 30 }),
      told,
    );
    expect(readPermit(spent, 2_000)).toEqual({ requests: 0, waitMs: 59_000 });
  });

  it("may state it in some answers only", () => {
    const told = answer(answer(fresh, 1_000), 1_001, { perWindow: 60, remaining: 58 });
    expect(readPermit(answer(told, 1_002), 1_002).requests).toBe(57);
  });
});

describe("an implausible limit", () => {
  it.each([
    ["nothing at all", { perWindow: 0 }, 59],
    ["less than is left", { perWindow: 5, remaining: 40 }, 40],
  ])("is ignored: %s", (_title, told, requests) => {
    expect(readPermit(answer(fresh, 1_000, told), 1_000).requests).toBe(requests);
  });

  it("is ignored when more requests were just answered", () => {
    expect(countBudget(answer(spend(fresh, 10), 2_000, { perWindow: 5 }))).toBe(60);
  });
});

describe("a pause", () => {
  it.each([
    ["an end that has come", 0],
    ["no end", null],
  ])("grows with each successive refusal, with %s", (_title, aheadMs) => {
    let limit = openRateLimit({ windowMs, reserve: 0 });
    let nowMs = 1_000;
    const pauses: number[] = [];
    for (let n = 0; n < 8; n += 1) {
      limit = refuse(limit, nowMs, aheadMs === null ? null : nowMs + aheadMs);
      const { waitMs } = readPermit(limit, nowMs);
      pauses.push((waitMs ?? 0) / 1_000);
      nowMs += waitMs ?? 0;
    }
    expect(pauses[0]).toBe(1);
    // A pause may be longer than the refusals alone require, because earlier requests still use up the rate limit.
    expect(pauses.every((seconds, n) => seconds >= Math.min(60, 2 ** n) && seconds <= 60)).toBe(true);
  });

  it("does not grow by refusals of requests that were under way together", () => {
    let limit = spend(fresh, 1);
    for (let n = 0; n < 10; n += 1) limit = noteRequestSent(limit);
    const refusal = { sentMs: 2_000, nowMs: 2_100, remaining: null, perWindow: null, retryAtMs: 2_100 };
    for (let n = 0; n < 10; n += 1) limit = noteRateRefusal(limit, refusal);
    expect(readPermit(limit, 2_100).waitMs).toBe(1_000);
  });

  it("that another failure than a 429 asks for teaches no limit", () => {
    const rested = noteRateRefusal(noteRequestSent(spend(fresh, 5)), {
      sentMs: 2_000,
      nowMs: 2_000,
      remaining: null,
      perWindow: null,
      retryAtMs: 9_000,
      isOutage: true,
    });
    expect(readPermit(rested, 2_000)).toEqual({ requests: 0, waitMs: 7_000 });
    expect(countBudget(rested)).toBe(60);
    expect(isTakenByOthers(rested, 3_000)).toBe(false);
  });
});

describe("a stored limit", () => {
  it("of an earlier version can be read", () => {
    const { perWindow, answeredMs, told, closedUntilMs, inFlight } = fresh;
    const before = { windowMs, reserve: 0, perWindow, answeredMs, told, closedUntilMs, inFlight };
    const known = {
      ...before,
      answeredMs: [500],
      told: { remaining: 10, sinceMs: 500, atMs: 500 },
      perWindow: 60,
    };
    const settings = { windowMs, reserve: 0 };
    expect(readPermit(resumeRateLimit(known, settings, 1_000), 1_000).requests).toBe(10);
    expect(readPermit(resumeRateLimit(before, settings, 1_000), 1_000).requests).toBe(1);
  });

  it("keeps the learnt limit, and a pause", () => {
    const settings = { windowMs, reserve: 0 };
    const written: RateLimit = JSON.parse(JSON.stringify(refuse(spend(fresh, 30), 2_000, 61_000)));
    const resumed = resumeRateLimit(written, settings, 5_000);
    expect(readPermit(distrustRateLimit(resumed), 5_000)).toEqual({ requests: 0, waitMs: 56_000 });
    expect(countBudget(resumed)).toBe(30);
  });
});

type Facts = {
  requests: number;
  limit: number;
  latencies: number[];
  /** Of ten answers, this many have rate-limit headers. */
  toldOfTen: number;
  namesTime: boolean;
};

/** Sends requests to the demo portal's limiter as fast as the permits allow. The requests have different latencies. */
function run(kind: LimiterKind, facts: Facts) {
  const portal = makeLimiter(kind, { limit: facts.limit, windowMs });
  type Sent = { sentMs: number; doneMs: number; remaining: number; allowed: boolean; waitMs: number };
  const inFlight: Sent[] = [];
  let limit = openRateLimit({ windowMs, reserve: 0 });
  let [nowMs, sent, answered, refused, early, closedUntilMs] = [1_000, 0, 0, 0, 0, 0];
  while (answered < facts.requests) {
    if (inFlight.length === 0) limit = raiseAssumption(limit, nowMs);
    const isDue = answered + inFlight.length < facts.requests;
    const permit = isDue ? readPermit(limit, nowMs) : { requests: 0, waitMs: null };
    if (permit.requests > 0 && inFlight.length < 8) {
      if (nowMs < closedUntilMs) early += 1;
      const doneMs = nowMs + (facts.latencies[sent % facts.latencies.length] ?? 1);
      inFlight.push({ sentMs: nowMs, doneMs, ...portal.take("key", nowMs) });
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
    const isTold = sent % 10 < facts.toldOfTen;
    const told = { remaining: isTold ? next.remaining : null, perWindow: isTold ? facts.limit : null };
    const heard = { sentMs: next.sentMs, nowMs, ...told };
    if (next.allowed) {
      answered += 1;
      limit = noteRateAnswer(limit, { ...heard, isGood: true });
    } else {
      refused += 1;
      const retryAtMs = facts.namesTime ? nowMs + next.waitMs : null;
      if (retryAtMs !== null) closedUntilMs = Math.max(closedUntilMs, retryAtMs);
      limit = noteRateRefusal(limit, { ...heard, retryAtMs });
    }
  }
  return { tookMs: nowMs - 1_000, refused, early };
}

describe("a run whose answers state no limit", () => {
  const facts = fc.record({
    requests: fc.integer({ min: 1, max: 1_200 }),
    limit: fc.integer({ min: 5, max: 200 }),
    latencies: fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 }),
    toldOfTen: fc.constantFrom(0, 0, 0, 1, 5, 9),
    namesTime: fc.boolean(),
  });

  it.each(["fixed", "rolling"] as const)(
    "takes little more time at a %s limiter than with a stated limit, and sends nothing in a pause",
    (kind) => {
      fc.assert(
        fc.property(facts, (drawn) => {
          const { tookMs, early, refused } = run(kind, drawn);
          const best = run(kind, { ...drawn, toldOfTen: 10 });
          const burstMs = (8 + drawn.limit / 8) * 400;
          expect(early).toBe(0);
          expect(best.refused).toBe(0);
          expect(tookMs).toBeLessThanOrEqual(1.15 * best.tookMs + burstMs);
          expect(refused).toBeLessThanOrEqual(24 + drawn.requests / drawn.limit / 2);
        }),
        { numRuns: scaleRuns(200) },
      );
    },
  );
});
