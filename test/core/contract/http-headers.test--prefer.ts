import { describe, expect, it } from "vitest";
import { findRetryAfterSeconds, readPrefer } from "../../../functions/core/contract/http-headers.ts";
import { noProgress } from "../../../functions/core/basics/stored-values.ts";

describe("readPrefer", () => {
  it.each([
    [undefined, 25],
    ["wait=10", 10],
    ["WAIT = 10", 10],
    ['wait="10"', 10],
    ["wait=100", 25],
    ["wait=0", 0],
    ["respond-async", 0],
    ["wait=10; of=all", 10],
    ["return=minimal, wait=3, wait=4", 3],
    ["respond-async, wait=10", 0],
    ["wait=soon", 25],
    ["wait=-1", 25],
    ["wait", 25],
    ["", 25],
  ])("takes %j for %d seconds where 25 is the rule", (header, seconds) => {
    expect(readPrefer(header, 25)).toBe(seconds);
  });
});

describe("findRetrySeconds", () => {
  const now = new Date("2026-11-22T12:00:00.000Z");

  it.each([
    [null, 2],
    ["2026-11-22T12:00:00.500Z", 2],
    ["2026-11-22T12:00:41.200Z", 42],
    ["2026-11-22T13:00:00.000Z", 60],
  ])("asks again when the wait until %s is over, and within a minute", (waitingUntil, seconds) => {
    expect(findRetryAfterSeconds({ ...noProgress, waitingUntil }, now)).toBe(seconds);
  });
});
