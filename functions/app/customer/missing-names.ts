import * as z from "zod";
import { type Clock, dateNow, toClockSeconds } from "../../adapters/clock/clock.ts";
import { openClientQueue } from "../../adapters/portal/request-retries.ts";
import { manifestKey, missingNamesKey } from "../../core/basics/bucket-keys.ts";
import { noProgress, type Progress, wholeNumber } from "../../core/basics/stored-values.ts";
import { isLookupId, readCustomerId } from "../../core/customer/customer.ts";
import { findResumePage, listFreshNames, listMissingNames } from "../../core/customer/name-cache.ts";
import {
  countLookupRequests,
  expectCustomerPages,
  isLookupOver,
  isPauseTooLong,
  type NameLookup,
} from "../../core/customer/name-lookup.ts";
import { beginSnapshotPass, followSnapshot, renewAliveUntil } from "../../core/export/export-state.ts";
import { parseOffer } from "../../core/offer/offer.ts";
import type { Options } from "../../core/options/export-options.ts";
import type { RateLimit } from "../../core/rate-limit/rate-limit.ts";
import { countBudget, estimateSentMs, waitForWindow } from "../../core/rate-limit/request-permits.ts";
import { selectByOptions, selectRow } from "../../core/report/report-row.ts";
import { returnLookupBudget, takeLookupBudget } from "../../core/snapshot/lease-fencing.ts";
import type { SnapshotManifest } from "../../core/snapshot/snapshot-manifest.ts";
import type { AppContext } from "../context.ts";
import {
  type CrawlPoint,
  keepHeartbeat,
  recallWindowLimit,
  reportWaits,
  saveProgress,
} from "../crawl/crawl-progress.ts";
import { changeExport, readUnfinished } from "../export/export-store.ts";
import { readParts } from "../snapshot/snapshot-reader.ts";
import { updateRegistry, withSnapshot } from "../snapshot/snapshot-store.ts";
import { lookUpNames, readNameCache, saveNames } from "./customer-lookup.ts";

/** `begun` is the state of the lookup of names after the previous window. */
type NameTask = { id: string; snapshotId: string; begun: NameLookup };

/** `waitSeconds` is the time until the next window may begin; null when the lookup has ended. */
export type NamedWindow = { naming: NameLookup; waitSeconds: number | null };

/**
 * Looks up the names that the report needs but the cache does not have, within one window of the rate limit. Returns a
 * time to wait when another export holds the lease. When the portal fails, the report is written without these names,
 * and the export does not fail.
 */
export async function nameCustomers(app: AppContext, task: NameTask): Promise<NamedWindow> {
  const { id, begun: naming } = task;
  const state = await readUnfinished(app, id);
  if (state === null) return await endNaming(app, id, { naming });
  if (!state.options.customers) return { naming, waitSeconds: null };
  const startedAt = naming.startedAt ?? dateNow(app.clock).toISOString();
  return await withSnapshot(app, task.snapshotId, (manifest) =>
    nameReport(app, { ...task, begun: { ...naming, startedAt }, manifest, options: state.options }),
  );
}

type Report = NameTask & { manifest: SnapshotManifest; options: Options };

async function nameReport(app: AppContext, report: Report): Promise<NamedWindow> {
  const { id, begun, manifest } = report;
  const names = await readNameCache(app);
  const nowMs = dateNow(app.clock).getTime();
  const known = listFreshNames(names, nowMs);
  const { ids, customers } = await obtainMissingNames(app, { ...report, known });
  const missing = listMissingNames(names, ids, known);
  if (missing.size === 0) return await endNaming(app, id, { naming: { ...begun, trouble: null } });
  const hint = { pages: names.pages, customers, nextPage: findResumePage(names, nowMs) };
  const naming = expectCustomerPages(begun, hint);
  const progress = { ...noProgress, pages: manifest.pages, offers: manifest.offers };
  const { windows, waitedSeconds } = begun;
  const attempt = app.random.bytes(6).toString("hex");
  const request = { id, window: windows + 1, attempt, waitedSeconds, progress, now: dateNow(app.clock) };
  const grant = await updateRegistry(app, (registry) => takeLookupBudget(registry, request));
  if (grant.kind === "wait") return await awaitBudget(app, report, { ...grant, progress });
  const limit = recallWindowLimit(app, grant.limit, grant);
  return await keepHeartbeat(app, id, () =>
    readWindow(app, { id, attempt, naming, missing, progress, limit }),
  );
}

