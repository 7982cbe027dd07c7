import { describe, expect, it } from "vitest";
import {
  heedPause,
  listWeighing,
  noteAnsweredRequests,
  noteRateAnswer,
  noteRateRefusal,
  noteRequestSent,
  openRateLimit,
  type RateLimit,
  resumeRateLimit,
} from "../../../functions/core/rate-limit/rate-limit.ts";
import {
  assertOpensSoon,
  assertReserveFits,
  assumeBudget,
  countBudget,
  estimateSentMs,
  findReserveFault,
  isTakenByOthers,
  waitForWindow,
} from "../../../functions/core/rate-limit/request-permits.ts";

const windowMs = 60_000;
const dayMs = 86_400_000;
const fresh = openRateLimit({ windowMs, reserve: 0 });

/** Notes an answer of a portal that allows 60 requests a minute and says how many remain. */
function answer(limit: RateLimit, nowMs: number, remaining: number): RateLimit {
  const told = { sentMs: nowMs, nowMs, remaining, perWindow: 60, isGood: true };
  return noteRateAnswer(noteRequestSent(limit), told);
}

const spend = (requests: number) =>
  Array.from({ length: requests }).reduce<RateLimit>(
    (known, _, n) => answer(known, 1_000 + n, 59 - n),
    fresh,
  );

describe("the wait for many requests", () => {
  it("is none while the window still has room for all of them", () => {
    expect(waitForWindow(spend(30), 2_000, 30)).toBe(0);
  });

  it("lasts until the oldest request leaves the window when there is no room for all of them", () => {
    expect(waitForWindow(spend(30), 2_000, 31)).toBe(59_000);
    expect(waitForWindow(spend(60), 2_000, 1)).toBe(59_000);
  });

  it("is none while the limit is unknown, because one request can learn it", () => {
    expect(waitForWindow(fresh, 2_000, 60)).toBe(0);
    expect(waitForWindow(noteRequestSent(fresh), 2_000, 60)).toBe(0);
    expect(waitForWindow({ ...spend(30), told: null }, 2_000, 60)).toBe(0);
  });

  it("lasts as long as a pause that the portal has asked for", () => {
    expect(waitForWindow({ ...spend(30), closedUntilMs: 100_000 }, 2_000, 60)).toBe(98_000);
    expect(waitForWindow({ ...spend(30), closedUntilMs: 10_000 }, 2_000, 60)).toBe(59_000);
  });
});

describe("the estimated time of the last request", () => {
  it("is one window later for each further budget of requests", () => {
    const sentMs = [1, 60, 61, 120, 121].map((requests) => estimateSentMs(spend(1), requests, 5_000));
    expect(sentMs).toEqual([5_000, 5_000, 65_000, 65_000, 125_000]);
  });

  it("assumes one request in each window when the limit is unknown or used up by others", () => {
    expect(estimateSentMs(fresh, 3, 5_000)).toBe(125_000);
    expect(estimateSentMs(answer(openRateLimit({ windowMs, reserve: 60 }), 1_000, 0), 3, 5_000)).toBe(
      125_000,
    );
  });
});

describe("the budget of a window", () => {
  it("is the documented limit without the reserve while the limit is unknown", () => {
    expect(assumeBudget(fresh)).toBe(60);
    expect(assumeBudget(openRateLimit({ windowMs, reserve: 5 }))).toBe(55);
    expect(assumeBudget(openRateLimit({ windowMs, reserve: 70 }))).toBe(1);
  });

  it("is unknown until the portal states or shows a limit, or proves to be silent", () => {
    const learnt = { perWindow: 30, measured: 30, holdWindows: 4, atMs: 1_000, probeAtMs: 241_000 };
    const limit = openRateLimit({ windowMs, reserve: 5 });
    expect(countBudget(limit)).toBeNull();
    expect(countBudget({ ...limit, perWindow: 40 })).toBe(35);
    expect(countBudget({ ...limit, isSilent: true })).toBe(55);
    expect(countBudget({ ...limit, learnt })).toBe(25);
  });

  it("is the stated limit without the requests that others seem to send", () => {
    expect(assumeBudget(spend(10))).toBe(60);
    expect(assumeBudget(answer(spend(10), 2_000, 29))).toBe(40);
    expect(assumeBudget(noteRequestSent(answer(spend(10), 2_000, 29)))).toBe(41);
  });
});

describe("a limit that others use", () => {
  it("counts as taken when they have sent more requests than the exporter", () => {
    expect(isTakenByOthers(answer(spend(9), 2_000, 40), 2_000)).toBe(false);
    expect(isTakenByOthers(answer(spend(9), 2_000, 39), 2_000)).toBe(true);
    expect(isTakenByOthers({ ...answer(spend(9), 2_000, 39), perWindow: null }, 2_000)).toBe(false);
    expect(isTakenByOthers({ ...answer(spend(9), 2_000, 39), told: null }, 2_000)).toBe(false);
  });
});

