import * as z from "zod";
import type { Bucket } from "../../adapters/bucket/bucket.ts";
import type { StepAttempt } from "../../adapters/bucket/ndjson.ts";
import { dateNow } from "../../adapters/clock/clock.ts";
import { observationsKey, partKey, readTimesKey } from "../../core/basics/bucket-keys.ts";
import type { Moment } from "../../core/basics/calendar.ts";
import { estimateCrawl } from "../../core/crawl/probe-page.ts";
import { parseOffer, type RawOffer, readId, redactOffer } from "../../core/offer/offer.ts";
import type { RateLimit } from "../../core/rate-limit/rate-limit.ts";
import { type Baseline, findListDirection } from "../../core/refresh/baseline.ts";
import { applyDelta, type FoundOffer, type RefreshDelta } from "../../core/refresh/delta.ts";
import { fingerprintOffer, isPageObservation } from "../../core/refresh/observation.ts";
import { mergeReadTimes, ReadTimes } from "../../core/refresh/read-times.ts";
import type { Observed } from "../../core/refresh/refresh-plan.ts";
import { isDueForReread } from "../../core/refresh/reread-targets.ts";
import type { SnapshotManifest, StoredObject, StoredPart } from "../../core/snapshot/snapshot-manifest.ts";
import type { AppContext } from "../context.ts";
import { commitReading } from "../crawl/commit-snapshot.ts";
import { readOffers, readStored } from "../snapshot/snapshot-reader.ts";

const round = z.int();
const anyId = z.string();
const fingerprint = z.int();

/** A stored observation (`sight`) and the offers that it showed. The objects in the bucket use the same field names. */
const Shown = z.object({
  sight: z.discriminatedUnion("kind", [
    z.object({
      kind: z.literal("page"),
      round,
      number: z.int(),
      ids: z.array(anyId),
      fingerprints: z.array(fingerprint),
      isLast: z.boolean(),
    }),
    z.object({ kind: z.literal("offer"), round, id: anyId, fingerprint: fingerprint.nullable() }),
  ]),
  offers: z.array(z.unknown()),
});

/**
 * Writes the observations of the current window under a key of this attempt. `from` is the index of the first of them.
 */
export async function writeObservations(
  attempt: StepAttempt,
  { id: refreshId, window }: { id: string; window: number },
  { observations, offers, from }: Observed & { from: number },
): Promise<StoredObject> {
  const all = observations.map((sight, index) => ({ sight, offers: offers[index] ?? [] }));
  return await attempt.write((attemptId) => observationsKey(refreshId, window, attemptId), all.slice(from));
}

type Windows = { id: string; window: number; stored: (StoredObject | null)[] };

/** Reads the observations of all earlier windows of the refresh. Throws when a stored object is missing or altered. */
export async function readObservations(
  bucket: Bucket,
  { id: refreshId, window: beforeWindow, stored }: Windows,
): Promise<Observed> {
  const seen: Observed = { observations: [], offers: [] };
  for (let window = 1; window < beforeWindow; window += 1) {
    const { attempt = null, sha256 = null } = stored[window - 1] ?? {};
    const key = observationsKey(refreshId, window, attempt);
    const lines = await readStored(bucket, refreshId, { key, sha256 });
    for (const { sight, offers } of z.array(Shown).parse(lines)) {
      seen.observations.push(sight);
      seen.offers.push(offers);
    }
  }
  return seen;
}

type BaselineSource = Pick<AppContext, "bucket" | "calendar" | "clock" | "config">;

/**
 * Reads a snapshot as the baseline of a refresh. Returns null when no refresh can start from the snapshot: an offer has
 * no id, or the offers are not in order of creation. Throws when a part of the snapshot is missing or altered.
 */
export async function readBaseline(
  { bucket, calendar, clock, config }: BaselineSource,
  manifest: SnapshotManifest,
): Promise<Baseline | null> {
  const term = { today: calendar.dayOf(dateNow(clock).getTime()), lateDays: config.lateDays };
  const ids: string[] = [];
  const fingerprints: number[] = [];
  const due: number[] = [];
  const createdAt: (Moment | null)[] = [];
  for await (const given of readOffers(bucket, manifest)) {
    const id = readId(given);
    if (id === null) return null;
    const offer = parseOffer(given, calendar);
    if (isDueForReread(offer, term)) due.push(ids.length);
    ids.push(id);
    fingerprints.push(fingerprintOffer(given));
    createdAt.push(offer.createdAt);
  }
  const grows = findListDirection(createdAt);
  return grows && { ids, fingerprints, due, grows, heads: manifest.heads };
}

