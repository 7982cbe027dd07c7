import { describe, expect, it } from "vitest";
import { openBucket } from "../../functions/adapters/bucket/bucket.ts";
import { countFailures, location, runBucketHistory, stormyRates } from "./bucket-history.ts";
import { openFaultSource } from "./fault-source.ts";
import { openHistoryTrace } from "./history-trace.ts";
import { openSimulatedProcess } from "./simulated-process.ts";
import { openSimulatedS3 } from "./simulated-s3.ts";
import { openVirtualClock } from "./virtual-clock.ts";

const seeds = Array.from({ length: 100 }, (_, index) => `bucket-${index}`);

async function findViolation(defect: "conditions" | "consistency", pattern: RegExp) {
  for (const seed of seeds) {
    const { violations } = await runBucketHistory({ seed, defect });
    if (violations.some((violation) => pattern.test(violation))) return seed;
  }
  return null;
}

describe("the bucket's adapter over a storage with faults, with several writers", () => {
  it("loses no update, grants no claim twice and keeps no half file", async () => {
    const failures: string[] = [];
    for (const seed of seeds) {
      const { violations } = await runBucketHistory({ seed });
      failures.push(...violations.map((violation) => `${seed}: ${violation}`));
    }
    expect(failures).toEqual([]);
  });

  it("does so too when requests take effect after their timeout", async () => {
    const failures: string[] = [];
    for (const seed of seeds) {
      const { violations } = await runBucketHistory({ seed, rates: { ...stormyRates, late: 20 } });
      // An object that was written late stays after the removal of its prefix.
      failures.push(...violations.filter((violation) => !violation.startsWith("removed")));
    }
    expect(failures).toEqual([]);
  });

  it("fails no call when only other writers come between", async () => {
    for (const seed of seeds) {
      const { violations, observed } = await runBucketHistory({ seed, rates: {} });
      expect([violations, countFailures(observed)]).toEqual([[], 0]);
    }
  });

  it("leaves no upload open after the lifecycle's time", async () => {
    const open = new Set<string>();
    for (const seed of seeds.slice(0, 10)) {
      const { s3, clock, violations } = await runBucketHistory({ seed, largeEvery: 2 });
      expect(violations).toEqual([]);
      for (const key of s3.objects.openUploads()) open.add(key);
      await clock.advance(clock.now() + 2 * 24 * 3_600_000);
      s3.objects.expire([], 1);
      expect(s3.objects.openUploads()).toEqual([]);
    }
    expect(open.size).toBeGreaterThan(0);
  });
});

describe("the checks of a history", () => {
  it("see a storage that ignores conditions", async () => {
    expect(await findViolation("conditions", /loses an update/)).not.toBe(null);
    expect(await findViolation("conditions", /hold the claim|is another's/)).not.toBe(null);
  });

  it("see a storage whose reads are stale", async () => {
    expect(await findViolation("consistency", /no value of its time/)).not.toBe(null);
  });
});

describe("a history", () => {
  it("is the same for the same seed, and another one for another seed", async () => {
    const digests = new Set<string>();
    for (const seed of seeds.slice(0, 30)) {
      const [once, again] = [await runBucketHistory({ seed }), await runBucketHistory({ seed })];
      expect(again.trace.lines()).toEqual(once.trace.lines());
      digests.add(once.trace.digest());
    }
    expect(digests.size).toBe(30);
  });

  it("has the same faults at other places when one of its faults is left out", async () => {
    const { faults } = await runBucketHistory({ seed: "shrunk" });
    const [first, ...others] = faults.injected();
    const suppressed = new Set([first?.id ?? ""]);
    const without = await runBucketHistory({ seed: "shrunk", suppressed });
    const ids = new Set(without.faults.injected().map(({ id, kind }) => `${id} ${kind}`));
    expect(ids.has(`${first?.id} ${first?.kind}`)).toBe(false);
    expect(others.filter(({ id, kind }) => ids.has(`${id} ${kind}`)).length).toBeGreaterThan(
      others.length / 2,
    );
  });
});

describe("an object whose bytes break off while it is read", () => {
  /** Writes an object, and reads it while the first `cuts` answers break off. */
  async function readCut(cuts: number): Promise<string> {
    const clock = openVirtualClock(Date.UTC(2026, 0, 1));
    const trace = openHistoryTrace(clock.now);
    const rates = { cut: 0 };
    const s3 = openSimulatedS3({ clock, trace, faults: openFaultSource("seed"), rates });
    const process = openSimulatedProcess("one", "seed", clock);
    const bucket = openBucket(location, { timer: process.clock.system, random: process.random });
    s3.serve(bucket.s3.client, process);
    await clock.complete(bucket.writeBytes("a", "bytes", { contentType: "text/plain" }));
    let reads = 0;
    s3.watch(() => {
      reads += 1;
      if (reads === cuts) rates.cut = 0;
    });
    rates.cut = cuts === 0 ? 0 : 1000;
    return Buffer.from((await clock.complete(bucket.readBytes("a"))) ?? []).toString();
  }

  it("is read once more", async () => {
    expect(await readCut(0)).toBe("bytes");
    expect(await readCut(1)).toBe("bytes");
  });

  it("is an error of the storage when they break off again", async () => {
    await expect(readCut(2)).rejects.toMatchObject({ kind: "storage", code: "storage_failed" });
  });
});
