import { isPage, type Sight } from "./sight.ts";
import { Fallback } from "./fallback.ts";

/**
 * The page to read for the end of the list, by what these sights tell of it: the expected one, then steps that
 * double on from it, or back; else the way between is halved.
 */
export function probeEnd(sights: Sight[], expected: number): number {
  let [low, high] = [0, Infinity];
  for (const { number, ids, isLast } of sights.filter(isPage)) {
    const isPast = isLast && ids.length === 0;
    if (isPast) high = number;
    else if (!isLast) low = Math.max(low, number);
    // The list has moved meanwhile: the newer sight counts.
    if (low >= high) [low, high] = isPast ? [0, high] : [low, Infinity];
  }
  if (high === Infinity) return low < expected ? expected : low + (low - expected) + 1;
  if (high === 1) throw new Fallback("foreign");
  if (low + 1 === high) return low;
  if (low < expected && expected < high) return expected;
  const step = Math.max(1, expected - high + 1);
  return Math.max((low + high) >> 1, high - step);
}
