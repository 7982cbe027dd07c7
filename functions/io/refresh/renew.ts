import type { Base } from "../../core/refresh/base.ts";
import { estimateCrawl } from "../../core/pace/estimate.ts";
import { partKey, vintagesKey } from "../../core/key.ts";
import type { Limit } from "../../core/pace/limit.ts";
import { type RawOffer, redactOffer } from "../../core/offer/offer.ts";
import type { Found, Renewal } from "../../core/refresh/renewal.ts";
import type { Seen } from "../../core/refresh/follow.ts";
import { mergeOffers } from "../../core/refresh/merge.ts";
import { isPage } from "../../core/refresh/sight.ts";
import type { Manifest } from "../../core/snapshot/snapshot.ts";
import { renewVintages, Vintages } from "../../core/refresh/vintage.ts";
import type { Bucket } from "../bucket/bucket.ts";
import { dateNow } from "../clock.ts";
import { readNdjson, writeNdjson } from "../bucket/ndjson.ts";
import { publishSnapshot } from "../crawl/seal.ts";
import { readOffers, snapshotGone } from "../crawl/snapshot.ts";
import type { World } from "../world.ts";

type Renewing = {
  /** The new snapshot's. */
  id: string;
  startedAt: string;
  evidence: boolean;
  requests: number;
  refusals: number;
  limit: Limit;
  /** The base's. */
  manifest: Manifest;
  base: Base;
  renewal: Renewal;
  seen: Seen;
};

/** Makes the snapshot that a refresh has found out: its offers, as of when it has them, and then its manifest. */
export async function sealRefresh(world: World, renewing: Renewing): Promise<void> {
  const { id, startedAt, evidence, requests, refusals, limit, manifest, base, renewal, seen } = renewing;
  const { newcomers, read, gone, offers, heads } = renewal;
  const finishedAt = dateNow(world.clock).toISOString();
  const parts = await writeRenewed(world.bucket, renewing);
  const whole = [{ readAt: manifest.finishedAt, offers: base.ids.length }];
  const vintages = (await readVintages(world.bucket, manifest)) ?? whole;
  const renewed = renewVintages(vintages, { newcomers, read, gone, grows: base.grows, readAt: finishedAt });
  await writeNdjson(world.bucket, vintagesKey(id), renewed);
  const pages = Math.max(1, Math.ceil(offers / findPageSize(seen)));
  const renewedManifest: Manifest = {
    id,
    startedAt,
    finishedAt,
    parts,
    voidParts: [],
    pages,
    offers,
    requests,
    evidence,
    heads,
    doubts: [],
    notes: manifest.notes,
    method: "refresh",
    saved: Math.max(0, estimateCrawl(pages, limit) - requests),
  };
  await publishSnapshot(world, renewedManifest, { refusals });
}

function findPageSize({ sights }: Seen): number {
  return Math.max(1, ...sights.filter(isPage).map(({ ids }) => ids.length));
}

/** Each is held while it is read. */
const offersPerPart = 2_000;

/** Gives the number of the parts. */
async function writeRenewed(bucket: Bucket, renewing: Renewing): Promise<number> {
  const { id, evidence, manifest, base, renewal, seen } = renewing;
  const show = ({ sight, at }: Found) => seen.offers[sight]?.[at];
  let parts = 0;
  let part: RawOffer[] = [];
  const flush = async () => {
    if (part.length === 0) return;
    parts += 1;
    await writeNdjson(bucket, partKey(id, parts), part);
    part = [];
  };
  const offers = readOffers(bucket, manifest);
  for await (const offer of mergeOffers({ offers, renewal, grows: base.grows, show })) {
    part.push(redactOffer(offer, evidence));
    if (part.length >= offersPerPart) await flush();
  }
  await flush();
  return parts;
}

/** As of when the snapshot has its offers; null when all are as of its end. Throws where somebody has removed it. */
export async function readVintages(bucket: Bucket, { id, method }: Manifest): Promise<Vintages | null> {
  if (method === "full") return null;
  const lines = await readNdjson(bucket, vintagesKey(id));
  if (lines === null) throw snapshotGone();
  return Vintages.parse(lines);
}
