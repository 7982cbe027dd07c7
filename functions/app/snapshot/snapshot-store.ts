import type { Bucket } from "../../adapters/bucket/bucket.ts";
import { hashPortal } from "../../adapters/bucket/key-hashes.ts";
import { AlteredError, readNdjson, type StepAttempt, writeNdjson } from "../../adapters/bucket/ndjson.ts";
import { dateNow } from "../../adapters/clock/clock.ts";
import { logFault } from "../../adapters/log/log.ts";
import { manifestKey, partKey, registryKey, touchedOffersKey } from "../../core/basics/bucket-keys.ts";
import { ExportError } from "../../core/basics/errors.ts";
import type { RecordUpdate } from "../../core/basics/stored-values.ts";
import { createStringSet } from "../../core/basics/string-set.ts";
import type { OfferPage } from "../../core/crawl/offer-page.ts";
import { type RawOffer, readId } from "../../core/offer/offer.ts";
import {
  addTouchedOffers,
  listTouchedSince,
  noTouchedOffers,
  TouchedOffers,
} from "../../core/portal-webhooks/touched-offers.ts";
import { CrawlRegistry, dropSnapshot, emptyRegistry } from "../../core/snapshot/crawl-registry.ts";
import {
  locateParts,
  type ObjectLocation,
  SnapshotManifest,
  type SnapshotParts,
  type StoredPart,
} from "../../core/snapshot/snapshot-manifest.ts";
import type { AppContext, StateStore } from "../context.ts";

/** Writes a window's offers under that key. Gives the SHA-256 of what is stored. */
export async function writePart(bucket: Bucket, key: string, pages: OfferPage[]): Promise<string> {
  return await writeNdjson(
    bucket,
    key,
    pages.flatMap((page) => page.offers),
  );
}

/**
 * The parts that count, in the portal's order: each is held while its turn lasts. An offer may stand in two.
 * Throws when one is gone, or is not what was written.
 */
export async function* readParts(bucket: Bucket, parts: SnapshotParts): AsyncGenerator<RawOffer[]> {
  for (const location of locateParts(parts)) yield await readStored(bucket, parts.id, location);
}

/** Writes a window's offers as the part of that number, under a key of this attempt. */
export async function keepPart(
  attempt: StepAttempt,
  { id, number }: { id: string; number: number },
  pages: OfferPage[],
): Promise<StoredPart> {
  const key = attempt.newKey((attemptId) => partKey(id, number, attemptId));
  return { number, attempt: attempt.id, sha256: await writePart(attempt.bucket, key, pages) };
}

/** An object of the snapshot as its attempt wrote it. */
export async function readStored(
  bucket: Bucket,
  snapshotId: string,
  { key, sha256 }: ObjectLocation,
): Promise<unknown[]> {
  try {
    const lines = await readNdjson(bucket, key, sha256);
    if (lines === null) throw snapshotGoneError();
    return lines;
  } catch (error) {
    if (!(error instanceof AlteredError)) throw error;
    await logFault(error, { snapshotId });
    throw snapshotAltered();
  }
}

/** The snapshot's offers in the portal's order, each once by its id. Holds one part at a time. */
export async function* readOffers(
  bucket: Bucket,
  parts: SnapshotParts,
  isNew = createStringSet(),
): AsyncGenerator {
  for await (const offers of readParts(bucket, parts)) {
    for (const offer of offers) {
      const id = readId(offer);
      if (id === null || isNew(id)) yield offer;
    }
  }
}

/** The ids of one part after the other; offers without one are left out. */
export async function* readOfferIds(bucket: Bucket, parts: SnapshotParts): AsyncGenerator<string[]> {
  for await (const offers of readParts(bucket, parts)) yield offers.map(readId).filter((id) => id !== null);
}

/** Somebody has removed the snapshot while it was in use. */
export function snapshotGoneError(): ExportError {
  const detail = "The portal's data that this export was to be made of have been removed. Start it again.";
  return new ExportError("gone", "snapshot_gone", detail);
}

function snapshotAltered(): ExportError {
  const detail =
    "The portal's data that this export was to be made of are not as they were written: something else writes into " +
    "the bucket. Start it again.";
  return new ExportError("gone", "snapshot_gone", detail);
}

/** So that nobody is sent to it any more. */
export async function forgetSnapshot(store: StateStore, snapshotId: string): Promise<void> {
  await updateRegistry(store, (registry) => ({ after: dropSnapshot(registry, snapshotId), answer: null }));
}

/** Works with a snapshot. One that turns out to have gone is no other export's any more. */
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
  change: (registry: CrawlRegistry) => RecordUpdate<CrawlRegistry, A>,
): Promise<A> {
  return await bucket.update(registryKey(hashPortal(config)), Stored, (before) =>
    change(before ?? emptyRegistry),
  );
}

type TouchedOfferStore = Pick<AppContext, "bucket" | "config" | "clock">;

/** Has the next refresh read these offers again. */
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

/** The offers that were marked since a snapshot was begun; null when some of them may be missing. */
export async function readTouchedOffers(
  { bucket, config, clock }: TouchedOfferStore,
  startedAt: string,
): Promise<string[] | null> {
  const schema = readable(dateNow(clock).toISOString());
  const known = await bucket.readJson(touchedOffersKey(hashPortal(config)), schema);
  return listTouchedSince(known ?? noTouchedOffers, startedAt);
}

/** What another version wrote in another shape is forgotten, and that is known. */
function readable(now: string) {
  return TouchedOffers.catch({ forgottenUntil: now, marks: [] });
}
