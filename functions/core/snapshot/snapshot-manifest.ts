import * as z from "zod";
import { type CrawlState, anomalies, notes } from "../crawl/crawl-state.ts";
import { manifestKey, readTimesKey } from "../basics/bucket-keys.ts";
import { wholeNumber, isoMoment } from "../basics/stored-values.ts";
import { locateParts, StoredObject, StoredPart } from "./snapshot-manifest--stored.ts";

export const crawlMethods = ["full", "refresh"] as const;

/** The portal's offers as one crawl read them: parts in the bucket, told by this manifest. */
export const SnapshotManifest = z.object({
  id: z.string(),
  startedAt: isoMoment,
  finishedAt: isoMoment,
  parts: wholeNumber,
  /** Parts that were read again later, and do not count. */
  voidParts: z.array(wholeNumber),
  pages: wholeNumber,
  /** As they came: the reader of the parts leaves out what came twice. */
  offers: wholeNumber,
  requests: wholeNumber,
  evidence: z.boolean(),
  doubts: z.array(z.enum(anomalies)),
  /** Oddities of the portal that were resolved. */
  notes: z.array(z.enum(notes)).default([]),
  /** Whether every offer was read anew, or an earlier snapshot brought up to date. */
  method: z.enum(crawlMethods).default("full"),
  /** Requests that a refresh has saved, by what a crawl would take. */
  saved: wholeNumber.default(0),
  /** Where a refresh's rotation stands. */
  heads: z.array(z.object({ at: wholeNumber, until: wholeNumber })).default([]),
  /** Whose attempts' parts count. One that is not named is of the version before, and has a key without an attempt. */
  stored: z.array(StoredPart).optional(),
  /** As of when a refresh has its offers; named as the parts are. */
  vintages: StoredObject.optional(),
});
export type SnapshotManifest = z.infer<typeof SnapshotManifest>;

type Facts = { startedAt: string; finishedAt: string; evidence: boolean; stored?: StoredPart[] };

export function describeManifest(id: string, crawl: CrawlState, { stored = [], ...facts }: Facts): SnapshotManifest {
  const { parts, voidParts, nextPage, offers, requests, doubts: found, notes: resolved } = crawl;
  return {
    id,
    ...facts,
    parts,
    voidParts,
    pages: nextPage - 1,
    offers,
    requests,
    doubts: found,
    notes: resolved,
    method: "full",
    saved: 0,
    heads: [],
    stored,
  };
}

/** The keys of the snapshot's own objects. */
export function listKeys(manifest: SnapshotManifest): string[] {
  const { id, method, vintages } = manifest;
  const parts = locateParts(manifest).map(({ key }) => key);
  const readAt = method === "refresh" ? [readTimesKey(id, vintages?.attempt)] : [];
  return [manifestKey(id), ...parts, ...readAt];
}
