import { type Clock, dateNow, toClockSeconds } from "../../adapters/clock/clock.ts";
import { openLine } from "../../adapters/portal/request-retries.ts";
import { noProgress, type Progress } from "../../core/basics/stored-values.ts";
import { countRequestsLeft, expectPages, isOver, isPauseTooLong, type Naming } from "../../core/customer/customer--naming.ts";
import { findNextPage, listFresh, listMissing } from "../../core/customer/name-cache.ts";
import { followSnapshot, outliveLease } from "../../core/export/export-state.ts";
import type { Options } from "../../core/options/options.ts";
import { countBudget, distrustLimit, estimateSentMs, type Limit, waitForWindow } from "../../core/rate-limit/rate-limit.ts";
import { renewLease } from "../../core/snapshot/crawl-registry.ts";
import { returnBudget, takeBudget } from "../../core/snapshot/lookup-budget.ts";
import type { Manifest } from "../../core/snapshot/snapshot-manifest.ts";
import type { World } from "../context.ts";
import { keepPulse } from "../crawl/crawl-progress--pulse.ts";
import { recallLimit } from "../crawl/crawl-progress.ts";
import { changeExport, readUnfinished } from "../export/export-store.ts";
import { changeRegister } from "../snapshot/snapshot-store--register.ts";
import { useSnapshot } from "../snapshot/snapshot-store--use.ts";
import { keepNames, readNames } from "./customer-lookup--names.ts";
import { askNames } from "./customer-lookup.ts";
import { obtainWanted } from "./name-customers--wanted.ts";

export type Task = { id: string; snapshotId: string; begun: Naming };

/** `waitSeconds` is null when the reading is over. */
export type Named = { naming: Naming; waitSeconds: number | null };

/**
 * Reads one window of names, of those whom the report shows and who are not known, into the names that all
 * exports share; or waits while another export spends the portal's budget. A portal that fails costs the report
 * names and nothing else.
 */
export async function nameCustomers(world: World, task: Task): Promise<Named> {
  const { id, begun: naming } = task;
  const state = await readUnfinished(world, id);
  if (state === null) return await endNaming(world, id, { naming });
  if (!state.options.customers) return { naming, waitSeconds: null };
  const startedAt = naming.startedAt ?? dateNow(world.clock).toISOString();
  return await useSnapshot(world, task.snapshotId, (manifest) =>
    nameReport(world, { ...task, begun: { ...naming, startedAt }, manifest, options: state.options }),
  );
}

type Report = Task & { manifest: Manifest; options: Options };

async function nameReport(world: World, report: Report): Promise<Named> {
  const { id, begun, manifest } = report;
  const names = await readNames(world);
  const nowMs = dateNow(world.clock).getTime();
  const known = listFresh(names, nowMs);
  const { ids, customers } = await obtainWanted(world, { ...report, known });
  const missing = listMissing(names, ids, known);
  if (missing.size === 0) return await endNaming(world, id, { naming: { ...begun, trouble: null } });
  const hint = { pages: names.pages, customers, nextPage: findNextPage(names, nowMs) };
  const naming = expectPages(begun, hint);
  const progress = { ...noProgress, pages: manifest.pages, offers: manifest.offers };
  const { windows, waitedSeconds } = begun;
  const bid = { id, window: windows + 1, waitedSeconds, progress, now: dateNow(world.clock) };
  const grant = await changeRegister(world, (register) => takeBudget(register, bid));
  if (grant.kind === "wait") return await awaitBudget(world, report, { ...grant, progress });
  const limit = knowLimit(world, grant);
  return await keepPulse(world, id, () => readWindow(world, { id, naming, missing, progress, limit }));
}

function knowLimit(world: World, { limit, isRepeated }: { limit: Limit | null; isRepeated: boolean }): Limit {
  const known = recallLimit(world, limit);
  return isRepeated ? distrustLimit(known) : known;
}

type Window = {
  id: string;
  naming: Naming;
  missing: ReadonlySet<string>;
  progress: Progress;
  limit: Limit;
};

async function readWindow(world: World, window: Window): Promise<Named> {
  const { portal, clock } = world;
  const { id, missing, progress } = window;
  const askedMs = dateNow(clock).getTime();
  // There is a snapshot, so the key has worked.
  const known = { key: true, scope: window.naming.isAnswered };
  const line = openLine(clock, { limit: window.limit, isWhole: false, known });
  const { naming, found, left } = await askNames(portal, { ...window, line, clock });
  const { isListRead, expectedPages, isAnswered, aside: failed } = naming;
  const pages = isListRead ? expectedPages : null;
  // What a portal that is away did not answer is no page to pass over.
  const nextPage = isAnswered ? naming.nextPage : 1;
  await keepNames(world, { customers: found, pages, nextPage, failed, wanted: missing }, askedMs);
  const limit = line.limit();
  const requestsLeft = countRequestsLeft(naming, left);
  const waitSeconds = findWaitSeconds(limit, requestsLeft, clock);
  const isDone = left.size === 0 || isOver(naming) || isPauseTooLong(naming, waitSeconds, limit.windowMs);
  if (isDone) return await endNaming(world, id, { naming, limit });
  const told = { ...progress, ...describeWait(limit, { waitSeconds, requestsLeft }, clock) };
  const news = { reads: "names", progress: told, limit, now: dateNow(clock) } as const;
  await changeRegister(world, (register) => renewLease(register, id, news));
  return { naming: { ...naming, pausedSeconds: naming.pausedSeconds + waitSeconds }, waitSeconds };
}

function findWaitSeconds(limit: Limit, requestsLeft: number, clock: Clock): number {
  const due = Math.min(requestsLeft, countBudget(limit) ?? 1);
  return Math.ceil(waitForWindow(limit, clock.now(), due) / 1000);
}

type Ahead = { waitSeconds: number; requestsLeft: number };

function describeWait(limit: Limit, { waitSeconds, requestsLeft }: Ahead, { now, dateOf }: Clock) {
  const opensMs = now() + waitSeconds * 1000;
  const tell = (ms: number) => dateOf(ms).toISOString();
  return {
    waitingUntil: waitSeconds > 0 ? tell(opensMs) : null,
    estimatedFinishAt: tell(estimateSentMs(limit, requestsLeft, opensMs)),
  };
}

type Wait = { seconds: number; freeAt: string | null; progress: Progress };

/** Another's names may be those that are missing here: what is, is looked at anew. */
async function awaitBudget(
  world: World,
  { id, snapshotId, begun }: Report,
  { seconds, freeAt, progress }: Wait,
): Promise<Named> {
  const naming = { ...begun, waitedSeconds: begun.waitedSeconds + seconds };
  if (isOver(naming)) return await endNaming(world, id, { naming });
  const now = dateNow(world.clock);
  const busyUntil = new Date(now.getTime() + seconds * 1000).toISOString();
  const waiting = { now, busyUntil, progress: { ...progress, waitingUntil: freeAt } };
  await changeExport(world, id, (state) => followSnapshot(state, snapshotId, waiting));
  return { naming, waitSeconds: toClockSeconds(world.clock, seconds) };
}

type End = { naming: Naming; limit?: Limit };

/** The report comes next, with the names that there are. */
async function endNaming(world: World, id: string, { naming, limit }: End): Promise<Named> {
  const now = dateNow(world.clock);
  await changeExport(world, id, (state) => outliveLease(state, now));
  await changeRegister(world, (register) => ({
    after: returnBudget(register, id, limit ?? null),
    answer: null,
  }));
  return { naming, waitSeconds: null };
}
