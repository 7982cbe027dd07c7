import type { RecordUpdate } from "../../core/basics/stored-values--change.ts";
import { registryKey } from "../../core/basics/bucket-keys.ts";
import { emptyRegistry, CrawlRegistry } from "../../core/snapshot/crawl-registry.ts";
import { hashPortal } from "../../adapters/bucket/key-hashes.ts";
import type { StateStore } from "../context.ts";

/** One that another version wrote in another shape is begun anew. */
const Stored = CrawlRegistry.catch(emptyRegistry);

export async function readRegistry({ bucket, config }: StateStore): Promise<CrawlRegistry> {
  return (await bucket.readJson(registryKey(hashPortal(config)), Stored)) ?? emptyRegistry;
}

/**
 * Changes the register as if nobody else did: S3 takes each write only over the very register that was read,
 * so of two that claim the crawl at once the second one sees the first one's claim.
 */
export async function updateRegistry<A>(
  { bucket, config }: StateStore,
  change: (register: CrawlRegistry) => RecordUpdate<CrawlRegistry, A>,
): Promise<A> {
  return await bucket.update(registryKey(hashPortal(config)), Stored, (before) =>
    change(before ?? emptyRegistry),
  );
}
