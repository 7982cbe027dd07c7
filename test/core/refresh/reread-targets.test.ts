import { describe, expect, it } from "vitest";
import { createCalendar } from "../../../functions/core/basics/calendar.ts";
import { parseOffer } from "../../../functions/core/offer/offer.ts";
import { indexBaseline } from "../../../functions/core/refresh/baseline.ts";
import { assertKnownOffers } from "../../../functions/core/refresh/insertions.ts";
import type { PageObservation } from "../../../functions/core/refresh/observation.ts";
import { hasMisplaced } from "../../../functions/core/refresh/refresh-proof.ts";
import {
  hasNoInsertionBetween,
  isEarlier,
  isInserted,
  openRefreshState,
} from "../../../functions/core/refresh/refresh-state.ts";
import {
  countRotationHeads,
  countRotationRuns,
  findHeadReach,
  isDueForReread,
  openRotationHeads,
} from "../../../functions/core/refresh/reread-targets.ts";

function page(number: number, text: string, round = number): PageObservation {
  const ids = text.replace(".", "").split("");
  return { kind: "page", round, number, ids, fingerprints: ids.map(() => 1), isLast: text.endsWith(".") };
}
const baseline = (grows: "near" | "far" = "near") =>
  indexBaseline({ ids: "abcdefgh".split(""), fingerprints: [], due: [], grows, heads: [] }, []);

describe("the rotation", () => {
  it("has a head for every two pages, or one for a single page", () => {
    expect([0, 1, 2, 3, 4, 5].map(countRotationHeads)).toEqual([
      { heads: 0, pagesEach: 1 },
      { heads: 1, pagesEach: 1 },
      { heads: 1, pagesEach: 2 },
      { heads: 1, pagesEach: 3 },
      { heads: 2, pagesEach: 2 },
      { heads: 2, pagesEach: 2 },
    ]);
  });

  it("takes two cycles to read each offer, in which each head moves on by a page and an offer", () => {
    expect(countRotationRuns(160, 15, 2)).toBe(20);
    expect(countRotationRuns(161, 15, 2)).toBe(22);
    expect(countRotationRuns(161, 15, 4)).toBe(12);
    expect(countRotationRuns(62, 15, 3)).toBe(4);
    expect(countRotationRuns(5, 15, 1)).toBe(10);
    expect(countRotationRuns(5, 15, 0)).toBe(Infinity);
  });

  it("goes on where it was, and begins again when all heads have come to their ends", () => {
    const under = [
      { at: 5, until: 5 },
      { at: 7, until: 10 },
    ];
    expect(openRotationHeads(under, 10, 4)).toEqual(under);
    const again = [
      { at: 0, until: 5 },
      { at: 5, until: 11 },
    ];
    expect(openRotationHeads([{ at: 5, until: 5 }], 11, 4)).toEqual(again);
    expect(openRotationHeads([], 11, 4)).toEqual(again);
  });

  it("passes offers that this refresh has seen, and those that are gone", () => {
    const state = openRefreshState(baseline(), [page(1, "ab"), page(2, "df", 2)]);
    expect(findHeadReach(state, { at: 0, until: 8 })).toBe(6);
    expect(findHeadReach(state, { at: 3, until: 8 })).toBe(6);
    expect(findHeadReach(state, { at: 3, until: 5 })).toBe(5);
    expect(findHeadReach(state, { at: 7, until: 8 })).toBe(7);
  });
});

describe("an offer that is read again in each refresh", () => {
  const today = 20_000;
  const calendar = createCalendar("Europe/Amsterdam");
  const due = (fields: Record<string, unknown>, expiresAt: number | null = null) => {
    const offer = parseOffer({ id: "off_1", ...fields }, calendar);
    return isDueForReread({ ...offer, expiresAt }, { today, lateDays: 30 });
  };

  it("has no decision, not even an unreadable one", () => {
    expect(due({})).toBe(true);
    expect(due({ acceptedAt: "2026-01-02T03:04:05Z" })).toBe(false);
    expect(due({ rejectedAt: "2026-01-02T03:04:05Z" })).toBe(false);
    expect(due({ acceptedAt: "soon" })).toBe(false);
    expect(due({ rejectedAt: "soon" })).toBe(false);
  });

  it("has not expired for longer than a decision may take", () => {
    expect(due({}, today + 1)).toBe(true);
    expect(due({}, today - 30)).toBe(true);
    expect(due({}, today - 31)).toBe(false);
  });
});

