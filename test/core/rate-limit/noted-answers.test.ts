import { describe, expect, it } from "vitest";
import {
  countGranted,
  noteRateAnswer,
  noteRateRefusal,
  openRateLimit,
  type RateLimit,
} from "../../../functions/core/rate-limit/rate-limit.ts";
import { raiseAssumption, readPermit } from "../../../functions/core/rate-limit/request-permits.ts";

const windowMs = 60_000;
const fresh: RateLimit = { ...openRateLimit({ windowMs, reserve: 0 }), inFlight: 2 };
const learnt = { perWindow: 1, measured: 1, holdWindows: 4, atMs: 5_000, probeAtMs: 245_000 };
const plain = { sentMs: 5_001, nowMs: 5_100, remaining: null, perWindow: null, isGood: true };

describe("an answer", () => {
  it("is logged, and earlier ones that weighed no more when its request was sent are dropped", () => {
    const limit = { ...fresh, answeredMs: [1_500, 1_501], refusals: 2, isSilent: true };
    const answer = { sentMs: 61_500, nowMs: 61_700, remaining: 40, perWindow: 60, isGood: true };
    expect(noteRateAnswer(limit, answer)).toEqual({
      ...limit,
      inFlight: 1,
      answeredMs: [1_501, 61_700],
      perWindow: 60,
      told: { remaining: 40, sinceMs: 61_500, atMs: 61_700 },
      hasTold: true,
      refusals: 0,
      isSilent: false,
    });
  });

  it("shows a silent portal only when it is successful and no stated number is still valid", () => {
    const told = { remaining: 9, sinceMs: 4_000, atMs: 4_000 };
    expect(noteRateAnswer(fresh, plain).isSilent).toBe(true);
    expect(noteRateAnswer({ ...fresh, told }, plain).isSilent).toBe(false);
    expect(noteRateAnswer(fresh, { ...plain, remaining: 9 }).isSilent).toBe(false);
    const failed = noteRateAnswer({ ...fresh, refusals: 2 }, { ...plain, isGood: false });
    expect(failed).toMatchObject({ isSilent: false, refusals: 2, hasTold: false });
  });

  it("ends the row of refusals when its request was sent after the last one", () => {
    const refused = { ...fresh, refusals: 2, refusalMs: 5_000, learnt, answeredMs: [3_000, 4_000] };
    expect(noteRateAnswer(refused, plain)).toMatchObject({ refusals: 0, learnt: { measured: 1 } });
    expect(noteRateAnswer(refused, { ...plain, sentMs: 5_000 })).toMatchObject({
      refusals: 2,
      learnt: { perWindow: 3, measured: 3 },
    });
  });

  it.each([
    [{ perWindow: 60, remaining: 60 }, 60],
    [{ perWindow: 59, remaining: 60 }, null],
    [{ perWindow: 5, remaining: null }, 5],
    [{ perWindow: 4, remaining: null }, null],
    [{ perWindow: 0, remaining: 0 }, null],
    [{ perWindow: null, remaining: 7 }, null],
  ])("states a limit that is at least what remains and what was granted: %j", (told, perWindow) => {
    const limit = { ...fresh, answeredMs: [1_000, 2_000, 3_000, 4_000] };
    expect(noteRateAnswer(limit, { ...plain, ...told }).perWindow).toBe(perWindow);
  });
});

