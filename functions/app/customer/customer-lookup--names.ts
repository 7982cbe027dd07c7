import { namesKey } from "../../core/basics/bucket-keys.ts";
import { addLookupResult, emptyNameCache, type LookupResult, NameCache } from "../../core/customer/name-cache.ts";
import { hashPortal } from "../../adapters/bucket/key-hashes.ts";
import type { StateStore } from "../context.ts";

/** One that another version wrote in another shape is begun anew. */
const Stored = NameCache.catch(emptyNameCache);

export async function readNameCache({ bucket, config }: StateStore): Promise<NameCache> {
  return (await bucket.readJson(namesKey(hashPortal(config)), Stored)) ?? emptyNameCache;
}

/** Adds to the names whatever others add to them meanwhile. Asked for at that moment: who asked later is right. */
export async function saveNames({ bucket, config }: StateStore, found: LookupResult, askedMs: number): Promise<void> {
  await bucket.update(namesKey(hashPortal(config)), Stored, (before) => ({
    after: addLookupResult(before ?? emptyNameCache, found, askedMs),
    answer: null,
  }));
}
