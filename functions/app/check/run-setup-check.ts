import { setTimeout as sleep } from "node:timers/promises";
import { describeStorageError } from "../../adapters/bucket/bucket-errors.ts";
import { hashPortal } from "../../adapters/bucket/key-hashes.ts";
import { dateNow } from "../../adapters/clock/clock.ts";
import { logFault } from "../../adapters/log/log.ts";
import { checkClaimKey, conditionsKey } from "../../core/basics/bucket-keys.ts";
import { formatDay } from "../../core/basics/calendar.ts";
import { ExportError } from "../../core/basics/errors.ts";
import { beginCheck, type CheckAnswer, type CheckedRateLimit, type CheckFault, type CheckStart, describeCheck, endCheck, type ProbeOutcome, type SkipReason, StoredCheck } from "../../core/check/setup-check.ts";
import { beginCrawl } from "../../core/crawl/crawl-state.ts";
import { estimateFinishMs } from "../../core/crawl/probe-page.ts";
import { hearAnswers, type HeardAnswer, isTakenByOthers, type RateLimit, readPermit } from "../../core/rate-limit/rate-limit.ts";
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
export async function checkSetup(world: AppContext): Promise<CheckAnswer> {
  const at = new Date();
  try {
    const begin = await promptly(claimMinute(world, at));
    if (begin.kind === "known") return begin.answer;
    const register = await promptly(readRegistry(world));
    if (begin.kind === "running") return describe(world, { at, register, asked: skipAll("check_running") });
    const fault = begin.kind === "outrun" ? begin.fault : await promptly(probeBucket(world));
    const asked = fault === null ? await visitPortal(world, register) : skipAll("bucket_needed");
    const answer =
      fault === null ? describe(world, { at, register, asked }) : describeWithout(world, at, fault);
    await promptly(world.bucket.writeJson(keyOf(world), endCheck(answer, asked.heard.length > 0)));
    return answer;
  } catch (error) {
    if (!(error instanceof ExportError)) throw error;
    await logFault(error);
    return describeWithout(world, at, error);
  }
}

const keyOf = ({ config }: AppContext) => checkClaimKey(hashPortal(config));

/** One wins, and the others see at their second try that it has. */
const maxTries = 3;

/** `outrun` where no condition seems to hold: without a fault others were quicker each time. */
async function claimMinute(
  world: AppContext,
  at: Date,
): Promise<CheckStart | { kind: "outrun"; fault: CheckFault } | { kind: "running" }> {
  const { bucket } = world;
  try {
    for (let tries = 1; tries <= maxTries; tries += 1) {
      const known = await bucket.readTagged(keyOf(world), Known);
      const { after, answer } = beginCheck(known && known.value, at);
      if (after === null || (await bucket.replaceJson(keyOf(world), after, known?.tag ?? null)))
        return answer;
    }
  } catch (error) {
    if (findRefusal(error) === null) throw error;
  }
  const fault = await probeBucket(world);
  return fault === null ? { kind: "running" } : { kind: "outrun", fault };
}

/** Everything that several do at once in the bucket rests on conditional writes. */
function probeBucket({ bucket, config }: AppContext): Promise<CheckFault | null> {
  return findConditionFault(bucket, conditionsKey(hashPortal(config)));
}

/** The portal is not asked: nobody knows what else is being asked of it. */
function describeWithout(world: AppContext, at: Date, bucket: CheckFault): CheckAnswer {
  const { offers, customers } = skipAll("bucket_needed");
  const calendar = describeCalendar(world, at, null);
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

async function visitPortal(world: AppContext, register: CrawlRegistry): Promise<ProbeResults> {
  const { lease } = register;
  const now = dateNow(world.clock);
  if (lease !== null && isAlive(lease, now)) {
    const busy = skipAll("portal_busy");
    return lease.progress.pages > 0 ? { ...busy, offers: { kind: "read" } } : busy;
  }
  const asked = await probePortal(world, recallRateLimit(world, register.limit));
  await promptly(noteAnswers(world, asked.heard));
  return asked;
}

async function noteAnswers(world: AppContext, heard: HeardAnswer[]): Promise<void> {
  const learn = (known: RateLimit | null) => hearAnswers(recallRateLimit(world, known), heard);
  await updateRegistry(world, (register) => ({
    after: recordRateLimit(register, learn, dateNow(world.clock)),
    answer: null,
  }));
}

function skipAll(why: SkipReason): ProbeResults {
  const skipped: ProbeOutcome = { kind: "skipped", why };
  return { offers: skipped, customers: skipped, heard: [], aheadSeconds: null };
}

type Found = { at: Date; register: CrawlRegistry; asked: ProbeResults };

function describe(world: AppContext, { at, register, asked }: Found): CheckAnswer {
  const { offers, customers, heard, aheadSeconds } = asked;
  const limit = hearAnswers(recallRateLimit(world, register.limit), heard);
  return describeCheck({
    at,
    bucket: null,
    offers,
    customers,
    rate: describeRateLimit(world, limit, findNewestSnapshot(register.snapshots)?.pages ?? null),
    isTakenByOthers: isTakenByOthers(limit, world.clock.now()),
    calendar: describeCalendar(world, at, aheadSeconds),
  });
}

function describeCalendar({ calendar }: AppContext, at: Date, portalAheadSeconds: number | null) {
  return { timeZone: calendar.zone, today: formatDay(calendar.dayOf(at.getTime())), portalAheadSeconds };
}

/** Null as long as the portal has told no limit. `pages` are those that a crawl would read, where anything tells. */
export function describeRateLimit({ clock }: AppContext, limit: RateLimit, pages: number | null): CheckedRateLimit | null {
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
