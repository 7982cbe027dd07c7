import { addDoubt, type Crawl, type Growth } from "./crawl.ts";

/**
 * How many offers have entered at the list's near end between two looks at page 1: those before the first one
 * that it still shows. Null when it shows none.
 */
export function countEntered(before: string[], after: string[]): number | null {
  if (before.length === 0) return after.length === 0 ? 0 : null;
  const known = new Set(before);
  const entered = after.findIndex((id) => known.has(id));
  return entered < 0 ? null : entered;
}

/** The crawl with what two looks at one page say against the promise's assumptions, if they do. */
export function compareLooks(crawl: Crawl, before: string[], after: string[]): Crawl {
  const places = new Map(before.map((id, index) => [id, index]));
  const found = after.map((id) => places.get(id));
  const known = found.filter((place) => place !== undefined);
  const isOrdered = known.every((place, index) => index === 0 || place >= (known[index - 1] ?? 0));
  const first = found.findIndex((place) => place !== undefined);
  const last = found.findLastIndex((place) => place !== undefined);
  const isInserted = first >= 0 && found.slice(first, last).includes(undefined);
  const compared = isOrdered ? crawl : addDoubt(crawl, "reordered");
  return isInserted ? addDoubt(compared, "inserted") : compared;
}

/** The crawl that has seen an offer enter at that end; at both, it is no list that grows at one. */
export function noteGrowth(crawl: Crawl, end: Growth): Crawl {
  if (crawl.grows === null) return { ...crawl, grows: end };
  return crawl.grows === end ? crawl : addDoubt(crawl, "twosided");
}

/** The crawl after another look at page 1, except that `topIds` still tells of the one before. */
export function compareTop(crawl: Crawl, topIds: string[]): Crawl {
  const before = crawl.topIds ?? [];
  const compared = compareLooks(crawl, before, topIds);
  return (countEntered(before, topIds) ?? 0) > 0 ? noteGrowth(compared, "near") : compared;
}
