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
import { distrustRateLimit } from "../../core/rate-limit/rate-limit.ts";
import { waitForWindow } from "../../core/rate-limit/request-permits.ts";
import { findLease } from "../../core/snapshot/crawl-registry.ts";
import {
  findNewestSnapshot,
  listCounted,
  SnapshotManifest,
  type StoredPart,
} from "../../core/snapshot/snapshot-manifest.ts";
import type { AppContext } from "../context.ts";
import { keepPart, readOfferIds, readRegistry } from "../snapshot/snapshot-store.ts";
import { describeCrawlProgress, recallRateLimit, saveProgress } from "./crawl-progress.ts";

/** The maximum number of missing offers that are requested by id. */
const maxAsked = 40;

/** `missing` are ids to ask for. `isSample` is true when more offers are missing than these. */
export type VerifiedCrawl = { crawl: CrawlState; missing: string[]; isSample?: boolean };

/**
 * Checks the whole crawl for what no single window shows: offers that stand in two parts without a known reason, and
 * missing offers. A missing offer was in the last snapshot, or on the highest page that the crawl has seen, and was
 * then deleted or overlooked. Returns the missing ids, or an even sample of `maxAsked` of them.
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
  const missing = await listMissing(bucket, { last: await findLastManifest(app, id), crawl, has: check.has });
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

type Search = { last: SnapshotManifest | null; crawl: CrawlState; has: (id: string) => boolean };

/** Returns ids in the last snapshot's order. That snapshot may be removed meanwhile, which is no error. */
async function listMissing(bucket: Bucket, { last, crawl, has }: Search): Promise<string[]> {
  const missing = new Set((crawl.highest?.ids ?? []).filter((id) => !has(id) && isLookupId(id)));
  if (last === null) return [...missing];
  try {
    for await (const ids of readOfferIds(bucket, last)) for (const id of ids) if (!has(id)) missing.add(id);
  } catch (error) {
    if (!(error instanceof ExportError && error.kind === "gone")) throw error;
  }
  return [...missing];
}

type Question = { id: string; crawl: CrawlState; missing: string[]; isSample?: boolean };

export type ResolvedMissing = {
  crawl: CrawlState;
  /** Ids that are still to be asked for, after `waitSeconds`. */
  missing: string[];
  isSample?: boolean;
  waitSeconds: number;
  /** The part with the offers that were found; null when there are none. */
  part: StoredPart | null;
  /** True when the crawl must be repeated: some missing offers of a sample still exist, so others may, too. */
  isLost?: boolean;
};

/**
 * Asks the portal for the missing offers by id. An offer that still exists was overlooked: it is added to the
 * snapshot, and the crawl gets an anomaly. If only a sample was asked for, the crawl is repeated instead, but only
 * once. If the portal does not answer, the crawl gets an anomaly as well.
 */
export async function resolveMissing(app: AppContext, question: Question): Promise<ResolvedMissing> {
  const asked = { ...question, crawl: resumeCrawl(question.crawl) };
  return await runStepAttempt(app.bucket, (attempt) => askPortal(app, asked, attempt));
}

async function askPortal(
  app: AppContext,
  question: Question,
  attempt: StepAttempt,
): Promise<ResolvedMissing> {
  const { portal, clock } = app;
  const { id, crawl } = question;
  const lease = findLease(await readRegistry(app), id);
  if (lease === null) return { crawl, missing: [], waitSeconds: 0, part: null };
  // An earlier try of this step may have spent requests that nobody has counted.
  const limit = distrustRateLimit(recallRateLimit(app, crawl.limit));
  const reader = openOfferReader(portal, clock, { limit, evidence: lease.evidence, hasWorked: true });
  const resolved = await readMissing(attempt, question, reader);
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
