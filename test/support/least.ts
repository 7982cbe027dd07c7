import { countRotationHeads, openRotationHeads } from "../../functions/core/refresh/reread-targets.ts";
import type { Listing, Report } from "./listing.ts";

/** `least` are the requests that prove a list to who knows it, `searched` to who must find what was deleted by halving. */
export type Least = { least: number; searched: number };

/**
 * The pages with offers that are due, with newcomers, and of the rotation; for each deletion the page that shows it;
 * and the other end of the list. Who does not know the list needs both ends before, too, and looks at the middle of
 * the pages between those until it meets the deletion.
 */
export function countLeast({ base, offers: known }: Report, listing: Listing, rotationPages: number): Least {
  const { offers, pageSize } = listing;
  const pageOf = (index: number) => Math.floor(index / pageSize) + 1;
  const places = new Map(base.ids.map((id, place) => [id, place]));
  const rank = new Map(offers.map(({ id }, index) => [id, index]));
  const due = new Set(base.due.map((place) => base.ids[place]));
  const pages = new Set<number>([1, pageOf(offers.length - 1)]);
  for (const [index, { id }] of offers.entries())
    if (due.has(id) || !places.has(id)) pages.add(pageOf(index));
  const { pagesEach } = countRotationHeads(rotationPages);
  for (const { at } of openRotationHeads([], known.length, rotationPages)) {
    const first = pageOf(findRank(at, { known, rank }));
    for (let page = first; page < first + pagesEach; page += 1) pages.add(page);
  }
  const gone = known.flatMap(({ id }, place) => (rank.has(id) ? [] : [place]));
  const shown = gone.map((place) => pageOf(findRank(place, { known, rank })));
  const marks = [...pages];
  const seen = new Set(marks);
  let searched = 2;
  for (const page of shown) searched += halve(page, seen);
  return { least: new Set([...marks, ...shown]).size, searched: marks.length + searched };
}

/** Where the first offer from this place on that is still there stands now. */
function findRank(place: number, list: { known: { id: string }[]; rank: Map<string, number> }): number {
  for (let next = place; next < list.known.length; next += 1) {
    const rank = list.rank.get(list.known[next]?.id ?? "");
    if (rank !== undefined) return rank;
  }
  return list.rank.size - 1;
}

/** Looks at the middle of what lies between pages that were seen, until the page is one of them. */
function halve(page: number, seen: Set<number>): number {
  let looks = 0;
  while (!seen.has(page)) {
    let [low, high] = [page, page];
    while (!seen.has(low)) low -= 1;
    while (!seen.has(high)) high += 1;
    seen.add((low + high) >> 1);
    looks += 1;
  }
  return looks;
}
