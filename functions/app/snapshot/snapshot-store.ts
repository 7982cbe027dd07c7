import type { Bucket } from "../../adapters/bucket/bucket.ts";
import { hashPortal } from "../../adapters/bucket/key-hashes.ts";
import { type StepAttempt, writeNdjson } from "../../adapters/bucket/ndjson.ts";
import { dateNow } from "../../adapters/clock/clock.ts";
import {
  manifestKey,
  partKey,
  registryKey,
  touchedOffersKey,
  missingNamesPrefix,
  snapshotPrefix,
} from "../../core/basics/bucket-keys.ts";
import { ExportError } from "../../core/basics/errors.ts";
import type { RecordUpdate } from "../../core/basics/stored-values.ts";
import type { OfferPage } from "../../core/crawl/offer-page.ts";
import {
  addTouchedOffers,
  listTouchedSince,
  noTouchedOffers,
  TouchedOffers,
} from "../../core/portal-webhooks/touched-offers.ts";
import { CrawlRegistry, dropSnapshot, emptyRegistry, findLease } from "../../core/snapshot/crawl-registry.ts";
import {
  listKeys,
  locateParts,
  SnapshotManifest,
  type StoredPart,
} from "../../core/snapshot/snapshot-manifest.ts";
import type { AppContext, StateStore } from "../context.ts";
import { snapshotGoneError } from "./snapshot-reader.ts";

/** Writes the offers of the pages to one object. Returns the SHA-256 of the stored bytes. */
export async function writePart(bucket: Bucket, key: string, pages: OfferPage[]): Promise<string> {
  return await writeNdjson(
    bucket,
    key,
    pages.flatMap((page) => page.offers),
  );
}

/** Writes the offers of the pages as part `number` of the snapshot, under a key of this attempt. */
export async function keepPart(
  attempt: StepAttempt,
  { id, number }: { id: string; number: number },
  pages: OfferPage[],
): Promise<StoredPart> {
  const key = attempt.newKey((attemptId) => partKey(id, number, attemptId));
  return { number, attempt: attempt.id, sha256: await writePart(attempt.bucket, key, pages) };
}

/** Drops a snapshot from the registry, so that no other export begins to use it. */
export async function forgetSnapshot(store: StateStore, snapshotId: string): Promise<void> {
  await updateRegistry(store, (registry) => ({ after: dropSnapshot(registry, snapshotId), answer: null }));
}

/**
 * Runs `work` with the snapshot's manifest. When the snapshot is missing or altered, drops it from the registry and
 * throws.
 */
export async function withSnapshot<T>(
  store: StateStore,
  snapshotId: string,
  work: (manifest: SnapshotManifest) => Promise<T>,
): Promise<T> {
  try {
    const manifest = await store.bucket.readJson(manifestKey(snapshotId), SnapshotManifest);
    if (manifest === null) throw snapshotGoneError();
    return await work(manifest);
  } catch (error) {
    if (error instanceof ExportError && error.kind === "gone") await forgetSnapshot(store, snapshotId);
    throw error;
  }
}

/**
 * Writes the manifest unless an earlier attempt has written it, and returns the stored manifest. Returns null when the
 * stored manifest belongs to a later crawl or refresh, because this attempt comes too late.
 */
export async function writeManifestOnce(
  { bucket }: StateStore,
  manifest: SnapshotManifest,
): Promise<SnapshotManifest | null> {
  return await bucket.update(manifestKey(manifest.id), SnapshotManifest, (before) => {
    if (before === null || before.startedAt < manifest.startedAt)
      return { after: manifest, answer: manifest };
    return { after: null, answer: before.startedAt === manifest.startedAt ? before : null };
  });
}

/** Removes the manifest if the rest of its snapshot was removed before the manifest was written. */
export async function removeOrphanManifest(store: StateStore, manifest: SnapshotManifest): Promise<void> {
  const { id } = manifest;
  const { snapshots } = await readRegistry(store);
  if (snapshots.some(({ snapshotId }) => snapshotId === id)) return;
  const [part] = locateParts(manifest);
  if (part === undefined || !(await store.bucket.exists(part.key)))
    await store.bucket.remove(manifestKey(id));
}

/**
 * Removes the objects that failed or delayed attempts have left beside the snapshot. Lists the keys first, and reads
 * the manifest and the lease afterwards. So it removes no object of a crawl or refresh that begins in between.
 */
export async function removeStrays(store: StateStore, id: string): Promise<void> {
  const { bucket } = store;
  const prefix = snapshotPrefix(id);
  for (let keys = await bucket.listKeys(prefix); keys.length > 0;) {
    const manifest = await bucket.readJson(manifestKey(id), SnapshotManifest);
    if (manifest === null || findLease(await readRegistry(store), id) !== null) return;
    const kept = new Set(listKeys(manifest));
    const strays = keys.filter((key) => !kept.has(key) && !key.startsWith(missingNamesPrefix(id)));
    for (const key of strays) await bucket.remove(key);
    keys = await bucket.listKeys(prefix, keys.at(-1));
  }
}

/**
 * The schema of the stored registry. A registry counts as empty when another version of this program stored it in
 * another shape.
 */
const Stored = CrawlRegistry.catch(emptyRegistry);

export async function readRegistry({ bucket, config }: StateStore): Promise<CrawlRegistry> {
  return (await bucket.readJson(registryKey(hashPortal(config)), Stored)) ?? emptyRegistry;
}

/**
 * Changes the registry with a conditional write. When another write comes in between, `change` runs again with the
 * newer registry. So when two exports claim the lease at once, the second one finds the claim of the first one.
 */
export async function updateRegistry<A>(
  { bucket, config }: StateStore,
  change: (registry: CrawlRegistry) => RecordUpdate<CrawlRegistry, A>,
): Promise<A> {
  return await bucket.update(registryKey(hashPortal(config)), Stored, (before) =>
    change(before ?? emptyRegistry),
  );
}

type TouchedOfferStore = Pick<AppContext, "bucket" | "config" | "clock">;

/** Records ids of offers that the portal's webhooks have named, so that the next refresh reads these offers again. */
export async function touchOffers(
  { bucket, config, clock }: TouchedOfferStore,
  ids: string[],
): Promise<void> {
  const now = dateNow(clock).toISOString();
  await bucket.update(touchedOffersKey(hashPortal(config)), readable(now), (known) => ({
    after: addTouchedOffers(known ?? noTouchedOffers, ids, now),
    answer: null,
  }));
}

/**
 * Returns the ids of the offers that the portal's webhooks have named since `startedAt`, the start of a snapshot.
 * Returns null when some ids may be missing.
 */
export async function readTouchedOffers(
  { bucket, config, clock }: TouchedOfferStore,
  startedAt: string,
): Promise<string[] | null> {
  const schema = readable(dateNow(clock).toISOString());
  const known = await bucket.readJson(touchedOffersKey(hashPortal(config)), schema);
  return listTouchedSince(known ?? noTouchedOffers, startedAt);
}

/**
 * Returns the schema of the stored ids that the portal's webhooks have named. When another version of this program
 * stored the ids in another shape, the ids from before `now` count as lost.
 */
function readable(now: string) {
  return TouchedOffers.catch({ forgottenUntil: now, marks: [] });
}
