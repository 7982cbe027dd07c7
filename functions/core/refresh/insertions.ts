import {
  CrawlFallback,
  isPageObservation,
  type Observation,
  type PageObservation,
  showsListEnd,
} from "./observation.ts";
import { findNewestPage, hasNoInsertionBetween, isEarlier, type RefreshState } from "./refresh-state.ts";

/**
 * The next page to read so that no newcomer is unknown; null when none can be. Newcomers stand in one row from the
 * list's end to an offer of the base. On one page they are of one moment; where they go over several, a page is to
 * be looked at after the one behind it: a deletion between the two looks moves offers towards page 1 only, so none
 * slips through. At the near end nobody must have entered between the two either.
 */
export function findInsertionPage({ baseline, observations }: RefreshState): number | null {
  const isNear = baseline.grows === "near";
  const tied = listTied(observations, baseline.places, isNear);
  // By the sight that the proof counts on, though the list may have moved on since.
  const outermost = isNear
    ? findNewestPage(observations, 1)
    : observations.findLast((observation) => showsListEnd(observation));
  if (outermost?.kind !== "page") return null;
  const isTied = ({ ids }: PageObservation) => tied.has((isNear ? ids[0] : ids.at(-1)) ?? "");
  return isTied(outermost)
    ? null
    : isNear
      ? descend(observations, isTied)
      : ascend(observations, outermost, isTied);
}

/** From the page nearest to page 1 that is tied to the base. */
function descend(observations: Observation[], isTied: (page: PageObservation) => boolean): number {
  const lowest = listNewest(observations).find(isTied);
  if (lowest === undefined || lowest.number === 1) return 1;
  const next = findNewestPage(observations, lowest.number - 1);
  // Somebody has entered between the two looks.
  return next !== undefined && isEarlier(lowest, next) ? lowest.number : lowest.number - 1;
}

/** From the end on to the first page that was not looked at after the one behind it. */
function ascend(
  observations: Observation[],
  end: PageObservation,
  isTied: (page: PageObservation) => boolean,
): number {
  let page = end;
  while (page.number > 1) {
    const next = findNewestPage(observations, page.number - 1);
    if (next === undefined || !isEarlier(page, next) || isTied(next)) return page.number - 1;
    page = next;
  }
  throw new CrawlFallback("foreign");
}

/** Offers that nobody unknown can stand between and the base: its own, and newcomers. */
function listTied(observations: Observation[], places: Map<string, number>, isNear: boolean) {
  const insertions = new Set<string>();
  const tied = { has: (id: string) => places.has(id) || insertions.has(id) };
  const pages = observations.filter(isPageObservation);
  for (let count = -1; count < insertions.size;) {
    count = insertions.size;
    for (const page of pages) {
      const outwards = isNear ? page.ids.toReversed() : page.ids;
      const known = outwards.findIndex((id) => tied.has(id));
      const isJoined =
        known >= 0 || pages.some((other) => joins(observations, { page, other, isNear }, tied));
      if (isJoined) for (const id of outwards.slice(Math.max(0, known))) insertions.add(id);
    }
  }
  return tied;
}

type Neighbours = { page: PageObservation; other: PageObservation; isNear: boolean };

/** Whether `other` is tied and stands next to the page on the base's side, and nobody slipped through between the looks. */
function joins(
  observations: Observation[],
  { page, other, isNear }: Neighbours,
  tied: { has: (id: string) => boolean },
) {
  if (isNear)
    return (
      other.number === page.number + 1 &&
      tied.has(other.ids[0] ?? "") &&
      isEarlier(other, page) &&
      hasNoInsertionBetween(observations, other, page)
    );
  return other.number === page.number - 1 && tied.has(other.ids.at(-1) ?? "") && isEarlier(page, other);
}

/** Throws where the first page shows nobody of the base although the list grows at its far end. */
export function assertKnownOffers({ baseline, observations: [top] }: RefreshState): void {
  if (baseline.grows === "near" || top?.kind !== "page" || top.ids.length === 0) return;
  if (!top.ids.some((id) => baseline.places.has(id))) throw new CrawlFallback("foreign");
}

/**
 * Looks for the page on which newcomers at the near end meet the base, then for those before it, from the back;
 * null once all were read.
 */
export function findOverlapPage({ baseline, observations }: RefreshState): number | null {
  if (baseline.grows === "far") return null;
  const pages = listNewest(observations);
  const isKnown = (id: string) => baseline.places.has(id);
  const meeting = pages.find(({ ids }) => ids.some(isKnown));
  if (meeting === undefined && pages.some(({ isLast }) => isLast)) throw new CrawlFallback("foreign");
  const strange = pages.findLast(
    ({ ids, number }) => number < (meeting?.number ?? Infinity) && !ids.some(isKnown),
  );
  const from = strange?.number ?? 0;
  if (meeting === undefined) return Math.max(1, from * 2);
  const numbers = new Set(pages.map(({ number }) => number));
  for (let number = meeting.number - 1; number > 0 && number <= from; number -= 1)
    if (!numbers.has(number)) return number;
  return from + 1 >= meeting.number ? null : guessMeeting(baseline.places, meeting, from);
}

/** As many newcomers as move the meeting's first known offer from its place to its rank, if nothing is gone. */
function guessMeeting(places: Map<string, number>, { number, ids }: PageObservation, from: number): number {
  const index = ids.findIndex((id) => places.has(id));
  const insertions = (number - 1) * ids.length + index - (places.get(ids[index] ?? "") ?? 0);
  return Math.max(from + 1, Math.min(number - 1, Math.floor(insertions / ids.length) + 1));
}

/** The newest sight of each page, by number. */
function listNewest(observations: Observation[]): PageObservation[] {
  const newest = new Map(
    observations.filter(isPageObservation).map((observation) => [observation.number, observation]),
  );
  return [...newest.values()].toSorted((a, b) => a.number - b.number);
}
