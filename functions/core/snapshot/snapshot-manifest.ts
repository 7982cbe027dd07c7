import * as z from "zod";
import { type Crawl, doubts, notes } from "../crawl/crawl-state.ts";
import { manifestKey, vintagesKey } from "../basics/bucket-keys.ts";
import { count, moment } from "../basics/stored-values.ts";
import { locateParts, Stored, StoredPart } from "./snapshot-manifest--stored.ts";

export const methods = ["full", "refresh"] as const;

/** The portal's offers as one crawl read them: parts in the bucket, told by this manifest. */
export const Manifest = z.object({
  id: z.string(),
  startedAt: moment,
  finishedAt: moment,
  parts: count,
  /** Parts that were read again later, and do not count. */
  voidParts: z.array(count),
  pages: count,
  /** As they came: the reader of the parts leaves out what came twice. */
  offers: count,
  requests: count,
  evidence: z.boolean(),
  doubts: z.array(z.enum(doubts)),
  /** Oddities of the portal that were resolved. */
  notes: z.array(z.enum(notes)).default([]),
  /** Whether every offer was read anew, or an earlier snapshot brought up to date. */
  method: z.enum(methods).default("full"),
  /** Requests that a refresh has saved, by what a crawl would take. */
  saved: count.default(0),
  /** Where a refresh's rotation stands. */
  heads: z.array(z.object({ at: count, until: count })).default([]),
  /** Whose attempts' parts count. One that is not named is of the version before, and has a key without an attempt. */
  stored: z.array(StoredPart).optional(),
  /** As of when a refresh has its offers; named as the parts are. */
  vintages: Stored.optional(),
});
export type Manifest = z.infer<typeof Manifest>;

type Facts = { startedAt: string; finishedAt: string; evidence: boolean; stored?: StoredPart[] };

export function describeSnapshot(id: string, crawl: Crawl, { stored = [], ...facts }: Facts): Manifest {
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
export function listKeys(manifest: Manifest): string[] {
  const { id, method, vintages } = manifest;
  const parts = locateParts(manifest).map(({ key }) => key);
  const readAt = method === "refresh" ? [vintagesKey(id, vintages?.attempt)] : [];
  return [manifestKey(id), ...parts, ...readAt];
}
