import type { Bucket } from "../../adapters/bucket/bucket.ts";
import type { StepAttempt } from "../../adapters/bucket/ndjson.ts";
import { dateNow } from "../../adapters/clock/clock.ts";
import { partKey, readTimesKey } from "../../core/basics/bucket-keys.ts";
import { estimateCrawl } from "../../core/crawl/probe-page.ts";
import { type RawOffer, redactOffer } from "../../core/offer/offer.ts";
import type { RateLimit } from "../../core/rate-limit/rate-limit.ts";
import type { Baseline } from "../../core/refresh/baseline.ts";
import { applyDelta, type FoundOffer, type RefreshDelta } from "../../core/refresh/delta.ts";
import { isPageObservation } from "../../core/refresh/observation.ts";
import { mergeReadTimes, ReadTimes } from "../../core/refresh/read-times.ts";
import type { Observed } from "../../core/refresh/refresh-plan.ts";
import type { SnapshotManifest, StoredPart } from "../../core/snapshot/snapshot-manifest.ts";
import type { AppContext } from "../context.ts";
import { commitReading } from "../crawl/finish-crawl.ts";
import { readOffers, readStored } from "../snapshot/snapshot-store.ts";

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
