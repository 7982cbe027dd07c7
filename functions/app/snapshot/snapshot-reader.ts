import type { Bucket } from "../../adapters/bucket/bucket.ts";
import { AlteredError, openNdjson, type StoredLines } from "../../adapters/bucket/ndjson.ts";
import { logFault } from "../../adapters/log/log.ts";
import { type Calendar, dayMs, type Moment } from "../../core/basics/calendar.ts";
import { ExportError } from "../../core/basics/errors.ts";
import { createStringSet } from "../../core/basics/string-set.ts";
import type { ListDirection } from "../../core/crawl/crawl-state.ts";
import { type Offer, parseOffer, type RawOffer, readId } from "../../core/offer/offer.ts";
import { findNewerEnd } from "../../core/refresh/baseline.ts";
import {
  locateParts,
  type ObjectLocation,
  type SnapshotParts,
} from "../../core/snapshot/snapshot-manifest.ts";

/**
 * Yields the snapshot's offers part by part. Starts at one end of the portal's list and ends at the other, so `far`
 * reverses the portal's order. Omits void parts. The same offer may be in two parts. Throws when a part is missing or
 * altered.
 *
 * While the caller works on a part, the next two parts are already being fetched and decompressed. An offer is parsed when
 * the caller takes it. A part can be iterated once.
 */
export async function* readParts(
  bucket: Bucket,
  parts: SnapshotParts,
  from: ListDirection = "near",
): AsyncGenerator<Iterable<RawOffer>> {
  const isReversed = from === "far";
  const locations = isReversed ? locateParts(parts).toReversed() : locateParts(parts);
  const opening = fetchAhead(locations, (location) => openStored(bucket, parts.id, location));
  for await (const lines of opening) yield lines.parse(isReversed);
}

/**
 * The number of parts that are fetched ahead. While the caller converts a part, it leaves no time to read a response. So
 * with only one part ahead, the caller would wait for that part's decompression.
 */
const partsAhead = 2;

/**
 * Yields the result of `fetch` for each item, in the order of the items. Fetches the next items while the caller works
 * on the present one. Throws an error of `fetch` when it is the turn of that item. When the caller stops early, waits
 * until no fetch is running.
 */
async function* fetchAhead<Item, Result>(
  items: Item[],
  fetch: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  let running: Promise<Result>[] = [];
  const begin = (begun: Item[]) => {
    const fetching = begun.map(fetch);
    // Prevents an unhandled rejection while the caller works. The caller gets the error at the item's turn.
    for (const one of fetching) one.catch(() => undefined);
    return fetching;
  };
  try {
    running = begin(items.slice(0, partsAhead));
    for (const turn of items.keys()) {
      const [current, ...others] = running;
      if (current === undefined) return;
      const result = await current;
      running = [...others, ...begin(items.slice(turn + partsAhead, turn + partsAhead + 1))];
      yield result;
    }
  } finally {
    await Promise.allSettled(running);
  }
}

/** Reads the lines of one object of the snapshot. Throws when the object is missing or altered. */
export async function readStored(
  bucket: Bucket,
  snapshotId: string,
  location: ObjectLocation,
): Promise<unknown[]> {
  return [...(await openStored(bucket, snapshotId, location)).parse()];
}

async function openStored(
  bucket: Bucket,
  snapshotId: string,
  { key, sha256 }: ObjectLocation,
): Promise<StoredLines> {
  try {
    const lines = await openNdjson(bucket, key, sha256);
    if (lines === null) throw snapshotGoneError();
    return lines;
  } catch (error) {
    if (!(error instanceof AlteredError)) throw error;
    await logFault(error, { snapshotId });
    throw snapshotAlteredError();
  }
}

/** Yields the snapshot's offers in the portal's order, each id once. */
export async function* readOffers(bucket: Bucket, parts: SnapshotParts): AsyncGenerator {
  const isNew = createStringSet();
  for await (const offers of readParts(bucket, parts)) yield* skipRepeated(offers, isNew);
}

/** Yields the offers without those whose id `isNew` knows. `isNew` returns true at its first call with an id. */
export function* skipRepeated(offers: Iterable<RawOffer>, isNew: (id: string) => boolean): Generator {
  for (const offer of offers) {
    const id = readId(offer);
    if (id === null || isNew(id)) yield offer;
  }
}

/** Yields the ids of the offers in each part of the snapshot. Offers without an id are left out. */
export async function* readOfferIds(bucket: Bucket, parts: SnapshotParts): AsyncGenerator<string[]> {
  for await (const offers of readParts(bucket, parts))
    yield Array.from(offers, readId).filter((id) => id !== null);
}

/**
 * Returns the end of the portal's list at which the newer offers stand, as the snapshot's first and last parts show it.
 * Every snapshot of a list in order of creation gives the same end, however it is divided into parts.
 */
export async function findNewestEnd(
  bucket: Bucket,
  parts: SnapshotParts,
  calendar: Calendar,
): Promise<ListDirection> {
  const locations = locateParts(parts);
  const ends = new Set([...locations.slice(0, 1), ...locations.slice(-1)]);
  const offers = await Promise.all([...ends].map((location) => readStored(bucket, parts.id, location)));
  return findNewerEnd(offers.flat().map((given) => readBegin(parseOffer(given, calendar))));
}

/** Returns the moment at which an offer was created. Takes the day of issue when the portal does not give a moment. */
function readBegin({ createdAt, issuedAt }: Offer): Moment | null {
  return createdAt ?? (issuedAt === null ? null : issuedAt * dayMs);
}

/** Returns the error for a snapshot that was removed while an export used it. */
export function snapshotGoneError(): ExportError {
  const detail = "The portal's data that this export was to be made of have been removed. Start it again.";
  return new ExportError("gone", "snapshot_gone", detail);
}

function snapshotAlteredError(): ExportError {
  const detail =
    "The portal's data that this export was to be made of are not as they were written: something else writes into " +
    "the bucket. Start it again.";
  return new ExportError("gone", "snapshot_gone", detail);
}
