import { namesKey } from "../../core/key.ts";
import { addNames, emptyNames, type Found, Names } from "../../core/customer/names.ts";
import { dateNow } from "../clock.ts";
import { hashPortal } from "../hash.ts";
import type { Store, World } from "../world.ts";

/** One that another version wrote in another shape is begun anew. */
const Stored = Names.catch(emptyNames);

export async function readNames({ bucket, config }: Store): Promise<Names> {
  return (await bucket.readJson(namesKey(hashPortal(config)), Stored)) ?? emptyNames;
}

/** Adds to the names whatever others add to them meanwhile. */
export async function keepNames({ bucket, config, clock }: World, found: Found): Promise<void> {
  const nowMs = dateNow(clock).getTime();
  await bucket.update(namesKey(hashPortal(config)), Stored, (before) => ({
    after: addNames(before ?? emptyNames, found, nowMs),
    answer: null,
  }));
}