type Window = {
  id: string;
  attempt: string;
  naming: NameLookup;
  missing: ReadonlySet<string>;
  progress: Progress;
  limit: RateLimit;
};

async function readWindow(app: AppContext, window: Window): Promise<NamedWindow> {
  const { portal, clock, random } = app;
  const { id, attempt, missing, progress } = window;
  const askedMs = dateNow(clock).getTime();
  const describe = (ahead: Ahead): CrawlPoint => {
    const limit = queue.limit();
    return { reads: "names", progress: { ...progress, ...describeWait(limit, ahead, clock) }, limit };
  };
  const requestsDue = countLookupRequests(window.naming, missing);
  const waits = reportWaits(app, id, (waitSeconds) => describe({ waitSeconds, requestsLeft: requestsDue }));
  // The snapshot exists, and it was read with this key, so the key has worked.
  const verified = { key: true, scope: window.naming.isAnswered };
  const options = { limit: window.limit, isAllOrNothing: false, verified, random };
  const queue = openClientQueue(waits.clock, options);
  const { naming, found, left } = await waits.during(() => lookUpNames(portal, { ...window, queue, clock }));
  const { isListRead, expectedPages, isAnswered, aside: failed } = naming;
  const pages = isListRead ? expectedPages : null;
  // When the portal has answered no request, it was unavailable. The next lookup then starts at page 1 again, so that
  // it does not skip the failed pages.
  const nextPage = isAnswered ? naming.nextPage : 1;
  await saveNames(app, { customers: found, pages, nextPage, failed, needed: missing }, askedMs);
  const limit = queue.limit();
  const requestsLeft = countLookupRequests(naming, left);
  const waitSeconds = findWaitSeconds(limit, requestsLeft, clock);
  const isDone =
    left.size === 0 || isLookupOver(naming) || isPauseTooLong(naming, waitSeconds, limit.windowMs);
  if (isDone) return await endNaming(app, id, { naming, limit, attempt });
  await saveProgress(app, id, describe({ waitSeconds, requestsLeft }));
  return { naming: { ...naming, pausedSeconds: naming.pausedSeconds + waitSeconds }, waitSeconds };
}

function findWaitSeconds(limit: RateLimit, requestsLeft: number, clock: Clock): number {
  const due = Math.min(requestsLeft, countBudget(limit) ?? 1);
  return Math.ceil(waitForWindow(limit, clock.now(), due) / 1000);
}

type Ahead = { waitSeconds: number; requestsLeft: number };

function describeWait(limit: RateLimit, { waitSeconds, requestsLeft }: Ahead, { now, dateOf }: Clock) {
  const opensMs = now() + waitSeconds * 1000;
  const format = (ms: number) => dateOf(ms).toISOString();
  return {
    waitingUntil: waitSeconds > 0 ? format(opensMs) : null,
    estimatedFinishAt: format(estimateSentMs(limit, requestsLeft, opensMs)),
  };
}

type Wait = { seconds: number; freeAt: string | null; progress: Progress };

/**
 * Returns the time to wait for the export that holds the lease. Ends the lookup when it has waited too long. After the
 * wait, the cache is read again, because the other export may have looked up names that this report needs.
 */
