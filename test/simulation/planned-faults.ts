import { type FaultSource, openFaultSource } from "./fault-source.ts";

/** Rates of zero for each kind of fault, with which only planned faults happen. */
export const zeroRates = {
  invocation: { cold: 0, crash: 0, freeze: 0, overlap: 0, unreturned: 0 },
  checkpoint: { token: 0, throttled: 0, failed: 0, unanswered: 0 },
  execution: { late: 0 },
  start: { refused: 0, unsent: 0, unanswered: 0, twice: 0 },
  queue: { twice: 0, late: 0 },
  call: { unsent: 0, unanswered: 0 },
  schedule: { late: 0, twice: 0, overlap: 0, lost: 0 },
} as const;

/**
 * Opens a source of exactly the faults of the plan, from the place and the number of the draw to the kind, such as
 * `{ "export invocation #2": "crash" }`. The place's rates must name the kind. The seed decides the delays.
 */
export function openPlannedFaults(plan: Record<string, string>, seed = "planned"): FaultSource {
  const draws = new Map<string, number>();
  return {
    ...openFaultSource(seed),
    drawFault(place, rates) {
      const count = (draws.get(place) ?? 0) + 1;
      draws.set(place, count);
      const planned = plan[`${place} #${count}`];
      if (planned === undefined) return null;
      for (const kind in rates) if (kind === planned) return kind;
      throw new Error(`${place} has no fault of the kind ${planned}`);
    },
  };
}
