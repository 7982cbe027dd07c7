import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exampleCheck } from "../../../functions/core/contract/openapi-examples.ts";
import { beginCheck, endCheck, type StoredCheck } from "../../../functions/core/check/setup-check.ts";

describe("beginCheck", () => {
  it("lets one check a minute start, and gives its answer to the others once it exists", () => {
    const pauses = fc.array(fc.tuple(fc.integer({ min: 0, max: 90_000 }), fc.boolean()), { maxLength: 40 });
    fc.assert(
      fc.property(pauses, (visits) => {
        let memory: StoredCheck | null = null;
        let nowMs = Date.UTC(2026, 10, 22);
        const begunMs: number[] = [];
        for (const [pauseMs, ends] of visits) {
          nowMs += pauseMs;
          const { after, answer } = beginCheck(memory, new Date(nowMs));
          memory = after ?? memory;
          if (answer.kind !== "begun") continue;
          begunMs.push(nowMs);
          const found = { ...exampleCheck, checkedAt: new Date(nowMs).toISOString() };
          if (!ends) continue;
          memory = endCheck(found, true);
          expect(beginCheck(memory, new Date(nowMs + 59_999)).answer).toEqual({
            kind: "known",
            answer: found,
          });
        }
        for (const [index, atMs] of begunMs.entries())
          expect(atMs - (begunMs[index - 1] ?? -Infinity)).toBeGreaterThanOrEqual(60_000);
      }),
    );
  });

  it("reuses no answer that cost no request to the portal", () => {
    const memory = endCheck(exampleCheck, false);
    expect(beginCheck(memory, new Date(exampleCheck.checkedAt)).answer).toEqual({ kind: "begun" });
  });

  it("waits for a check that started later but claimed first", () => {
    const { after } = beginCheck(null, new Date(1_000));
    expect(beginCheck(after, new Date(999)).answer).toEqual({ kind: "running" });
  });

  it("starts again when the clock has been set back", () => {
    const memory = endCheck(exampleCheck, true);
    const yesterday = new Date(Date.parse(exampleCheck.checkedAt) - 86_400_000);
    expect(beginCheck(memory, yesterday).answer).toEqual({ kind: "begun" });
  });
});