async function awaitBudget(
  app: AppContext,
  { id, snapshotId, begun }: Report,
  { seconds, freeAt, progress }: Wait,
): Promise<NamedWindow> {
  const naming = { ...begun, waitedSeconds: begun.waitedSeconds + seconds };
  if (isLookupOver(naming)) return await endNaming(app, id, { naming });
  const now = dateNow(app.clock);
  const busyUntil = new Date(now.getTime() + seconds * 1000).toISOString();
  const waiting = { now, busyUntil, progress: { ...progress, waitingUntil: freeAt } };
  await changeExport(app, id, (state) => followSnapshot(state, snapshotId, waiting));
  return { naming, waitSeconds: toClockSeconds(app.clock, seconds) };
}

/** `limit` and `attempt` are those of the window that ends the lookup; null when no window does. */
type End = { naming: NameLookup; limit?: RateLimit | null; attempt?: string | null };

/**
 * Ends the lookup of names, and ends the lease if the export holds it. A late attempt does not end the lease of the
 * attempt after it. The workflow then writes the report.
 */
async function endNaming(
  app: AppContext,
  id: string,
  { naming, limit = null, attempt = null }: End,
): Promise<NamedWindow> {
  const now = dateNow(app.clock);
  await changeExport(app, id, (state) => renewAliveUntil(state, now));
  await updateRegistry(app, (registry) => ({
    after: returnLookupBudget(registry, id, { limit, attempt }),
    answer: null,
  }));
  return { naming, waitSeconds: null };
}

const MissingNames = z.object({
  /** The ids of the report's customers whose names in the cache were missing or too old. */
  ids: z.array(z.string()),
  /** The number of different customers to whom the snapshot's offers belong. */
  customers: wholeNumber,
});
type MissingNames = z.infer<typeof MissingNames>;

type MissingNamesQuery = {
  id: string;
  manifest: SnapshotManifest;
  options: Options;
  known: ReadonlySet<string>;
};

/**
 * Returns the ids of the report's customers whose names are not known. This list is made only once and stored beside
 * the snapshot, because reading a large snapshot takes as long as a window of the rate limit.
 */
export async function obtainMissingNames(app: AppContext, report: MissingNamesQuery): Promise<MissingNames> {
  const key = missingNamesKey(report.manifest.id, report.id);
  const stored = await app.bucket.readJson(key, MissingNames);
  if (stored !== null) return stored;
  const missing = await findMissingNames(app, report);
  if (missing.ids.length > 0) await storeMissingNames(app, report.manifest, { key, missing });
  return missing;
}

/**
 * Stores the list of missing names unless an earlier attempt has stored it. Removes the list again if the snapshot was
 * removed during the write.
 */
async function storeMissingNames(
  { bucket }: AppContext,
  { id }: SnapshotManifest,
  { key, missing }: { key: string; missing: MissingNames },
): Promise<void> {
  await bucket.replaceJson(key, missing, null);
  if (!(await bucket.exists(manifestKey(id)))) await bucket.remove(key);
}

/**
 * Reads the snapshot, and returns the ids of the report's customers whose names are not known. Parses an offer only
 * when it may add such a customer.
 */
async function findMissingNames(
  app: AppContext,
  { id, manifest, options, known }: MissingNamesQuery,
): Promise<MissingNames> {
  const { bucket, calendar, clock } = app;
  await changeExport(app, id, (state) => beginSnapshotPass(state, manifest, dateNow(clock)));
  const selection = selectByOptions(options, calendar);
  const missing = new Set<string>();
  const customers = new Set<string>();
  for await (const offers of readParts(bucket, manifest)) {
    for (const given of offers) {
      const customerId = readCustomerId(given);
      if (customerId === null) continue;
      customers.add(customerId);
      if (known.has(customerId) || missing.has(customerId) || !isLookupId(customerId)) continue;
      if (selectRow(parseOffer(given, calendar), selection) !== null) missing.add(customerId);
    }
  }
  return { ids: [...missing], customers: customers.size };
}
