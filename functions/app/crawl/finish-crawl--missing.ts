import { addAnomaly, type CrawlState, resumeCrawl } from "../../core/crawl/crawl-state.ts";
import { ExportError } from "../../core/basics/errors.ts";
import { distrustRateLimit, waitForWindow } from "../../core/rate-limit/rate-limit.ts";
import { makeOfferPage } from "../../core/crawl/offer-page.ts";
import { findLease } from "../../core/snapshot/crawl-registry.ts";
import type { StoredPart } from "../../core/snapshot/snapshot-manifest--stored.ts";
import { type StepAttempt, runStepAttempt } from "../../adapters/bucket/ndjson--step-attempt.ts";
import { WindowBroken } from "../../adapters/portal/limiter.ts";
import { describeCrawlProgress, recallRateLimit, saveProgress } from "./crawl-progress.ts";
import { openOfferReader, type PortalOfferReader, recordSpentRequests } from "../../adapters/portal/offer-reader.ts";
import { readRegistry } from "../snapshot/snapshot-store--register.ts";
import { keepPart } from "../snapshot/snapshot-store.ts";
import type { AppContext } from "../context.ts";

type Question = { id: string; crawl: CrawlState; missing: string[]; isSample?: boolean };

/**
 * `missing` are those that are still to be asked for, after so many seconds; `part` is what was found, if anything.
 * `isLost` when offers still exist although the crawl lacks them, and others than those may: it is to be repeated.
 */
export type ResolvedMissing = {
  crawl: CrawlState;
  missing: string[];
  isSample?: boolean;
  waitSeconds: number;
  part: StoredPart | null;
  isLost?: boolean;
};

/**
 * Asks the portal for the missing offers one by one. One that is there after all was overlooked: it gets into
 * the snapshot, whose completeness is in doubt then. Where only a sample was asked for, the crawl is repeated first,
 * once. A portal that does not answer this question leaves the crawl in doubt.
 */
export async function resolveMissing(world: AppContext, question: Question): Promise<ResolvedMissing> {
  const asked = { ...question, crawl: resumeCrawl(question.crawl) };
  return await runStepAttempt(world.bucket, (attempt) => settle(world, asked, attempt));
}

async function settle(world: AppContext, question: Question, attempt: StepAttempt): Promise<ResolvedMissing> {
  const { portal, clock } = world;
  const { id, crawl } = question;
  const lease = findLease(await readRegistry(world), id);
  if (lease === null) return { crawl, missing: [], waitSeconds: 0, part: null };
  // What a try before this one has spent, nobody knows.
  const limit = distrustRateLimit(recallRateLimit(world, crawl.limit));
  const reader = openOfferReader(portal, clock, { limit, evidence: lease.evidence, hasWorked: true });
  const settled = await attemptSettling(attempt, question, reader);
  const spent = recordSpentRequests(settled.crawl, reader);
  const waitMs =
    settled.missing.length === 0 ? 0 : waitForWindow(spent.limit, clock.now(), settled.missing.length);
  const after = { ...settled, crawl: spent, waitSeconds: Math.ceil(waitMs / 1000) };
  const isHeld = await saveProgress(world, id, describeCrawlProgress(spent, after.waitSeconds, clock));
  if (!isHeld) await attempt.discard();
  return after;
}

const mostTries = 3;

async function attemptSettling(
  attempt: StepAttempt,
  { id, crawl, missing, isSample = false }: Question,
  reader: PortalOfferReader,
): Promise<Omit<ResolvedMissing, "waitSeconds">> {
  try {
    const found = (await reader.readOffers(missing)).filter((offer) => offer !== null);
    if (found.length === 0) return { crawl, missing: [], part: null };
    if (isSample && !crawl.isRepeat) return { crawl, missing: [], part: null, isLost: true };
    const parts = crawl.parts + 1;
    const part = await keepPart(attempt, { id, number: parts }, [makeOfferPage(parts, found, true)]);
    return {
      crawl: addAnomaly({ ...crawl, parts, offers: crawl.offers + found.length }, "overlooked"),
      missing: [],
      part,
    };
  } catch (error) {
    const brokenWindows = crawl.brokenWindows + 1;
    if (error instanceof WindowBroken && brokenWindows < mostTries)
      return { crawl: { ...crawl, brokenWindows }, missing, isSample, part: null };
    if (error instanceof WindowBroken || (error instanceof ExportError && error.kind === "portal"))
      return { crawl: addAnomaly(crawl, "unsettled"), missing: [], part: null };
    throw error;
  }
}
