import { z } from "zod";
import type { Crawl } from "./crawl.ts";

/** The portal's offers as one crawl read them: parts in the bucket, told by this manifest. */
export const Manifest = z.object({
  id: z.string(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  parts: z.int(),
  pages: z.int(),
  requests: z.int(),
  evidence: z.boolean(),
  completeness: z.enum(["complete", "uncertain"]),
});
export type Manifest = z.infer<typeof Manifest>;

/**
 * A list of one page is of one moment, so it is whole. Of a longer one nobody can say so yet: an offer that
 * is deleted while the pages are read makes another one slide over a page boundary, unseen.
 */
export function describeSnapshot(
  id: string,
  crawl: Crawl,
  facts: { finishedMs: number; evidence: boolean },
): Manifest {
  const { startedMs, parts, nextPage, requests } = crawl;
  const pages = nextPage - 1;
  return {
    id,
    startedAt: new Date(startedMs ?? facts.finishedMs).toISOString(),
    finishedAt: new Date(facts.finishedMs).toISOString(),
    parts,
    pages,
    requests,
    evidence: facts.evidence,
    completeness: pages === 1 ? "complete" : "uncertain",
  };
}

export function partKey(id: string, part: number): string {
  return `snapshots/${id}/part-${String(part).padStart(5, "0")}.ndjson.gz`;
}

export function manifestKey(id: string): string {
  return `snapshots/${id}/manifest.json`;
}

export function fileKey(id: string, name: string): string {
  return `files/${id}/${name}`;
}

export function exportKey(id: string): string {
  return `exports/${id}.json`;
}
