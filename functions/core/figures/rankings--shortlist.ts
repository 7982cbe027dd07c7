/** Keeps the first so many by an order, of however many go by. */
export type TopList<T> = { most: number; compare: (a: T, b: T) => number; entries: T[] };

export function openTopList<T>(most: number, compare: (a: T, b: T) => number): TopList<T> {
  return { most, compare, entries: [] };
}

/** Holds twice as many before it sorts, so that a sort is rare. */
export function addToTopList<T>(list: TopList<T>, entry: T): void {
  list.entries.push(entry);
  if (list.entries.length >= list.most * 2) list.entries = readTopList(list);
}

/** Equal ones stand in the order in which they came. */
export function readTopList<T>({ entries, compare, most }: TopList<T>): T[] {
  return entries.toSorted(compare).slice(0, most);
}
