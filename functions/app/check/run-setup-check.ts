import { hashPortal } from "../../adapters/bucket/key-hashes.ts";
import { describeStorageError, describeUnsupportedCondition } from "../../adapters/bucket/s3-client.ts";
import { dateNow } from "../../adapters/clock/clock.ts";
import { logFault } from "../../adapters/log/log.ts";
import { checkClaimKey, conditionsKey } from "../../core/basics/bucket-keys.ts";
import { formatDay } from "../../core/basics/calendar.ts";
import { ExportError } from "../../core/basics/errors.ts";
import {
  beginCheck,
  type CheckAnswer,
  type CheckedRateLimit,
  type CheckFault,
  type CheckStart,
  describeCheck,
  endCheck,
  type ProbeOutcome,
  type SkipReason,
  StoredCheck,
} from "../../core/check/setup-check.ts";
import { beginCrawl } from "../../core/crawl/crawl-state.ts";
import { estimateCrawl, estimateFinishMs } from "../../core/crawl/probe-page.ts";
import {
  noteAnsweredRequests,
  type AnsweredRequest,
  type RateLimit,
} from "../../core/rate-limit/rate-limit.ts";
import {
  assumeBudget,
  isTakenByOthers,
  readPermit,
  waitForWindow,
} from "../../core/rate-limit/request-permits.ts";
import { isAlive } from "../../core/snapshot/crawl-lease.ts";
import { type CrawlRegistry, recordRateLimit } from "../../core/snapshot/crawl-registry.ts";
import { findNewestSnapshot } from "../../core/snapshot/snapshot-manifest.ts";
import type { AppContext } from "../context.ts";
import { recallRateLimit } from "../crawl/crawl-progress.ts";
import { readRegistry, updateRegistry } from "../snapshot/snapshot-store.ts";
import { findConditionFault, probePortal, type ProbeResults } from "./setup-probes.ts";

/**
 * The schema of the stored check. A check counts as null when another version of this program stored it in another
 * shape.
 */
const KnownCheck = StoredCheck.nullable().catch(null);

/**
 * Checks the setup. Sends the portal at most two requests a minute, and none while an export reads from the portal.
 * First stores a mark that a check is running, so that other checks send no requests. Storing this mark also shows
 * whether the bucket can be read and written.
 */
export async function checkSetup(app: AppContext): Promise<CheckAnswer> {
  const at = dateNow(app.clock);
  try {
    const start = await promptly(app, claimMinute(app, at));
    if (start.kind === "known") return start.answer;
    const registry = await promptly(app, readRegistry(app));
    if (start.kind === "running") return describe(app, { at, registry, probes: skipAll("check_running") });
    const fault = start.kind === "faulty" ? start.fault : await promptly(app, probeBucket(app));
    const probes = fault === null ? await probeIfIdle(app, registry) : skipAll("bucket_needed");
    const answer =
      fault === null ? describe(app, { at, registry, probes }) : describeBucketFault(app, at, fault);
    await promptly(
      app,
      app.bucket.writeJson(locateClaim(app), endCheck(answer, probes.responses.length > 0)),
    );
    return answer;
  } catch (error) {
    if (!(error instanceof ExportError)) throw error;
    await logFault(error);
    return describeBucketFault(app, at, error);
  }
}

const locateClaim = ({ config }: AppContext) => checkClaimKey(hashPortal(config));

/**
 * The maximum number of tries to store the mark of a running check. When several checks start at the same time, one of
 * them stores its mark, and the others find this mark on their second try.
 */
const maxTries = 3;

/**
 * Stores the mark of a running check with a conditional write, so that only one of several simultaneous checks sends
 * requests to the portal. When no try succeeds, tests whether the storage supports conditional writes. Returns `faulty`
 * when it does not. Otherwise another check was faster, and the answer is `running`.
 */
async function claimMinute(
  app: AppContext,
  at: Date,
): Promise<CheckStart | { kind: "faulty"; fault: CheckFault }> {
  const { bucket } = app;
  try {
    for (let tries = 1; tries <= maxTries; tries += 1) {
      const known = await bucket.readTagged(locateClaim(app), KnownCheck);
      const { after, answer } = beginCheck(known && known.value, at);
      if (after === null || (await bucket.replaceJson(locateClaim(app), after, known?.tag ?? null)))
        return answer;
    }
  } catch (error) {
    if (describeUnsupportedCondition(error) === null) throw error;
  }
  const fault = await probeBucket(app);
  return fault === null ? { kind: "running" } : { kind: "faulty", fault };
}

/**
 * Returns a fault when the storage does not support conditional writes, and null otherwise. Concurrent exports need
 * conditional writes.
 */
function probeBucket(app: AppContext): Promise<CheckFault | null> {
  return findConditionFault(app, conditionsKey(hashPortal(app.config)));
}

