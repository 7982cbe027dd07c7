import * as z from "zod";
import type { Bucket } from "../../adapters/bucket/bucket.ts";
import type { StepAttempt } from "../../adapters/bucket/ndjson.ts";
import { dateNow } from "../../adapters/clock/clock.ts";
import { observationsKey, partKey, readTimesKey } from "../../core/basics/bucket-keys.ts";
import type { Moment } from "../../core/basics/calendar.ts";
import { estimateCrawl } from "../../core/crawl/probe-page.ts";
import { isDueForReread } from "../../core/offer/expiry-days.ts";
import { parseOffer, type RawOffer, readId, redactOffer } from "../../core/offer/offer.ts";
import type { RateLimit } from "../../core/rate-limit/rate-limit.ts";
import { type Baseline, findListDirection } from "../../core/refresh/baseline.ts";
import { applyDelta, type FoundOffer, type RefreshDelta } from "../../core/refresh/delta.ts";
import { fingerprintOffer, isPageObservation } from "../../core/refresh/observation.ts";
import { mergeReadTimes, ReadTimes } from "../../core/refresh/read-times.ts";
import type { Observed } from "../../core/refresh/refresh-plan.ts";
import type { SnapshotManifest, StoredObject, StoredPart } from "../../core/snapshot/snapshot-manifest.ts";
import type { AppContext } from "../context.ts";
import { commitReading } from "../crawl/finish-crawl.ts";
import { readOffers, readStored } from "../snapshot/snapshot-store.ts";

const round = z.int();
const anyId = z.string();
const fingerprint = z.int();

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

/** What one window has added to what was seen, under a key of this attempt. */
export async function writeObservations(
  attempt: StepAttempt,
  { id: refreshId, window }: { id: string; window: number },
  { observations, offers, from }: Observed & { from: number },
): Promise<StoredObject> {
  const all = observations.map((sight, index) => ({ sight, offers: offers[index] ?? [] }));
  return await attempt.write((own) => observationsKey(refreshId, window, own), all.slice(from));
}

type Windows = { id: string; window: number; stored: (StoredObject | null)[] };

/** Those of all windows before that one, as the attempts wrote them that count. Throws when they are there no more. */
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
 * What a refresh must know of a snapshot; null of one that nobody can start from: an offer in it has no id, or its
 * order tells nothing. Throws where it is gone.
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

type Renewing = {
  /** The new snapshot's. */
  id: string;
  evidence: boolean;
  requests: number;
  limit: RateLimit;
  /** The base's. */
  manifest: SnapshotManifest;
  base: Baseline;
  delta: RefreshDelta;
  seen: Observed;
};

/** What the manifest of a refresh is made of, beside what is known of its lease. */
export type WrittenDelta = Omit<
  SnapshotManifest,
  "id" | "startedAt" | "evidence" | "voidParts" | "doubts" | "method"
>;

/** Writes the snapshot that a refresh has found out: its offers, and as of when it has them. */
export async function writeDelta(
  app: AppContext,
  renewing: Renewing,
  attempt: StepAttempt,
): Promise<WrittenDelta> {
  const { id, requests, limit, manifest, base, delta, seen } = renewing;
  const { insertions, read, gone, offers, heads } = delta;
  const finishedAt = dateNow(app.clock).toISOString();
  const stored = await writeParts(renewing, attempt);
  const whole = [{ readAt: manifest.finishedAt, offers: base.ids.length }];
  const vintages = (await readReadTimes(app.bucket, manifest)) ?? whole;
  const renewed = mergeReadTimes(vintages, { insertions, read, gone, grows: base.grows, readAt: finishedAt });
  const pages = Math.max(1, Math.ceil(offers / findPageSize(seen)));
  return {
    finishedAt,
    parts: stored.length,
    stored,
    vintages: await attempt.write((own) => readTimesKey(id, own), renewed),
    pages,
    offers,
    requests,
    heads,
    notes: manifest.notes,
    saved: Math.max(0, estimateCrawl(pages, limit) - requests),
  };
}

type Sealing = { id: string; window: number; refusals: number; renewed: WrittenDelta };

/** Makes the snapshot of a refresh known; a refresh that is lost makes none. */
export async function commitRefresh(
  app: AppContext,
  { id, window, refusals, renewed }: Sealing,
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

/** Each is held while it is read. */
const offersPerPart = 2_000;

async function writeParts(renewing: Renewing, attempt: StepAttempt): Promise<StoredPart[]> {
  const { id, evidence, manifest, base, delta, seen } = renewing;
  const show = ({ observation, at }: FoundOffer) => seen.offers[observation]?.[at];
  const parts: StoredPart[] = [];
  let part: RawOffer[] = [];
  const flush = async () => {
    if (part.length === 0) return;
    const number = parts.length + 1;
    parts.push({ number, ...(await attempt.write((own) => partKey(id, number, own), part)) });
    part = [];
  };
  const offers = readOffers(attempt.bucket, manifest);
  for await (const offer of applyDelta({ offers, delta, grows: base.grows, show })) {
    part.push(redactOffer(offer, evidence));
    if (part.length >= offersPerPart) await flush();
  }
  await flush();
  return parts;
}

/** As of when the snapshot has its offers; null when all are as of its end. Throws where somebody has removed it. */
export async function readReadTimes(
  bucket: Bucket,
  { id, method, vintages }: SnapshotManifest,
): Promise<ReadTimes | null> {
  if (method === "full") return null;
  const { attempt = null, sha256 = null } = vintages ?? {};
  return ReadTimes.parse(await readStored(bucket, id, { key: readTimesKey(id, attempt), sha256 }));
}