describe("the number of remaining requests", () => {
  const told = { remaining: 10, sinceMs: 4_000, atMs: 5_000 };
  const limit = { ...fresh, perWindow: 60, told };
  const toldBy = (answer: Partial<Parameters<typeof noteRateAnswer>[1]>, known: RateLimit = limit) =>
    noteRateAnswer(known, { ...plain, ...answer }).told;

  it("is the lowest of requests that were under way together", () => {
    expect(toldBy({ sentMs: 4_999, remaining: 30 })).toEqual({ remaining: 10, sinceMs: 5_100, atMs: 5_100 });
    expect(toldBy({ sentMs: 4_999, remaining: 10 })).toEqual({ remaining: 10, sinceMs: 4_999, atMs: 5_100 });
    expect(toldBy({ sentMs: 4_999, remaining: 9 })).toEqual({ remaining: 9, sinceMs: 4_999, atMs: 5_100 });
  });

  it("is replaced by that of a request that was sent later, or once it is a window old", () => {
    expect(toldBy({ sentMs: 5_000, remaining: 30 })).toEqual({ remaining: 30, sinceMs: 5_000, atMs: 5_100 });
    expect(toldBy({ sentMs: 4_999, nowMs: 65_000, remaining: 30 })).toEqual({
      remaining: 30,
      sinceMs: 4_999,
      atMs: 65_000,
    });
  });

  it("falls by each answer without it, unless the portal may have counted that request already", () => {
    expect(toldBy({ sentMs: 5_000 })).toEqual({ remaining: 9, sinceMs: 5_100, atMs: 5_100 });
    expect(toldBy({ sentMs: 4_999 })?.remaining).toBe(10);
    expect(toldBy({ sentMs: 4_999, isGood: false })?.remaining).toBe(9);
    expect(toldBy({ sentMs: 4_999 }, { ...limit, perWindow: null })?.remaining).toBe(9);
    expect(toldBy({ sentMs: 64_999, nowMs: 65_000 })).toBeNull();
  });
});

describe("a refusal", () => {
  const refusal = { ...plain, isGood: false, retryAtMs: 9_000 };

  it("is logged, and closes the limit until the stated time", () => {
    const limit = { ...fresh, refusedMs: [1_500, 1_501], refusals: 1, refusalMs: 1_501, isSilent: true };
    const told = { remaining: 9, sinceMs: 60_000, atMs: 60_000 };
    const given = { ...refusal, sentMs: 61_500, nowMs: 61_700, retryAtMs: 70_000 };
    expect(noteRateRefusal({ ...limit, told }, given)).toEqual({
      ...limit,
      inFlight: 1,
      refusedMs: [1_501, 61_700],
      refusals: 2,
      refusalMs: 61_700,
      closedUntilMs: 70_000,
    });
  });

  it("is the same refusal as the last one when its request was sent before that", () => {
    const limit = { ...fresh, refusals: 1, refusalMs: 5_001 };
    expect(noteRateRefusal(limit, refusal)).toMatchObject({ refusals: 1, refusalMs: 5_001 });
    expect(noteRateRefusal(limit, { ...refusal, sentMs: 5_002 })).toMatchObject({
      refusals: 2,
      refusalMs: 5_100,
    });
  });

  it("closes the limit for longer each time, and never for less than before", () => {
    const closed = (refusals: number, closedUntilMs = 0) =>
      noteRateRefusal({ ...fresh, refusals, closedUntilMs }, { ...refusal, retryAtMs: 5_100 }).closedUntilMs;
    expect([0, 1, 2, 5, 6].map((refusals) => closed(refusals) - 5_100)).toEqual([
      1_000, 2_000, 4_000, 32_000, 60_000,
    ]);
    expect(closed(0, 99_000)).toBe(99_000);
  });

  it("without a stated time closes the limit until its oldest request is a window old, but no outage does", () => {
    const limit = { ...fresh, answeredMs: [2_000, 3_000] };
    const opensMs = (isOutage: boolean, known: RateLimit = limit) =>
      noteRateRefusal(known, { ...refusal, retryAtMs: null, isOutage }).closedUntilMs;
    expect(opensMs(false)).toBe(62_000);
    expect(opensMs(true)).toBe(6_100);
    expect(opensMs(false, fresh)).toBe(6_100);
  });

  it("teaches the number of granted requests when the portal states no limit", () => {
    const granted = { ...fresh, answeredMs: [1_000, 2_000, 3_000] };
    const learntBy = (
      known: RateLimit,
      rest: Partial<{ perWindow: number; sentMs: number; isOutage: boolean }> = {},
    ) => noteRateRefusal(known, { ...refusal, ...rest }).learnt;
    expect(learntBy(granted)).toMatchObject({ measured: 3, holdWindows: 1 });
    expect(learntBy({ ...granted, refusalMs: 6_000 })).toMatchObject({ measured: 3, holdWindows: 1 });
    expect(learntBy({ ...granted, learnt })).toMatchObject({ measured: 3, holdWindows: 8 });
    expect(learntBy({ ...granted, learnt, refusalMs: 6_000 })).toMatchObject({ measured: 3, holdWindows: 4 });
    expect(learntBy({ ...granted, perWindow: 60, learnt })).toEqual(learnt);
    expect(learntBy({ ...granted, learnt }, { perWindow: 60 })).toEqual(learnt);
    const told = { remaining: 9, sinceMs: 4_000, atMs: 4_000 };
    expect(learntBy({ ...granted, told, learnt })).toEqual(learnt);
    expect(learntBy({ ...granted, learnt }, { isOutage: true })).toEqual(learnt);
    expect(learntBy(fresh)).toBeNull();
  });
});