describe("the top of the list", () => {
  const between = (from: number, to: number, ...pages: PageObservation[]) => {
    const [first, last] = [pages[from], pages[to]];
    if (first === undefined || last === undefined) throw new Error("there is no such page");
    return hasNoInsertionBetween(pages, first, last);
  };

  it("is unchanged between two observations when page 1 began alike before, between and after them", () => {
    expect(between(1, 2, page(1, "ab", 1), page(5, "ef", 2), page(6, "gh", 3), page(1, "ac", 4))).toBe(true);
    expect(between(1, 2, page(1, "ab", 1), page(5, "ef", 2), page(6, "gh", 3), page(1, "xa", 4))).toBe(false);
    expect(
      between(1, 3, page(1, "ab", 1), page(5, "ef", 2), page(1, "xa", 3), page(6, "gh", 4), page(1, "ab", 5)),
    ).toBe(false);
  });

  it("need not be known after the later one, but before the earlier one", () => {
    expect(between(1, 2, page(1, "ab", 1), page(5, "ef", 2), page(6, "gh", 3))).toBe(true);
    expect(between(0, 1, page(5, "ef", 2), page(6, "gh", 3), page(1, "ab", 4))).toBe(false);
    expect(between(1, 2, page(1, "ab", 2), page(5, "ef", 2), page(6, "gh", 3))).toBe(false);
    expect(between(0, 1, page(1, "ab", 1), page(1, "ac", 2))).toBe(true);
    expect(between(0, 1, page(1, "ab", 1), page(1, "xa", 2))).toBe(false);
  });

  it("counts only around them: neither what was before, nor what came later", () => {
    expect(
      between(2, 3, page(1, "xa", 1), page(1, "ab", 2), page(5, "ef", 3), page(6, "gh", 4), page(1, "ab", 5)),
    ).toBe(true);
    expect(
      between(1, 2, page(1, "ab", 1), page(5, "ef", 2), page(6, "gh", 3), page(1, "ab", 4), page(1, "ya", 5)),
    ).toBe(true);
  });

  it("is older only when it is of an earlier round", () => {
    expect(isEarlier(page(1, "a", 1), page(2, "b", 2))).toBe(true);
    expect(isEarlier(page(1, "a", 2), page(2, "b", 2))).toBe(false);
  });
});

describe("a page that the list cannot have had", () => {
  it("shows an offer further away than insertions and deletions can have moved it", () => {
    const misplaced = (gone: number, ...pages: PageObservation[]) =>
      hasMisplaced(openRefreshState(baseline(), pages), gone);
    expect(misplaced(0, page(1, "abc"), page(2, "def", 2))).toBe(false);
    expect(misplaced(0, page(1, "xab"), page(2, "cde", 2))).toBe(false);
    expect(misplaced(0, page(1, "abc"), page(3, "fgh", 2))).toBe(true);
    expect(misplaced(1, page(1, "bcd"), page(2, "efg", 2))).toBe(false);
    expect(misplaced(0, page(1, "bcd"), page(2, "efg", 2))).toBe(true);
  });

  it("has none of the known offers at the start of a list that grows at its end", () => {
    const assertKnown =
      (grows: "near" | "far", ...pages: PageObservation[]) =>
      () =>
        assertKnownOffers(openRefreshState(baseline(grows), pages));
    expect(assertKnown("far", page(1, "xyz"))).toThrow("foreign");
    expect(assertKnown("far", page(1, "ab"))).not.toThrow();
    expect(assertKnown("far", page(1, "gh"), page(2, "xy"))).not.toThrow();
    expect(assertKnown("far", { ...page(1, "ghx"), isLast: true })).not.toThrow();
    expect(assertKnown("near", page(1, "xyz"))).not.toThrow();
    expect(assertKnown("far")).not.toThrow();
  });
});

describe("a new offer", () => {
  it("has a place before or behind those of the known ones", () => {
    const order = openRefreshState(baseline(), []).order;
    expect([-1, 0, 7, 8].map((place) => isInserted(place, order))).toEqual([true, false, false, true]);
  });
});
