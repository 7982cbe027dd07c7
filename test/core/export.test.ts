import { describe, expect, it } from "vitest";
import { beginCrawl } from "../../functions/core/crawl.ts";
import { keepAlive, newState, noteProgress, seeState } from "../../functions/core/export.ts";
import { parseQuery } from "../../functions/core/request.ts";

const minute = 60_000;
const startMs = Date.parse("2026-11-22T12:00:00Z");
const { options } = parseQuery(new URLSearchParams(), 20_779);
const begun = newState("an-id", options, new Date(startMs));
const crawl = beginCrawl({ windowMs: minute, reserve: 0 });

describe("a running export", () => {
  it("is taken to run for four minutes after its start", () => {
    expect(seeState(begun, new Date(startMs + 4 * minute - 1))).toBe(begun);
    expect(seeState(begun, new Date(startMs + 4 * minute))).toMatchObject({
      status: "failed",
      finishedAt: "2026-11-22T12:04:00.000Z",
      problem: { code: "interrupted" },
    });
  });

  it("is taken to run for four minutes after each sign of life", () => {
    const state = keepAlive(noteProgress(begun, crawl, null), startMs + 10 * minute);
    expect(seeState(state, new Date(startMs + 14 * minute - 1)).status).toBe("running");
    expect(seeState(state, new Date(startMs + 14 * minute)).status).toBe("failed");
  });

  it("is taken to run while it waits, and four minutes more", () => {
    const waiting = noteProgress(begun, crawl, startMs + 30 * minute);
    const state = keepAlive(waiting, startMs + minute);
    expect(seeState(state, new Date(startMs + 34 * minute - 1)).status).toBe("running");
    expect(seeState(state, new Date(startMs + 34 * minute)).status).toBe("failed");
  });
});
