import { beforeAll, describe, expect, it, vi } from "vitest";
import { describeHistory, describeViolation } from "./describe-history.ts";
import { type HistoryRun, runHistory } from "./run-history.ts";
import { shrinkHistory } from "./shrink-history.ts";
import { type HistoryRequest, planHistory } from "./history-plan.ts";

vi.setConfig({ testTimeout: 120_000 });

beforeAll(async () => {
  vi.stubEnv("POWERTOOLS_LOG_LEVEL", "SILENT");
  vi.stubEnv("POWERTOOLS_METRICS_DISABLED", "true");
  // The first history loads code on demand, which takes real time.
  await runHistory({ seed: "warm-up", offers: 60 });
});

const fixedSeeds = Array.from({ length: 6 }, (_, index) => `fixed-${index}`);
// oxlint-disable-next-line no-restricted-globals, no-restricted-properties -- fresh seeds have to differ in each run
const freshSeed = `fresh-${Date.now().toString(36)}`;
const freshSeeds = Array.from({ length: 4 }, (_, index) => `${freshSeed}-${index}`);

async function listViolations(seed: string): Promise<string[]> {
  const { violations } = await runHistory({ seed, isTraced: false });
  return violations.map(describeViolation);
}

describe("a month of the whole service", () => {
  it.each(fixedSeeds)("keeps every promise, whatever goes wrong (%s)", async (seed) => {
    expect(await listViolations(seed)).toEqual([]);
  });

  it("keeps every promise with seeds that nobody has tried", async () => {
    process.stdout.write(
      `fresh histories: npm run simulate -- --seed ${freshSeed} --histories ${freshSeeds.length}\n`,
    );
    const failures: string[] = [];
    for (const seed of freshSeeds)
      for (const violation of await listViolations(seed)) failures.push(`${seed}: ${violation}`);
    expect(failures).toEqual([]);
  });

  it("takes the same course for the same seed, and another course for another", async () => {
    const [once, again] = [
      await runHistory({ seed: "twice", offers: 200 }),
      await runHistory({ seed: "twice", offers: 200 }),
    ];
    expect(again.world.trace.lines()).toEqual(once.world.trace.lines());
    expect(again.world.trace.digest()).toBe(once.world.trace.digest());
    const other = await runHistory({ seed: "thrice", offers: 200 });
    expect(other.world.trace.digest()).not.toBe(once.world.trace.digest());
  });

  it("plans the other actions as before when one is left out", () => {
    const seed = Array.from({ length: 50 }, (_, index) => `plan-${index}`).find(
      (name) =>
        planHistory({ seed: name }).users.length > 1 &&
        planHistory({ seed: name }).users[0]?.deleteMs !== null,
    );
    const plan = planHistory({ seed: seed ?? "" });
    const without = planHistory({ seed: seed ?? "", suppressed: new Set(["user-1 delete #1"]) });
    const [first, ...others] = plan.users;
    expect(without.users).toEqual([{ ...first, deleteMs: null }, ...others]);
  });
});

describe("a failing history", () => {
  it("fails when the storage breaks a promise", async () => {
    // A read that misses the last write lets a report lack offers.
    const { violations } = await runHistory({ seed: "shrink-9", offers: 60, defect: "consistency" });
    expect(violations).not.toEqual([]);
  });

  it("is shrunk to the faults and actions that it needs", async () => {
    const invariant = "no error is unexpected";
    const needed = "user-1 #1";
    const runOne = async (request: HistoryRequest): Promise<HistoryRun> => {
      const run = await runHistory(request);
      const isFailing = run.plan.actions.includes(needed);
      return { ...run, violations: isFailing ? [{ invariant, detail: "planted" }] : [] };
    };
    const limits = { maxRuns: 30, maxMs: Infinity };
    const shrunk = await shrinkHistory({ seed: "shrink-0", offers: 31 }, invariant, {
      limits,
      elapsedMs: () => 0,
      runOne,
    });
    expect(shrunk.left).toEqual([needed]);
    expect(describeHistory("shrink-0", shrunk)).toContain(`with ${needed}`);
  });
});
