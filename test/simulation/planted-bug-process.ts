import { describeHistory } from "./describe-history.ts";
import { runHistory } from "./run-history.ts";
import { shrinkHistory } from "./shrink-history.ts";

/**
 * A process for the histories of one planted bug, or of the service as it is. Its argument is a JSON text
 * (HistorySearch). Runs the histories until one violates one of the invariants, and writes one line of JSON
 * (FoundHistory).
 */
export type HistorySearch = {
  seed: string;
  /** The histories from `first` to the one before `end` are run. */
  first: number;
  end: number;
  /** The number of offers; null for as many as the seed says. */
  offers: number | null;
  invariants: readonly string[];
  /** Whether a failing history is shrunk and described, which takes up to 20 seconds. */
  isDescribed: boolean;
};

/** `number` is that of the failing history; null when all histories keep to the invariants. */
export type FoundHistory = {
  number: number | null;
  invariant: string | null;
  detail: string | null;
  description: string | null;
};

const { seed, first, end, offers, invariants, isDescribed }: HistorySearch = JSON.parse(
  process.argv[2] ?? "{}",
);

const rejections: unknown[] = [];
process.on("unhandledRejection", (error) => rejections.push(error));
// An error's stack takes longer to make than most of what a refusal does.
Error.stackTraceLimit = 0;
// The first history loads code on demand, which takes real time.
await runHistory({ seed: "warm-up", offers: 60, isTraced: false });
rejections.length = 0;

process.stdout.write(`${JSON.stringify(await search())}\n`);

async function search(): Promise<FoundHistory> {
  for (let number = first; number < end; number += 1) {
    const history = { seed: `${seed}-${number}`, isTraced: false, ...(offers !== null && { offers }) };
    const { violations } = await runHistory(history);
    for (const error of rejections.splice(0))
      violations.push({ invariant: "no error is unexpected", detail: `unhandled: ${String(error)}` });
    const found = violations.find(({ invariant }) => invariants.includes(invariant));
    if (found === undefined) continue;
    const startMs = process.cpuUsage().user / 1000;
    const elapsedMs = () => process.cpuUsage().user / 1000 - startMs;
    const description = isDescribed
      ? describeHistory(history.seed, await shrinkHistory(history, found.invariant, { elapsedMs }))
      : null;
    return { number, ...found, description };
  }
  return { number: null, invariant: null, detail: null, description: null };
}
