import { describe, expect, it } from "vitest";
import {
  isFailedAttempt,
  isReportOverdue,
  isWatchedTick,
} from "../../../functions/core/schedule/overdue-reports.ts";
import { cancelledProblem, failExport, newExportState } from "../../../functions/core/export/export-state.ts";
import { parseQuery } from "../../../functions/core/options/export-request.ts";

const at = Date.parse("2026-12-01T05:00:00Z");
const after = (hours: number) => at + hours * 3_600_000;
const queued = newExportState("an-id", parseQuery(new URLSearchParams(), 20_787), new Date(at));
const problem = { code: "portal_unavailable", detail: "The portal was away." };
const failed = failExport(queued, problem, new Date(at));
const called = failExport(queued, cancelledProblem, new Date(at));
const made = { ...queued, status: "succeeded" as const };

function overdue(state: typeof queued, number: number, hours: number) {
  return isReportOverdue({ number, state, failed: null }, at, after(hours));
}

describe("a report of a tick", () => {
  it("is retried after a failure, and not after a cancellation", () => {
    expect([queued, made, failed, called].map(isFailedAttempt)).toEqual([false, false, true, false]);
  });

  it("is watched for two days", () => {
    expect([0, 47.9, 48].map((hours) => isWatchedTick(at, after(hours)))).toEqual([true, true, false]);
  });

  it("is overdue after three failures, although it is retried", () => {
    expect([1, 2, 3, 4].map((number) => overdue(queued, number, 3))).toEqual([false, false, false, true]);
  });

  it("is overdue after a day and a half, after any number of attempts", () => {
    expect([overdue(queued, 1, 35.9), overdue(queued, 1, 36)]).toEqual([false, true]);
  });

  it("is not overdue when it has succeeded or was cancelled", () => {
    for (const state of [made, called]) expect(overdue(state, 9, 47)).toBe(false);
  });
});
