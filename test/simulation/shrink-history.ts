import type { HistoryRequest } from "./history-plan.ts";
import type { Invariant } from "./invariants.ts";
import { type HistoryRun, runHistory } from "./run-history.ts";

export type ShrinkLimits = { maxRuns: number; maxMs: number };

export type ShrunkHistory = {
  run: HistoryRun;
  /** The faults and actions that are left. */
  left: string[];
  /** How many histories were run. */
  runs: number;
};

type ShrinkOptions = {
  limits?: ShrinkLimits;
  elapsedMs: () => number;
  /** Runs a history and says what it violates. */
  runOne?: (request: HistoryRequest) => Promise<HistoryRun>;
};

const defaultLimits: ShrinkLimits = { maxRuns: 200, maxMs: 20_000 };
/** Lists of fewer offers than this need no window of the rate limit. */
const leastOffers = 31;

/**
 * Looks for a smaller history that violates the same invariant: with fewer faults, fewer actions of users and fewer
 * offers. Every draw of a history depends on the seed and its own place only, so the rest of the history stays as it
 * was as long as it is not affected. `elapsedMs` tells how long the search has taken.
 */
export async function shrinkHistory(
  request: HistoryRequest,
  invariant: Invariant,
  { limits = defaultLimits, elapsedMs, runOne = runHistory }: ShrinkOptions,
): Promise<ShrunkHistory> {
  let runs = 0;
  let best = await run(new Set(), request.offers);
  let offers = best.plan.offers;

  async function run(suppressed: ReadonlySet<string>, size: number | undefined): Promise<HistoryRun> {
    runs += 1;
    return await runOne({
      ...request,
      suppressed,
      isTraced: true,
      ...(size !== undefined && { offers: size }),
    });
  }

  /** Runs the history without these faults and actions. Keeps it when it still violates the invariant. */
  async function attempt(suppressed: ReadonlySet<string>, size: number): Promise<boolean> {
    const tried = await run(suppressed, size);
    if (!tried.violations.some((violation) => violation.invariant === invariant)) return false;
    best = tried;
    offers = size;
    return true;
  }

  const isOver = () => runs >= limits.maxRuns || elapsedMs() >= limits.maxMs;

  /** Leaves out groups of faults and actions, then ever smaller groups, as delta debugging does. */
  async function leaveOut(): Promise<void> {
    for (let parts = 2; !isOver();) {
      const ids = listInfluences(best);
      if (ids.length === 0) return;
      const size = Math.ceil(ids.length / parts);
      let isSmaller = false;
      for (let start = 0; start < ids.length && !isOver() && !isSmaller; start += size) {
        const group = ids.slice(start, start + size);
        isSmaller = await attempt(new Set([...best.plan.suppressed, ...group]), offers);
      }
      if (isSmaller) parts = Math.max(2, parts - 1);
      else if (size === 1) return;
      else parts = Math.min(ids.length, parts * 2);
    }
  }

  async function halveOffers(): Promise<void> {
    while (!isOver() && offers / 2 >= leastOffers) {
      if (!(await attempt(best.plan.suppressed, Math.floor(offers / 2)))) return;
    }
  }

  await leaveOut();
  await halveOffers();
  await leaveOut();
  return { run: best, left: listInfluences(best), runs };
}

/** Lists the faults that have happened and the actions that users have planned, by their ids. */
export function listInfluences({ world, plan }: HistoryRun): string[] {
  return [...plan.actions, ...world.faults.injected().map(({ id }) => id)];
}
