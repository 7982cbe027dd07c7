import { setTimeout as sleep } from "node:timers/promises";
import { describeStorageError } from "../../adapters/bucket/s3-client.ts";
import { hashPortal } from "../../adapters/bucket/key-hashes.ts";
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
import { estimateFinishMs } from "../../core/crawl/probe-page.ts";
import {
  hearAnswers,
  type HeardAnswer,
  isTakenByOthers,
  type RateLimit,
  readPermit,
} from "../../core/rate-limit/rate-limit.ts";
import { isAlive } from "../../core/snapshot/crawl-lease.ts";
import { type CrawlRegistry, recordRateLimit } from "../../core/snapshot/crawl-registry.ts";
import { findNewestSnapshot } from "../../core/snapshot/snapshot-manifest.ts";
import type { AppContext } from "../context.ts";
import { recallRateLimit } from "../crawl/crawl-progress.ts";
import { readRegistry, updateRegistry } from "../snapshot/snapshot-store.ts";
import { findConditionFault, findRefusal, probePortal, type ProbeResults } from "./setup-probes.ts";

/** One that another version wrote in another shape is none. */
const Known = StoredCheck.nullable().catch(null);

/**
 * Asks the portal for two things at most, once a minute, and for nothing while an export reads it: then the
 * answer is what is known without. The claim that this takes shows whether the bucket can be read and written.
 */
export async function checkSetup(app: AppContext): Promise<CheckAnswer> {
  const at = new Date();
  try {
    const begin = await promptly(claimMinute(app, at));
    if (begin.kind === "known") return begin.answer;
    const registry = await promptly(readRegistry(app));
    if (begin.kind === "running") return describe(app, { at, registry, asked: skipAll("check_running") });
    const fault = begin.kind === "outrun" ? begin.fault : await promptly(probeBucket(app));
    const asked = fault === null ? await visitPortal(app, registry) : skipAll("bucket_needed");
    const answer = fault === null ? describe(app, { at, registry, asked }) : describeWithout(app, at, fault);
    await promptly(app.bucket.writeJson(keyOf(app), endCheck(answer, asked.heard.length > 0)));
    return answer;
  } catch (error) {
    if (!(error instanceof ExportError)) throw error;
    await logFault(error);
    return describeWithout(app, at, error);
  }
}

const keyOf = ({ config }: AppContext) => checkClaimKey(hashPortal(config));

/** One wins, and the others see at their second try that it has. */
const maxTries = 3;

/** `outrun` where no condition seems to hold: without a fault others were quicker each time. */
async function claimMinute(
  app: AppContext,
  at: Date,
): Promise<CheckStart | { kind: "outrun"; fault: CheckFault } | { kind: "running" }> {
  const { bucket } = app;
  try {
    for (let tries = 1; tries <= maxTries; tries += 1) {
      const known = await bucket.readTagged(keyOf(app), Known);
      const { after, answer } = beginCheck(known && known.value, at);
      if (after === null || (await bucket.replaceJson(keyOf(app), after, known?.tag ?? null))) return answer;
    }
  } catch (error) {
    if (findRefusal(error) === null) throw error;
  }
  const fault = await probeBucket(app);
  return fault === null ? { kind: "running" } : { kind: "outrun", fault };
}

/** Everything that several do at once in the bucket rests on conditional writes. */
function probeBucket({ bucket, config }: AppContext): Promise<CheckFault | null> {
  return findConditionFault(bucket, conditionsKey(hashPortal(config)));
}

/** The portal is not asked: nobody knows what else is being asked of it. */
function describeWithout(app: AppContext, at: Date, bucket: CheckFault): CheckAnswer {
  const { offers, customers } = skipAll("bucket_needed");
  const calendar = describeCalendar(app, at, null);
  return describeCheck({ at, bucket, offers, customers, rate: null, isTakenByOthers: false, calendar });
}

const maxStorageMs = 3_000;

/** The storage's own patience is longer than that of whoever waits for a check. */
async function promptly<T>(work: Promise<T>): Promise<T> {
  const over = new AbortController();
  const timeout = sleep(maxStorageMs, undefined, { signal: over.signal }).then(() => {
    throw describeStorageError(new Error(`no answer within ${maxStorageMs} ms`));
  });
  return await Promise.race([work, timeout]).finally(() => over.abort());
}

async function visitPortal(app: AppContext, registry: CrawlRegistry): Promise<ProbeResults> {
  const { lease } = registry;
  const now = dateNow(app.clock);
  if (lease !== null && isAlive(lease, now)) {
    const busy = skipAll("portal_busy");
    return lease.progress.pages > 0 ? { ...busy, offers: { kind: "read" } } : busy;
  }
  const asked = await probePortal(app, recallRateLimit(app, registry.limit));
  await promptly(noteAnswers(app, asked.heard));
  return asked;
}

async function noteAnswers(app: AppContext, heard: HeardAnswer[]): Promise<void> {
  const learn = (known: RateLimit | null) => hearAnswers(recallRateLimit(app, known), heard);
  await updateRegistry(app, (registry) => ({
    after: recordRateLimit(registry, learn, dateNow(app.clock)),
    answer: null,
  }));
}

function skipAll(why: SkipReason): ProbeResults {
  const skipped: ProbeOutcome = { kind: "skipped", why };
  return { offers: skipped, customers: skipped, heard: [], aheadSeconds: null };
}

type Found = { at: Date; registry: CrawlRegistry; asked: ProbeResults };

function describe(app: AppContext, { at, registry, asked }: Found): CheckAnswer {
  const { offers, customers, heard, aheadSeconds } = asked;
  const limit = hearAnswers(recallRateLimit(app, registry.limit), heard);
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

/** Null as long as the portal has told no limit. `pages` are those that a crawl would read, where anything tells. */
export function describeRateLimit(
  { clock }: AppContext,
  limit: RateLimit,
  pages: number | null,
): CheckedRateLimit | null {
  const { windowMs, reserve, perWindow, told } = limit;
  if (perWindow === null) return null;
  const nowMs = clock.now();
  const { waitMs } = readPermit(limit, nowMs);
  const finishMs = estimateFinishMs(beginCrawl({ windowMs, reserve, limit, expectedPages: pages }), nowMs);
  return {
    perWindow,
    windowSeconds: windowMs / 1000,
    reserve,
    remaining: told?.remaining ?? null,
    waitingUntil: waitMs ? clock.dateOf(nowMs + waitMs).toISOString() : null,
    pages,
    crawlSeconds: finishMs === null ? null : Math.round((finishMs - nowMs) / 1000),
  };
}
