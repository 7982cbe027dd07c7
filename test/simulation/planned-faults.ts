import { type FaultSource, openFaultSource } from "./fault-source.ts";

/**
 * Opens a source of exactly the faults of the plan, from the place and the number of the draw to the kind, such as
 * `{ "export invocation #2": "crash" }`. The seed decides the delays.
 */
export function openPlannedFaults(plan: Record<string, string>, seed = "planned"): FaultSource {
  const draws = new Map<string, number>();
  return {
    ...openFaultSource(seed),
    drawFault<K extends string>(place: string): K | null {
      const count = (draws.get(place) ?? 0) + 1;
      draws.set(place, count);
      return (plan[`${place} #${count}`] ?? null) as K | null;
    },
  };
}