describe("granted requests", () => {
  it("count for exactly one window", () => {
    expect(countGranted({ ...fresh, answeredMs: [1_000, 1_001, 5_000] }, 61_000)).toBe(2);
  });
});

describe("a permit", () => {
  const idle = { ...fresh, inFlight: 0 };
  const told = { remaining: 0, sinceMs: 5_000, atMs: 5_000 };

  it("waits for a running request, or else for a window when the log shows no request", () => {
    const spent = { ...idle, perWindow: 60, told, answeredMs: [4_000] };
    expect(readPermit({ ...spent, inFlight: 1 }, 6_000)).toEqual({ requests: 0, waitMs: null });
    expect(readPermit({ ...spent, answeredMs: [] }, 6_000)).toEqual({ requests: 0, waitMs: windowMs });
  });

  it("is for one request after a refusal by a silent portal", () => {
    const refused = { ...idle, isSilent: true, refusals: 1 };
    expect(readPermit(refused, 6_000).requests).toBe(1);
    expect(readPermit({ ...refused, inFlight: 1 }, 6_000).requests).toBe(0);
    expect(readPermit({ ...refused, refusals: 0 }, 6_000).requests).toBe(60);
  });

  const probing = (nowMs: number, ...answeredMs: number[]) =>
    readPermit({ ...idle, isSilent: true, learnt: { ...learnt, probeAtMs: 100_000 }, answeredMs }, nowMs)
      .requests;

  it("goes beyond a learnt limit at the time of the next probe, if the log holds one window of the portal", () => {
    expect(probing(99_999, 99_000)).toBe(0);
    expect(probing(100_000, 70_001)).toBe(1);
    expect(probing(100_000, 70_000)).toBe(0);
    expect(probing(100_000, 40_000, 99_000)).toBe(1);
  });

  it("goes beyond it two windows later in any case", () => {
    expect(probing(219_999, 169_000)).toBe(0);
    expect(probing(220_000, 169_000)).toBe(1);
  });
});

describe("an assumed limit", () => {
  const granted = (count: number) => Array.from({ length: count }, (_, index) => 1_000 + index);
  const silent = { ...fresh, isSilent: true, answeredMs: granted(60) };

  it("doubles when all of it was granted, also when it had been raised before", () => {
    expect(raiseAssumption(silent, 6_000).learnt).toEqual({
      perWindow: 120,
      measured: null,
      holdWindows: 0,
      atMs: 6_000,
      probeAtMs: 6_000,
    });
    const raised = { ...learnt, perWindow: 120, measured: null };
    expect(
      raiseAssumption({ ...silent, learnt: raised, answeredMs: granted(120) }, 6_000).learnt,
    ).toMatchObject({
      perWindow: 240,
      holdWindows: 4,
    });
    expect(raiseAssumption({ ...silent, learnt: raised, answeredMs: granted(119) }, 6_000).learnt).toEqual(
      raised,
    );
  });

  it("stays when the portal states a limit or what remains, or has not been silent", () => {
    const told = { remaining: 9, sinceMs: 4_000, atMs: 4_000 };
    for (const rest of [{ perWindow: 60 }, { told }, { isSilent: false }, { reserve: 1 }]) {
      const limit = { ...silent, answeredMs: granted(120), ...rest };
      expect(raiseAssumption(limit, 6_000)).toEqual(limit);
    }
  });

  it("stays at a measured limit until more than that was granted at a probe", () => {
    const measured = { ...learnt, perWindow: 60, measured: 60, probeAtMs: 6_000 };
    expect(raiseAssumption({ ...silent, learnt: measured }, 6_000).learnt).toEqual(measured);
    const exceeded = { ...silent, answeredMs: granted(61), learnt: measured };
    expect(raiseAssumption(exceeded, 6_000).learnt).toMatchObject({ perWindow: 122, measured: 60 });
    expect(raiseAssumption(exceeded, 5_999).learnt).toEqual(measured);
  });
});
