import { describe, expect, it } from "vitest";
import * as z from "zod";
import { type Bucket, openBucket } from "../../../functions/adapters/bucket/bucket.ts";
import { readParts } from "../../../functions/app/snapshot/snapshot-reader.ts";
import type { SnapshotManifest } from "../../../functions/core/snapshot/snapshot-manifest.ts";
import { rawOffers } from "../../support/offer-fixtures.ts";
import { listPartKeys, writeSnapshot } from "../../support/snapshot-fixtures.ts";
import { openVirtualBucket } from "../../support/virtual-stack.ts";
import { useWorld } from "../../support/virtual-world.ts";

const id = "a-snapshot";

/** Opens a bucket with a snapshot of five parts. `fetched` lists the keys that were read; `running` counts requests. */
async function openSnapshot() {
  const bucket = openBucket(await openVirtualBucket());
  const manifest = await writeSnapshot(bucket, rawOffers(10), {
    id,
    at: "2026-03-01T04:00:00.000Z",
    offersPerPart: 2,
  });
  const keys = await listPartKeys(bucket, id);
  const seen = { fetched: [] as string[], running: 0 };
  const watched: Bucket = {
    ...bucket,
    async readBytes(key) {
      seen.fetched.push(key);
      seen.running += 1;
      await useWorld().clock.sleep(50);
      return await bucket.readBytes(key).finally(() => (seen.running -= 1));
    },
  };
  return { bucket, watched, manifest, seen, keys: keys.slice(0, 5) };
}

const Offers = z.array(z.object({ offerNumber: z.string() }));
const numbersOf = (offers: Iterable<unknown>) =>
  Offers.parse([...offers]).map(({ offerNumber }) => offerNumber.replace("2024-", ""));

async function listNumbers(bucket: Bucket, manifest: SnapshotManifest, from: "near" | "far") {
  const parts: string[][] = [];
  for await (const offers of readParts(bucket, manifest, from)) parts.push(numbersOf(offers));
  return parts.filter((part) => part.length > 0);
}

describe("reading a snapshot's parts", () => {
  it("begins at either end of the list", async () => {
    const { bucket, manifest } = await openSnapshot();
    const forwards = [
      ["1", "2"],
      ["3", "4"],
      ["5", "6"],
      ["7", "8"],
      ["9", "10"],
    ];
    expect(await listNumbers(bucket, manifest, "near")).toEqual(forwards);
    const backwards = forwards.map((part) => part.toReversed()).toReversed();
    expect(await listNumbers(bucket, manifest, "far")).toEqual(backwards);
  });

  it("fetches two parts ahead of the part in use, and no more", async () => {
    const { watched, manifest, seen, keys } = await openSnapshot();
    const parts = readParts(watched, manifest);
    expect(seen.fetched).toEqual([]);
    for (const inUse of [1, 2, 3]) {
      await parts.next();
      await useWorld().clock.sleep(1_000);
      expect(seen.fetched).toEqual(keys.slice(0, inUse + 2));
    }
    await parts.return(undefined);
  });

  it("throws for a missing part only when it is that part's turn", async () => {
    const { bucket, watched, manifest, keys } = await openSnapshot();
    await bucket.remove(keys[1] ?? "");
    const parts = readParts(watched, manifest);
    expect(numbersOf((await parts.next()).value ?? [])).toEqual(["1", "2"]);
    await useWorld().clock.sleep(1_000);
    await expect(parts.next()).rejects.toMatchObject({ code: "snapshot_gone" });
    expect(await parts.next()).toEqual({ done: true, value: undefined });
  });

  it("leaves no request running when the reader stops early, even if the next part is missing", async () => {
    const { bucket, watched, manifest, seen, keys } = await openSnapshot();
    await bucket.remove(keys[1] ?? "");
    for await (const offers of readParts(watched, manifest)) {
      expect(numbersOf(offers)).toHaveLength(2);
      expect(seen.running).toBe(2);
      break;
    }
    expect(seen).toEqual({ fetched: keys.slice(0, 3), running: 0 });
  });
});
