import * as z from "zod";
import { type Crawl, doubts, notes } from "../crawl/crawl.ts";
import { count, moment } from "../progress.ts";

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
});
export type Manifest = z.infer<typeof Manifest>;

export function describeSnapshot(
  id: string,
  crawl: Crawl,
  facts: { startedAt: string; finishedAt: string; evidence: boolean },
): Manifest {
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
  };
}
