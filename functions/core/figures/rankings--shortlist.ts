/** Keeps the first so many by an order, of however many go by. */
export type Shortlist<T> = { most: number; compare: (a: T, b: T) => number; entries: T[] };

export function openShortlist<T>(most: number, compare: (a: T, b: T) => number): Shortlist<T> {
  return { most, compare, entries: [] };
}

/** Holds twice as many before it sorts, so that a sort is rare. */
export function enterShortlist<T>(list: Shortlist<T>, entry: T): void {
  list.entries.push(entry);
  if (list.entries.length >= list.most * 2) list.entries = readShortlist(list);
}

/** Equal ones stand in the order in which they came. */
export function readShortlist<T>({ entries, compare, most }: Shortlist<T>): T[] {
  return entries.toSorted(compare).slice(0, most);
}