/**
 * Returns the check's answer for a fault of the bucket. The check then sends the portal no request, because only the
 * bucket shows whether an export is reading from the portal.
 */
function describeBucketFault(app: AppContext, at: Date, bucket: CheckFault): CheckAnswer {
  const { offers, customers } = skipAll("bucket_needed");
  const calendar = describeCalendar(app, at, null);
  return describeCheck({ at, bucket, offers, customers, rate: null, isTakenByOthers: false, calendar });
}

const maxStorageMs = 3_000;

/**
 * Throws when the work with the storage takes too long, because a caller waits for the check. The storage client's own
 * timeouts are longer.
 */
async function promptly<T>({ clock }: AppContext, work: Promise<T>): Promise<T> {
  const finished = new AbortController();
  const timeout = clock.system.sleep(maxStorageMs, finished.signal).then(() => {
    throw describeStorageError(new Error(`no answer within ${maxStorageMs} ms`));
  });
  return await Promise.race([work, timeout]).finally(() => finished.abort());
}

/**
 * Sends the check's requests to the portal, or skips them while an export reads from the portal. Reports the offers as
 * `read` when that export has read a page, because this shows that the key works.
 */
async function probeIfIdle(app: AppContext, registry: CrawlRegistry): Promise<ProbeResults> {
  const { lease } = registry;
  const now = dateNow(app.clock);
  if (lease !== null && isAlive(lease, now)) {
    const busy = skipAll("portal_busy");
    return lease.progress.pages > 0 ? { ...busy, offers: { kind: "read" } } : busy;
  }
  const probes = await probePortal(app, recallRateLimit(app, registry.limit));
  await promptly(app, recordResponses(app, probes.responses));
  return probes;
}

async function recordResponses(app: AppContext, responses: AnsweredRequest[]): Promise<void> {
  const learn = (known: RateLimit | null) => noteAnsweredRequests(recallRateLimit(app, known), responses);
  await updateRegistry(app, (registry) => ({
    after: recordRateLimit(registry, learn, dateNow(app.clock)),
    answer: null,
  }));
}

function skipAll(why: SkipReason): ProbeResults {
  const skipped: ProbeOutcome = { kind: "skipped", why };
  return { offers: skipped, customers: skipped, responses: [], aheadSeconds: null };
}

type Findings = { at: Date; registry: CrawlRegistry; probes: ProbeResults };

function describe(app: AppContext, { at, registry, probes }: Findings): CheckAnswer {
  const { offers, customers, responses, aheadSeconds } = probes;
  const limit = noteAnsweredRequests(recallRateLimit(app, registry.limit), responses);
  return describeCheck({
    at,
    bucket: null,
    offers,
    customers,
    rate: describeRateLimit(app, limit, findNewestSnapshot(registry.snapshots)?.pages ?? null),
    isTakenByOthers: isTakenByOthers(limit, app.clock.now()),
    calendar: describeCalendar(app, at, aheadSeconds),
  });
}

function describeCalendar({ calendar }: AppContext, at: Date, portalAheadSeconds: number | null) {
  return { timeZone: calendar.zone, today: formatDay(calendar.dayOf(at.getTime())), portalAheadSeconds };
}

/**
 * Returns null until a response has stated a rate limit. `pages` is the expected number of pages of a crawl; null when
 * unknown.
 */
function describeRateLimit(
  { clock }: AppContext,
  limit: RateLimit,
  pages: number | null,
): CheckedRateLimit | null {
  const { windowMs, reserve, perWindow, told } = limit;
  if (perWindow === null) return null;
  const nowMs = clock.now();
  const { waitMs } = readPermit(limit, nowMs);
  return {
    perWindow,
    windowSeconds: windowMs / 1000,
    reserve,
    remaining: told?.remaining ?? null,
    waitingUntil: waitMs ? clock.dateOf(nowMs + waitMs).toISOString() : null,
    pages,
    crawlSeconds: pages === null ? null : estimateCrawlSeconds(limit, pages, nowMs),
  };
}

/** Estimates how long a crawl takes that begins now, with the requests that are left in this window. */
function estimateCrawlSeconds(limit: RateLimit, pages: number, nowMs: number): number {
  const { windowMs, reserve } = limit;
  const { requests } = readPermit(limit, nowMs);
  const isOneWindow = estimateCrawl(pages, limit) <= requests;
  const opensMs = isOneWindow ? nowMs : nowMs + waitForWindow(limit, nowMs, assumeBudget(limit));
  const expectedPages = isOneWindow ? pages : Math.max(1, pages - requests);
  const finishMs = estimateFinishMs(beginCrawl({ windowMs, reserve, limit, expectedPages }), opensMs);
  return Math.round(((finishMs ?? opensMs) - nowMs) / 1000);
}