type RefreshResult = {
  /** The id of the new snapshot. */
  id: string;
  evidence: boolean;
  requests: number;
  limit: RateLimit;
  /** The manifest of the baseline. */
  manifest: SnapshotManifest;
  baseline: Baseline;
  delta: RefreshDelta;
  seen: Observed;
};

/** The fields of the new snapshot's manifest that `writeDelta` returns. `commitRefresh` adds the remaining fields. */
export type WrittenDelta = Omit<
  SnapshotManifest,
  "id" | "startedAt" | "evidence" | "voidParts" | "doubts" | "method"
>;

/** Writes the new snapshot's offers, and the times at which they were read from the portal. */
export async function writeDelta(
  app: AppContext,
  result: RefreshResult,
  attempt: StepAttempt,
): Promise<WrittenDelta> {
  const { id, requests, limit, manifest, baseline, delta, seen } = result;
  const { insertions, read, gone, offers, heads } = delta;
  const { grows } = baseline;
  const finishedAt = dateNow(app.clock).toISOString();
  const stored = await writeParts(result, attempt);
  const ofCrawl = [{ readAt: manifest.finishedAt, offers: baseline.ids.length }];
  const before = (await readReadTimes(app.bucket, manifest)) ?? ofCrawl;
  const readTimes = mergeReadTimes(before, { insertions, read, gone, grows, readAt: finishedAt });
  const pages = Math.max(1, Math.ceil(offers / findPageSize(seen)));
  return {
    finishedAt,
    parts: stored.length,
    stored,
    vintages: await attempt.write((attemptId) => readTimesKey(id, attemptId), readTimes),
    pages,
    offers,
    requests,
    heads,
    notes: manifest.notes,
    saved: Math.max(0, estimateCrawl(pages, limit) - requests),
  };
}

type RefreshCommit = { id: string; window: number; refusals: number; renewed: WrittenDelta };

/** Adds the refreshed snapshot to the registry, unless the export has lost its lease. */
export async function commitRefresh(
  app: AppContext,
  { id, window, refusals, renewed }: RefreshCommit,
): Promise<void> {
  await commitReading(app, { id, window, effort: { refusals } }, (facts) => ({
    ...renewed,
    ...facts,
    id,
    voidParts: [],
    doubts: [],
    method: "refresh",
  }));
}

function findPageSize({ observations }: Observed): number {
  return Math.max(1, ...observations.filter(isPageObservation).map(({ ids }) => ids.length));
}

/**
 * The largest number of offers in one part of a refreshed snapshot. It is limited because readers hold a whole part in
 * memory.
 */
const offersPerPart = 2_000;

async function writeParts(result: RefreshResult, attempt: StepAttempt): Promise<StoredPart[]> {
  const { id, evidence, manifest, baseline, delta, seen } = result;
  const show = ({ observation, at }: FoundOffer) => seen.offers[observation]?.[at];
  const parts: StoredPart[] = [];
  let part: RawOffer[] = [];
  const flush = async () => {
    if (part.length === 0) return;
    const number = parts.length + 1;
    parts.push({ number, ...(await attempt.write((attemptId) => partKey(id, number, attemptId), part)) });
    part = [];
  };
  const offers = readOffers(attempt.bucket, manifest);
  for await (const offer of applyDelta({ offers, delta, grows: baseline.grows, show })) {
    part.push(redactOffer(offer, evidence));
    if (part.length >= offersPerPart) await flush();
  }
  await flush();
  return parts;
}

/**
 * Returns the times at which the offers of a refreshed snapshot were read. Returns null for a crawl's snapshot, because
 * all its offers count as read at the end of the crawl. Throws when the stored object is missing or altered.
 */
export async function readReadTimes(
  bucket: Bucket,
  { id, method, vintages }: SnapshotManifest,
): Promise<ReadTimes | null> {
  if (method === "full") return null;
  const { attempt = null, sha256 = null } = vintages ?? {};
  return ReadTimes.parse(await readStored(bucket, id, { key: readTimesKey(id, attempt), sha256 }));
}
