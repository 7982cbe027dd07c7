import type { Bucket } from "../../adapters/bucket/bucket.ts";
import type { StepAttempt } from "../../adapters/bucket/ndjson--step-attempt.ts";
import { AlteredError, readNdjson, writeNdjson } from "../../adapters/bucket/ndjson.ts";
import { logFault } from "../../adapters/log/log.ts";
import { partKey } from "../../core/basics/bucket-keys.ts";
import { ExportError } from "../../core/basics/errors.ts";
import { createStringSet } from "../../core/basics/string-set.ts";
import type { OfferPage } from "../../core/crawl/offer-page.ts";
import { type RawOffer, readId } from "../../core/offer/offer.ts";
import { dropSnapshot } from "../../core/snapshot/crawl-registry.ts";
import { locateParts, type ObjectLocation, type SnapshotParts, type StoredPart } from "../../core/snapshot/snapshot-manifest--stored.ts";
import type { StateStore } from "../context.ts";
import { updateRegistry } from "./snapshot-store--register.ts";

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
  const key = attempt.own((own) => partKey(id, number, own));
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
export async function* readOffers(bucket: Bucket, parts: SnapshotParts, isNew = createStringSet()): AsyncGenerator {
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
  await updateRegistry(store, (register) => ({ after: dropSnapshot(register, snapshotId), answer: null }));
}
