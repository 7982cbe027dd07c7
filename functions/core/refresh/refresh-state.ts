import type { Ground } from "./baseline.ts";
import { listDoubtful, listDeletions, listShown, type Deletions } from "./deletions.ts";
import { enrol, type Roster } from "./baseline--roster.ts";
import { isPage, type PageSight, type Sight } from "./observation.ts";
import { listRanges, listSuspects, type Range } from "./alignment--range.ts";
import { type Survey, takeSurvey } from "./alignment.ts";

/** What all sights so far tell. */
export type View = {
  ground: Ground;
  sights: Sight[];
  roster: Roster;
  deletions: Deletions;
  survey: Survey;
  ranges: Range[];
  /** Places between two neighbouring pages that leave no room for them: gone, if both are of one moment. */
  suspects: Set<number>;
  isGone: (place: number) => boolean;
  /** Ids of newcomers that may be gone. */
  doubtful: string[];
  /** The newest sight of each place that was seen. */
  seenAt: Map<number, number>;
};

export function openView(ground: Ground, sights: Sight[]): View {
  const roster = enrol(ground, sights);
  const deletions = listDeletions(roster, sights);
  const survey = takeSurvey(roster, deletions, sights);
  const ranges = listRanges(survey, roster);
  const suspects = new Set(listSuspects(ranges).flatMap((range) => listMissing(range, deletions)));
  const isGone = (place: number) => deletions.has(place) || suspects.has(place);
  const seenAt = findNewest(roster, sights);
  const doubtful = listDoubtful(roster, sights, deletions);
  return { ground, sights, roster, deletions, survey, ranges, suspects, isGone, doubtful, seenAt };
}

function findNewest(roster: Roster, sights: Sight[]): Map<number, number> {
  const seenAt = new Map<number, number>();
  for (const [index, sight] of sights.entries())
    for (const id of listShown(sight)) {
      const place = roster.find(id);
      if (place !== undefined) seenAt.set(place, index);
    }
  return seenAt;
}

export function isNewcomer(place: number, { size }: Roster): boolean {
  return place < 0 || place >= size;
}

/** Who is missing where nobody has room. */
export function listMissing({ before, after }: Range, { has }: Deletions): number[] {
  const places: number[] = [];
  for (let place = before.place + 1; place < after.place; place += 1) if (!has(place)) places.push(place);
  return places;
}

/** The newest sight of the page. */
export function findPage(sights: Sight[], number: number): PageSight | undefined {
  return sights.filter(isPage).findLast((sight) => sight.number === number);
}

/** Whether the one sight is surely older than the other. */
export function isBefore(sight: Sight, other: Sight): boolean {
  return sight.round < other.round;
}

/**
 * Whether page 1, looked at before and after, tells that nobody entered at the near end between two sights; as long
 * as it was not looked at after them, whether it has told nothing else.
 */
export function isQuiet(sights: Sight[], from: Sight, to: Sight): boolean {
  const tops = sights.filter(isPage).filter(({ number }) => number === 1);
  const first = tops.findLastIndex((top) => top === from || isBefore(top, from));
  const last = tops.findIndex((top) => top === to || isBefore(to, top));
  const between = tops.slice(Math.max(0, first), last < 0 ? tops.length : last + 1);
  return first >= 0 && between.every(({ ids }) => ids[0] === between[0]?.ids[0]);
}
