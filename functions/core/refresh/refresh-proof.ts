import type { Gap } from "./deletions.ts";
import { findUncovered } from "./insertions.ts";
import { isEnd, isPage, type PageSight, type Sight } from "./observation.ts";
import { listSuspects, type Range } from "./alignment--range.ts";
import { findPage, isBefore, isNewcomer, isQuiet, listMissing, type View } from "./refresh-state.ts";

/**
 * Whether the list is known as it was at one moment. At the newest sight of its end it held so many offers. No
 * others can have been among them than those known and not shown to be gone before; so if they are as many, they
 * are the same. What has to hold besides: no newcomer is unknown, for page 1 was looked at after the end; and who
 * is taken for gone is gone.
 */
export function isProved(view: View): boolean {
  const end = findProof(view);
  if (end === null || view.doubtful.length > 0 || findTopDue(view) !== null || findUncovered(view) !== null)
    return false;
  return countExcess(view, end) === 0 && listUnsure(view, end).length === 0;
}

/** The newest sight of the end, if it came after every sight that tells of somebody gone. */
export function findProof(view: View): PageSight | null {
  const end = view.sights.findLast((sight) => isEnd(sight));
  if (!isEnd(end)) return null;
  return listTellers(view).every((sight) => sight === end || isBefore(sight, end)) ? end : null;
}

/** Sights that came after all that tell of somebody gone. */
export function listSince(view: View): Sight[] {
  const latest = Math.max(-1, ...listTellers(view).map(({ round }) => round));
  return view.sights.filter(({ round }) => round > latest);
}

function listTellers({ sights, deletions, survey, ranges }: View): Sight[] {
  const ofGaps = deletions.gaps.map(({ sight }: Gap) => sights[sight]);
  const ofSuspects = listSuspects(ranges).flatMap((range) =>
    survey.rows.filter((row) => isBeside(row, range)).map(({ since }) => sights[since]),
  );
  return [...ofGaps, ...ofSuspects].filter((sight) => sight !== undefined);
}

function isBeside({ number }: { number: number }, { fromPage }: Range): boolean {
  return number === fromPage || number === fromPage - 1;
}

/** Page 1 is looked at once where the list grows at its far end, else after everything. */
export function findTopDue({ ground, sights }: View): 1 | null {
  const top = findPage(sights, 1);
  if (top === undefined) return 1;
  const isLast = sights.every((sight) => sight === top || isBefore(sight, top));
  return ground.grows === "far" || isLast ? null : 1;
}

/** How many more offers are taken to be there than there are. */
export function countExcess({ survey, roster, suspects }: View, end: PageSight): number {
  return survey.countKnown(roster.to) - suspects.size - countAll(end, survey.pageSize);
}

function countAll({ number, ids }: PageSight, pageSize: number): number {
  return (number - 1) * pageSize + ids.length;
}

/**
 * Between two neighbouring pages nobody has room, if both are of one moment: because nothing at all has moved, or
 * because the page nearer to page 1 was looked at later, and nobody had entered before it.
 */
export function listUnsure(view: View, end: PageSight): Range[] {
  return listSuspects(view.ranges).filter((range) => {
    const [page, behind] = findSides(view, range);
    if (page === undefined || behind === undefined || wasSeen(view, range)) return true;
    if (listMissing(range, view.deletions).some((place) => isNewcomer(place, view.roster))) return true;
    const isDescent = isBefore(behind.first, page.last) && isUnpushed(view, behind.first, page.last);
    return !isDescent && !wasStill(view, [page, behind], end);
  });
}

/** The first and the last sight that showed the page as it is. */
type Side = { first: Sight; last: Sight; number: number };

/** The pages on both sides of a range. */
export function findSides({ sights, survey }: View, range: Range): Side[] {
  return survey.rows
    .filter((row) => isBeside(row, range))
    .flatMap(({ number, since, sight }) => {
      const [first, last] = [sights[since], sights[sight]];
      return first === undefined || last === undefined ? [] : [{ first, last, number }];
    });
}

/** Whether somebody who is taken for gone was seen after one of the pages that told. */
export function wasSeen(view: View, range: Range): boolean {
  const { sights, seenAt } = view;
  const oldest = Math.min(...findSides(view, range).map(({ first }) => first.round));
  return listMissing(range, view.deletions).some(
    (place) => (sights[seenAt.get(place) ?? -1]?.round ?? -1) > oldest,
  );
}

/** Nobody has entered at the near end. */
function isUnpushed({ ground, sights }: View, from: Sight, to: Sight): boolean {
  return ground.grows === "far" || isQuiet(sights, from, to);
}

/** Whether the list had as many offers before these sights as after, and nobody had entered. */
function wasStill(view: View, pages: Side[], end: PageSight): boolean {
  const { sights, survey } = view;
  return sights.filter(isPage).some((start) => {
    const isSame = isEnd(start) && countAll(start, survey.pageSize) === countAll(end, survey.pageSize);
    const isAround = pages.every((page) =>
      [page.first, page.last].some((sight) => isBefore(start, sight) && isBefore(sight, end)),
    );
    return isSame && isAround && start.ids.at(-1) === end.ids.at(-1) && isUnpushed(view, start, end);
  });
}

/**
 * Whether a page showed an offer where it cannot have stood: farther back than what has entered before it explains,
 * or farther in front than what is gone explains. That page was another one.
 */
export function hasMisplaced({ ground, sights, survey, roster }: View, gone: number): boolean {
  const entered = ground.grows === "near" ? roster.newcomers.length : 0;
  return sights.filter(isPage).some(({ number, ids }) =>
    ids.some((id, at) => {
      const place = ground.places.get(id);
      if (place === undefined) return false;
      const moved = (number - 1) * survey.pageSize + at - place;
      return moved > entered || moved < -gone;
    }),
  );
}
