import { describe, expect, it } from "vitest";
import {
  addToMeasurement,
  learnLimitFromRefusal,
  type LearntLimit,
} from "../../../functions/core/rate-limit/learnt-limit.ts";

const windowMs = 60_000;
const learn = (known: LearntLimit | null, granted: number) =>
  learnLimitFromRefusal(known, { granted, nowMs: 1_000, windowMs });

describe("a limit that a refusal shows", () => {
  it("is the number of granted requests, and is probed again after four windows when it was expected", () => {
    expect(learn(null, 54)).toEqual({
      perWindow: 54,
      measured: 54,
      holdWindows: 4,
      atMs: 1_000,
      probeAtMs: 241_000,
    });
  });

  it("is probed again after one window when it is less than nine tenths of the expected one", () => {
    expect(learn(null, 53)).toMatchObject({ measured: 53, holdWindows: 1, probeAtMs: 61_000 });
  });

  it("is probed less and less often while it is confirmed, and soon again after a surprise", () => {
    const holds: number[] = [];
    let limit: LearntLimit | null = null;
    for (const granted of [40, 40, 36, 40, 40, 40, 40, 10, 10]) {
      limit = learn(limit, granted);
      holds.push(limit.holdWindows);
    }
    expect(holds).toEqual([1, 4, 8, 16, 32, 64, 64, 1, 4]);
  });

  it("is compared with what the documentation says while it was only assumed", () => {
    const assumed = { perWindow: 120, measured: null, holdWindows: 0, atMs: 1_000, probeAtMs: 1_000 };
    expect(learn(assumed, 54).holdWindows).toBe(4);
    expect(addToMeasurement(assumed, 130)).toEqual({ ...assumed, perWindow: 130 });
  });

  it("rises by requests that were granted meanwhile, and never falls by them", () => {
    const learnt = learn(null, 54);
    expect(addToMeasurement(learnt, 56)).toEqual({ ...learnt, perWindow: 56, measured: 56 });
    expect(addToMeasurement(learnt, 50)).toEqual(learnt);
  });
});
