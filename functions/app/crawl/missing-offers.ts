import type { Bucket } from "../../adapters/bucket/bucket.ts";
import { runStepAttempt, type StepAttempt } from "../../adapters/bucket/ndjson.ts";
import { WindowBroken } from "../../adapters/portal/limiter.ts";
import {
  openOfferReader,
  type PortalOfferReader,
  recordSpentRequests,
} from "../../adapters/portal/offer-reader.ts";
import { manifestKey } from "../../core/basics/bucket-keys.ts";
import { ExportError } from "../../core/basics/errors.ts";
import { createDuplicateCheck, spreadSample } from "../../core/crawl/consistency-check.ts";
import { addAnomaly, type CrawlState, resumeCrawl } from "../../core/crawl/crawl-state.ts";
import { makeOfferPage } from "../../core/crawl/offer-page.ts";
import { isLookupId } from "../../core/customer/customer.ts";
import { waitForWindow } from "../../core/rate-limit/request-permits.ts";
import { findLease } from "../../core/snapshot/crawl-registry.ts";
import {
  findNewestSnapshot,
  listCounted,
  selectVoidParts,
  SnapshotManifest,
  type SnapshotParts,
  type StoredPart,
} from "../../core/snapshot/snapshot-manifest.ts";
import type { AppContext } from "../context.ts";
import { readOfferIds } from "../snapshot/snapshot-reader.ts";
import { keepPart, readRegistry } from "../snapshot/snapshot-store.ts";
import {
  describeCrawlProgress,
  keepHeartbeat,
  recallWindowLimit,
  reportWaits,
  saveProgress,
} from "./crawl-progress.ts";

/** The maximum number of missing offers that are requested by id. */
const maxAsked = 40;

/**
 * `missing` holds the ids of missing offers that must be requested from the portal. `isSample` is true when these ids
 * are only a sample of all missing offers.
 */
export type VerifiedCrawl = { crawl: CrawlState; missing: string[]; isSample?: boolean };

/**
 * Checks the finished crawl. Adds an anomaly when an offer is in two parts of the snapshot without a known reason. Also
 * looks for missing offers: they were in the last snapshot, in a void part of the crawl, or on the crawl's page with the
 * highest number, but the crawl does not have them. So they were deleted or overlooked. Returns the ids of the missing
 * offers, or an even sample of these ids when there are too many to request.
 */
export async function verifyCrawl(
  app: AppContext,
  { id, crawl: given, stored = [] }: { id: string; crawl: CrawlState; stored?: StoredPart[] },
): Promise<VerifiedCrawl> {
  const { bucket } = app;
  const crawl = resumeCrawl(given);
  await saveProgress(app, id, describeCrawlProgress(crawl, 0, app.clock));
  const check = createDuplicateCheck(crawl);
  const numbers = listCounted(crawl);
  for await (const ids of readOfferIds(bucket, { id, ...crawl, stored }))
    check.addPart(numbers.shift() ?? 0, ids);
  const last = await findLastManifest(app, id);
  const earlier = [selectVoidParts({ id, ...crawl, stored }), ...(last === null ? [] : [last])];
  const missing = await listMissing(bucket, { earlier, crawl, has: check.has });
  const isDoubled = check.isDoubled() && crawl.doubts.length === 0;
  return {
    crawl: isDoubled ? addAnomaly(crawl, "doubled") : crawl,
    missing: spreadSample(missing, maxAsked),
    ...(missing.length > maxAsked && { isSample: true }),
  };
}

async function findLastManifest(app: AppContext, id: string): Promise<SnapshotManifest | null> {
  const newest = findNewestSnapshot((await readRegistry(app)).snapshots);
  if (newest === null || newest.snapshotId === id) return null;
  return await app.bucket.readJson(manifestKey(newest.snapshotId), SnapshotManifest);
}

type Search = { earlier: SnapshotParts[]; crawl: CrawlState; has: (id: string) => boolean };

/**
 * Returns the ids of the missing offers: first the ids from the crawl's highest page, then the ids from the crawl's void
 * parts and from the last snapshot, in their order. When one of these is removed while it is read, ignores the rest of
 * it.
 */
async function listMissing(bucket: Bucket, { earlier, crawl, has }: Search): Promise<string[]> {
  const missing = new Set((crawl.highest?.ids ?? []).filter((id) => !has(id) && isLookupId(id)));
  for (const parts of earlier) {
    try {
      for await (const ids of readOfferIds(bucket, parts))
        for (const id of ids) if (!has(id)) missing.add(id);
    } catch (error) {
      if (!(error instanceof ExportError && error.kind === "gone")) throw error;
    }
  }
  return [...missing];
}

type Question = { id: string; crawl: CrawlState; missing: string[]; isSample?: boolean };

export type ResolvedMissing = {
  crawl: CrawlState;
  /** The ids that are still to be requested from the portal, after a wait of `waitSeconds`. */
  missing: string[];
  isSample?: boolean;
  waitSeconds: number;
  /** The new part of the snapshot, with the missing offers that still exist; null when no part was written. */
  part: StoredPart | null;
  /**
   * True when the crawl must be repeated, because some offers of a sample still exist. So missing offers outside the
   * sample may exist, too.
   */
  isLost?: boolean;
};

/**
 * Requests the missing offers from the portal by id. An offer that still exists was overlooked, so it is added to the
 * snapshot, and the crawl gets an anomaly. When the ids are only a sample, the crawl is repeated instead, but at most
 * once. The crawl also gets an anomaly when the portal does not answer.
 */
export async function resolveMissing(app: AppContext, question: Question): Promise<ResolvedMissing> {
  const asked = { ...question, crawl: resumeCrawl(question.crawl) };
  return await runStepAttempt(app, (attempt) => askPortal(app, asked, attempt));
}

async function askPortal(
  app: AppContext,
  question: Question,
  attempt: StepAttempt,
): Promise<ResolvedMissing> {
  const { portal, clock, random } = app;
  const { id, crawl } = question;
  const registry = await readRegistry(app);
  const lease = findLease(registry, id);
  if (lease === null) return { crawl, missing: [], waitSeconds: 0, part: null };
  // An earlier attempt of this step may have sent requests.
  const limit = recallWindowLimit(app, crawl.limit, {
    isRepeated: true,
    closedUntilMs: registry.limit?.closedUntilMs ?? 0,
  });
  const { evidence } = lease;
  const waits = reportWaits(app, id, (seconds) =>
    describeCrawlProgress(recordSpentRequests(crawl, reader), seconds, clock),
  );
  const reader = openOfferReader(portal, waits.clock, { limit, evidence, hasWorked: true, random });
  const resolved = await keepHeartbeat(app, id, () =>
    waits.during(() => readMissing(attempt, question, reader)),
  );
  const spent = recordSpentRequests(resolved.crawl, reader);
  const waitMs =
    resolved.missing.length === 0 ? 0 : waitForWindow(spent.limit, clock.now(), resolved.missing.length);
  const result = { ...resolved, crawl: spent, waitSeconds: Math.ceil(waitMs / 1000) };
  const isHeld = await saveProgress(app, id, describeCrawlProgress(spent, result.waitSeconds, clock));
  if (!isHeld) await attempt.discard();
  return result;
}

const maxTries = 3;

async function readMissing(
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
    if (error instanceof WindowBroken && brokenWindows < maxTries)
      return { crawl: { ...crawl, brokenWindows }, missing, isSample, part: null };
    if (error instanceof WindowBroken || (error instanceof ExportError && error.kind === "portal"))
      return { crawl: addAnomaly(crawl, "unsettled"), missing: [], part: null };
    throw error;
  }
}