describe("a pause", () => {
  it("is accepted up to a day, and refused beyond", () => {
    assertOpensSoon(dayMs);
    expect(() => assertOpensSoon(dayMs + 1)).toThrow(
      expect.objectContaining({
        kind: "portal",
        code: "portal_closed",
        detail: expect.stringMatching(/more than a day.*supplier/),
      }),
    );
  });

  it("of another attempt is heeded when it is longer and ends within a day", () => {
    const closed = { ...fresh, closedUntilMs: 5_000 };
    expect(heedPause(closed, 5_001, 3_000).closedUntilMs).toBe(5_001);
    expect(heedPause(closed, 4_999, 3_000).closedUntilMs).toBe(5_000);
    expect(heedPause(closed, 3_000 + dayMs, 3_000).closedUntilMs).toBe(3_000 + dayMs);
    expect(heedPause(closed, 3_001 + dayMs, 3_000).closedUntilMs).toBe(5_000);
  });
});

describe("a reserve", () => {
  it("is too large when it leaves no request to the export", () => {
    const detail =
      "PORTAL_RATE_RESERVE leaves 60 requests a window to others, and the portal allows 60: " +
      "nothing is left for the export.";
    const fault = { kind: "portal", code: "rate_reserve_too_large", detail, remedy: "Lower it." };
    expect(findReserveFault({ perWindow: 60, reserve: 60 })).toMatchObject(fault);
    expect(() => assertReserveFits({ ...fresh, perWindow: 60, reserve: 60 })).toThrow(
      expect.objectContaining(fault),
    );
  });

  it.each([
    { perWindow: 60, reserve: 59 },
    { perWindow: null, reserve: 60 },
    { perWindow: 0, reserve: 0 },
  ])("fits otherwise: %j", (limits) => {
    expect(findReserveFault(limits)).toBeNull();
    assertReserveFits({ ...fresh, ...limits });
  });
});

describe("the requests that weigh on the limit", () => {
  it("are those that were answered or refused within a window, in order", () => {
    const limit = { ...fresh, answeredMs: [1_000, 3_000, 10_000], refusedMs: [2_000, 4_000, 20_000] };
    expect(listWeighing(limit, 60_000)).toEqual([1_000, 2_000, 3_000, 4_000, 10_000, 20_000]);
    expect(listWeighing(limit, 63_000)).toEqual([4_000, 10_000, 20_000]);
    expect(listWeighing({ ...limit, refusedMs: [] }, 61_000)).toEqual([3_000, 10_000]);
  });
});

describe("a stored limit", () => {
  const settings = { windowMs, reserve: 5 };
  const learnt = { perWindow: 30, measured: 30, holdWindows: 4, atMs: 9_000, probeAtMs: 249_000 };
  const stored: RateLimit = {
    ...fresh,
    perWindow: 60,
    answeredMs: [8_000, 9_000],
    inFlight: 2,
    told: { remaining: 7, sinceMs: 8_000, atMs: 9_000 },
    closedUntilMs: 9_000 + dayMs,
    isOutage: true,
    refusedMs: [8_500, 9_000],
    refusals: 3,
    refusalMs: 9_000,
    isSilent: true,
    hasTold: false,
    learnt,
  };

  it("is kept with the present settings, without the requests under way", () => {
    const resumed = resumeRateLimit(JSON.parse(JSON.stringify(stored)), settings, 9_000);
    expect(resumed).toEqual({ ...stored, ...settings, inFlight: 0, hasTold: true });
  });

  it("loses each time that lies in the future", () => {
    expect(resumeRateLimit(stored, settings, 8_999)).toEqual({
      ...stored,
      ...settings,
      answeredMs: [8_000],
      inFlight: 0,
      told: null,
      closedUntilMs: 0,
      refusedMs: [8_500],
      refusals: 0,
      refusalMs: 0,
      hasTold: true,
      learnt: null,
    });
  });

  it("of an earlier version has the defaults of a fresh one, and no limit of 0", () => {
    const { perWindow: _, answeredMs, told, closedUntilMs, inFlight } = fresh;
    const early = { ...settings, perWindow: 0, answeredMs, told, closedUntilMs, inFlight };
    expect(resumeRateLimit(early, settings, 9_000)).toEqual(openRateLimit(settings));
  });
});

describe("requests that were answered one after the other", () => {
  it("weigh on the limit like those that were noted when they were sent", () => {
    const good = { sentMs: 1_000, nowMs: 1_100, remaining: 59, perWindow: 60, isGood: true, retryAtMs: null };
    const closed = { ...good, sentMs: 1_200, nowMs: 1_300, remaining: null, isGood: false, retryAtMs: 9_000 };
    const noted = noteRateAnswer(noteRequestSent(fresh), good);
    expect(
      noteAnsweredRequests(fresh, [
        { ...good, isClosed: false },
        { ...closed, isClosed: true },
      ]),
    ).toEqual({
      ...noteRateRefusal(noteRequestSent(noted), closed),
    });
    expect(noteAnsweredRequests(fresh, [])).toEqual(fresh);
  });
});
