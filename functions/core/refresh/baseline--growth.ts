import type { Moment } from "../basics/calendar.ts";
import type { ListDirection } from "../crawl/crawl-state.ts";

/** Of pairs a quarter of the list apart: ties and local inversions leave more than that in order, any other order half. */
const leastShare = 0.9;
/** Fewer pairs than that may be in order by chance. */
const leastPairs = 6;

/**
 * The end of the list that new offers enter at, by when its offers were created, in its order: those of a list that
 * is long may be a sample, evenly taken. Null when the list does not go by that.
 */
export function findListDirection(createdAt: (Moment | null)[]): ListDirection | null {
  const step = Math.ceil(createdAt.length / 4);
  let [rises, falls] = [0, 0];
  for (const [index, before] of createdAt.entries()) {
    const after = createdAt[index + step] ?? null;
    if (before === null || after === null) continue;
    if (after > before) rises += 1;
    if (after < before) falls += 1;
  }
  if (rises + falls < leastPairs) return null;
  if (rises >= leastShare * (rises + falls)) return "far";
  return falls >= leastShare * (rises + falls) ? "near" : null;
}
