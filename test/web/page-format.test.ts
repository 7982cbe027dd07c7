import { describe, expect, it } from "vitest";
import { createPageFormat } from "../../functions/web/words/page-format.ts";

describe("an age", () => {
  const { age } = createPageFormat("nl");
  const madeAt = "2026-11-22T20:46:20.000Z";
  const ageAfter = (seconds: number) => age(madeAt, Date.parse(madeAt) + seconds * 1000);

  it("is in whole minutes, hours or days", () => {
    expect([60, 7_199, 86_400].map(ageAfter)).toEqual(["1 minuut geleden", "1 uur geleden", "gisteren"]);
  });

  it("is none in the first minute, and none in the future", () => {
    expect([-5, 0, 59.9].map(ageAfter)).toEqual([null, null, null]);
  });
});
