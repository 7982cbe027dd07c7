import { namesKey } from "../../core/basics/bucket-keys.ts";
import { addNames, emptyNames, type Found, Names } from "../../core/customer/name-cache.ts";
import { hashPortal } from "../../adapters/bucket/key-hashes.ts";
import type { Store } from "../context.ts";

/** One that another version wrote in another shape is begun anew. */
const Stored = Names.catch(emptyNames);

export async function readNames({ bucket, config }: Store): Promise<Names> {
  return (await bucket.readJson(namesKey(hashPortal(config)), Stored)) ?? emptyNames;
}

/** Adds to the names whatever others add to them meanwhile. Asked for at that moment: who asked later is right. */
export async function keepNames({ bucket, config }: Store, found: Found, askedMs: number): Promise<void> {
  await bucket.update(namesKey(hashPortal(config)), Stored, (before) => ({
    after: addNames(before ?? emptyNames, found, askedMs),
    answer: null,
  }));
}
