import { beforeAll, describe, expect, it, vi } from "vitest";
import { runExportHistory } from "./export-history.ts";

beforeAll(async () => {
  vi.stubEnv("POWERTOOLS_LOG_LEVEL", "SILENT");
  vi.stubEnv("POWERTOOLS_METRICS_DISABLED", "true");
  // The first history loads code on demand, which takes real time.
  await runExportHistory({ seed: "warm-up", offers: 20, exports: 1, hasFaults: false });
});

describe("exports on virtual time", () => {
  it("are complete when nothing goes wrong", async () => {
    const { states, violations } = await runExportHistory({
      seed: "one",
      offers: 1_000,
      exports: 2,
      hasFaults: false,
    });
    expect(violations).toEqual([]);
    const outcomes = states.map(({ status, result }) => [status, result?.completeness, result?.rows]);
    expect(outcomes).toEqual([
      ["succeeded", "complete", 1_000],
      ["succeeded", "complete", 1_000],
    ]);
  });

  it("end, and lose no offer, when the storage, invocations, checkpoints and starts fail", async () => {
    const failures: string[] = [];
    const outcomes = new Set<string>();
    for (let number = 0; number < 40; number += 1) {
      const seed = `exports-${number}`;
      const { states, violations } = await runExportHistory({
        seed,
        offers: 200,
        exports: 2,
        hasFaults: true,
      });
      failures.push(...violations.map((violation) => `${seed}: ${violation}`));
      for (const { status } of states) outcomes.add(status);
    }
    expect(failures).toEqual([]);
    expect(outcomes).toContain("succeeded");
  });

  it.each(["stable", "by change", "ties", "middle", "both ends", "fleeting"] as const)(
    "are never complete and wrong, and keep to the limit, when only the portal fails (%s order)",
    async (order) => {
      const failures: string[] = [];
      const verdicts = new Set<string | undefined>();
      for (let number = 0; number < 8; number += 1) {
        const seed = `${order}-${number}`;
        const history = { seed, offers: 250, exports: 2, hasFaults: true, isStorageSound: true };
        const { states, violations } = await runExportHistory({ ...history, portal: { order } });
        failures.push(...violations.map((violation) => `${seed}: ${violation}`));
        for (const { result } of states) verdicts.add(result?.completeness);
      }
      expect(failures).toEqual([]);
      expect(verdicts).toContain("complete");
    },
  );

  it("take the same course for the same seed", async () => {
    const history = { seed: "twice", offers: 150, exports: 2, hasFaults: true };
    const [once, again] = [await runExportHistory(history), await runExportHistory(history)];
    expect(again.trace.lines()).toEqual(once.trace.lines());
    expect((await runExportHistory({ ...history, seed: "other" })).trace.digest()).not.toBe(
      once.trace.digest(),
    );
  });
});
