import { isPageObservation } from "./observation.ts";
import type { RefreshState } from "./refresh-state.ts";

/** Settled offers, decided or long expired, that have changed all the same: their places, and how many pages showed any. */
export type Drift = { places: number[]; pages: number };

export function findDrift({ ground, sights, roster }: RefreshState): Drift {
  const { isDue, size, fingerprints } = ground;
  const places = new Set<number>();
  const pages = new Set<number>();
  for (const { ids, fingerprints: shown, number } of sights.filter(isPageObservation))
    for (const [at, id] of ids.entries()) {
      const place = roster.find(id) ?? -1;
      const isSettled = place >= 0 && place < size && !isDue.has(place);
      if (!isSettled || shown[at] === fingerprints[place]) continue;
      places.add(place);
      pages.add(number);
    }
  return { places: [...places], pages: pages.size };
}
