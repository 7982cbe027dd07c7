import type { Base } from "../../core/refresh/baseline.ts";
import { estimateCrawl } from "../../core/crawl/probe-page--estimate.ts";
import { partKey, vintagesKey } from "../../core/basics/bucket-keys.ts";
import type { Limit } from "../../core/rate-limit/rate-limit.ts";
import { type RawOffer, redactOffer } from "../../core/offer/offer.ts";
import type { Found, Renewal } from "../../core/refresh/delta.ts";
import type { Seen } from "../../core/refresh/refresh-plan--follow.ts";
import { mergeOffers } from "../../core/refresh/delta--merge.ts";
import { isPage } from "../../core/refresh/observation.ts";
import type { Manifest } from "../../core/snapshot/snapshot-manifest.ts";
import type { StoredPart } from "../../core/snapshot/snapshot-manifest--stored.ts";
import { renewVintages, Vintages } from "../../core/refresh/read-times.ts";
import type { Bucket } from "../../adapters/bucket/bucket.ts";
import type { Attempt } from "../../adapters/bucket/ndjson--step-attempt.ts";
import { dateNow } from "../../adapters/clock/clock.ts";
import { sealReading } from "../crawl/finish-crawl--seal.ts";
import { readOffers, readStored } from "../snapshot/snapshot-store.ts";
import type { World } from "../context.ts";

type Renewing = {
  /** The new snapshot's. */
  id: string;
  evidence: boolean;
  requests: number;
  limit: Limit;
  /** The base's. */
  manifest: Manifest;
  base: Base;
  renewal: Renewal;
  seen: Seen;
};

/** What the manifest of a refresh is made of, beside what is known of its lease. */
export type Renewed = Omit<Manifest, "id" | "startedAt" | "evidence" | "voidParts" | "doubts" | "method">;

/** Writes the snapshot that a refresh has found out: its offers, and as of when it has them. */
export async function writeRenewal(world: World, renewing: Renewing, attempt: Attempt): Promise<Renewed> {
  const { id, requests, limit, manifest, base, renewal, seen } = renewing;
  const { newcomers, read, gone, offers, heads } = renewal;
  const finishedAt = dateNow(world.clock).toISOString();
  const stored = await writeParts(renewing, attempt);
  const whole = [{ readAt: manifest.finishedAt, offers: base.ids.length }];
  const vintages = (await readVintages(world.bucket, manifest)) ?? whole;
  const renewed = renewVintages(vintages, { newcomers, read, gone, grows: base.grows, readAt: finishedAt });
  const pages = Math.max(1, Math.ceil(offers / findPageSize(seen)));
  return {
    finishedAt,
    parts: stored.length,
    stored,
    vintages: await attempt.write((own) => vintagesKey(id, own), renewed),
    pages,
    offers,
    requests,
    heads,
    notes: manifest.notes,
    saved: Math.max(0, estimateCrawl(pages, limit) - requests),
  };
}

type Sealing = { id: string; window: number; refusals: number; renewed: Renewed };

/** Makes the snapshot of a refresh known; a refresh that is lost makes none. */
export async function sealRefresh(world: World, { id, window, refusals, renewed }: Sealing): Promise<void> {
  await sealReading(world, { id, window, effort: { refusals } }, (facts) => ({
    ...renewed,
    ...facts,
    id,
    voidParts: [],
    doubts: [],
    method: "refresh",
  }));
}

function findPageSize({ sights }: Seen): number {
  return Math.max(1, ...sights.filter(isPage).map(({ ids }) => ids.length));
}

/** Each is held while it is read. */
const offersPerPart = 2_000;

async function writeParts(renewing: Renewing, attempt: Attempt): Promise<StoredPart[]> {
  const { id, evidence, manifest, base, renewal, seen } = renewing;
  const show = ({ sight, at }: Found) => seen.offers[sight]?.[at];
  const parts: StoredPart[] = [];
  let part: RawOffer[] = [];
  const flush = async () => {
    if (part.length === 0) return;
    const number = parts.length + 1;
    parts.push({ number, ...(await attempt.write((own) => partKey(id, number, own), part)) });
    part = [];
  };
  const offers = readOffers(attempt.bucket, manifest);
  for await (const offer of mergeOffers({ offers, renewal, grows: base.grows, show })) {
    part.push(redactOffer(offer, evidence));
    if (part.length >= offersPerPart) await flush();
  }
  await flush();
  return parts;
}

/** As of when the snapshot has its offers; null when all are as of its end. Throws where somebody has removed it. */
export async function readVintages(
  bucket: Bucket,
  { id, method, vintages }: Manifest,
): Promise<Vintages | null> {
  if (method === "full") return null;
  const { attempt = null, sha256 = null } = vintages ?? {};
  return Vintages.parse(await readStored(bucket, id, { key: vintagesKey(id, attempt), sha256 }));
}
