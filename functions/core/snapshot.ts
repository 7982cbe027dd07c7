import { z } from "zod";
import { type Crawl, doubts } from "./crawl.ts";

/** The portal's offers as one crawl read them: parts in the bucket, told by this manifest. */
export const Manifest = z.object({
  id: z.string(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  parts: z.int(),
  /** Parts that were read again later, and do not count. */
  voidParts: z.array(z.int()),
  pages: z.int(),
  requests: z.int(),
  evidence: z.boolean(),
  doubts: z.array(z.enum(doubts)),
});
export type Manifest = z.infer<typeof Manifest>;

export function describeSnapshot(
  id: string,
  crawl: Crawl,
  facts: { finishedMs: number; evidence: boolean },
): Manifest {
  const { startedMs, parts, voidParts, nextPage, requests } = crawl;
  return {
    id,
    startedAt: new Date(startedMs ?? facts.finishedMs).toISOString(),
    finishedAt: new Date(facts.finishedMs).toISOString(),
    parts,
    voidParts,
    pages: nextPage - 1,
    requests,
    evidence: facts.evidence,
    doubts: crawl.doubts,
  };
}
