import { describe, expect, it } from "vitest";
import { findPageSize } from "../../../functions/core/refresh/alignment.ts";
import {
  buildOfferOrder,
  findListDirection,
  indexBaseline,
} from "../../../functions/core/refresh/baseline.ts";
import {
  findPlaces,
  listDeletions,
  listDoubtfulInsertions,
  listShownOffers,
} from "../../../functions/core/refresh/deletions.ts";
import {
  chooseProbePage,
  type Observation,
  type PageObservation,
  proveEnds,
} from "../../../functions/core/refresh/observation.ts";

/** A page of offers with one letter each. A full stop at the end makes it the last page of the list. */
function page(number: number, text: string, round = number): PageObservation {
  const ids = text.replace(".", "").split("");
  return { kind: "page", round, number, ids, fingerprints: ids.map(() => 1), isLast: text.endsWith(".") };
}
const offer = (id: string, isThere: boolean, round = 9): Observation => ({
  kind: "offer",
  round,
  id,
  fingerprint: isThere ? 1 : null,
});

describe("the direction in which a list grows", () => {
  const rising = (length: number) => Array.from({ length }, (_, index) => 100 + index);
  const falling = (length: number) => rising(length).toReversed();
  /** Fourteen offers make ten pairs. The last offers are older than all others, so each makes a pair that falls. */
  const withFalling = (count: number) => [...rising(14 - count), ...Array.from({ length: count }, () => 1)];

  it("follows from the times of creation, when nine of ten pairs agree", () => {
    expect(findListDirection(rising(14))).toBe("far");
    expect(findListDirection(falling(14))).toBe("near");
    expect(findListDirection(withFalling(1))).toBe("far");
    expect(findListDirection(withFalling(2))).toBeNull();
    expect(findListDirection(withFalling(1).toReversed())).toBe("near");
    expect(findListDirection(withFalling(2).toReversed())).toBeNull();
  });

  it("follows from six pairs at least, without equal and unknown times", () => {
    expect(findListDirection(rising(8))).toBe("far");
    expect(findListDirection(falling(8))).toBe("near");
    expect(findListDirection(rising(7))).toBeNull();
    expect(findListDirection([null, ...rising(8).slice(1)])).toBeNull();
    expect(findListDirection([...rising(8).slice(0, 7), null])).toBeNull();
    expect(findListDirection(Array.from({ length: 14 }, () => 5))).toBeNull();
    expect(findListDirection([...rising(13), 109])).toBe("far");
    expect(findListDirection([])).toBeNull();
  });
});

describe("deleted offers", () => {
  const baseline = (grows: "near" | "far") =>
    indexBaseline({ ids: "abcdefgh".split(""), fingerprints: [], due: [], grows, heads: [] }, []);
  const rangesOf = (observations: Observation[], grows: "near" | "far" = "near") => {
    const deletions = listDeletions(buildOfferOrder(baseline(grows), observations), observations);
    return deletions.ranges.map(({ from, to, observation }) => `${from}-${to - 1} by ${observation}`);
  };

  it("stood between neighbours on a page, before page 1, or behind the last page", () => {
    expect(rangesOf([page(2, "bce")])).toEqual(["3-3 by 0"]);
    expect(rangesOf([page(1, "bcd")])).toEqual(["0-0 by 0"]);
    expect(rangesOf([page(3, "ef.")])).toEqual(["6-7 by 0"]);
    expect(rangesOf([page(1, "xbc")])).toEqual(["0-0 by 0"]);
    expect(rangesOf([page(3, "fgx.")], "far")).toEqual(["7-7 by 0"]);
    expect(rangesOf([page(2, ""), page(2, "cd")])).toEqual([]);
  });

  it("are those that the portal does not have by their id", () => {
    expect(rangesOf([offer("c", false)])).toEqual(["2-2 by 0"]);
    expect(rangesOf([offer("c", true), offer("?", false)])).toEqual([]);
    expect(rangesOf([page(1, "xab", 1), offer("x", false)])).toEqual(["-1--1 by 1"]);
  });

  it("are credited to the first observation that shows it", () => {
    expect(rangesOf([page(2, "ad"), page(2, "ae")])).toEqual(["1-2 by 0", "3-3 by 1"]);
    expect(rangesOf([page(2, "cd"), offer("f", false), page(2, "dh")])).toEqual([
      "4-4 by 2",
      "5-5 by 1",
      "6-6 by 2",
    ]);
    expect(rangesOf([page(2, "ad"), page(2, "ad")])).toEqual(["1-2 by 0"]);
  });

  it("are counted before any place", () => {
    const observations = [page(2, "ad"), page(3, "fh")];
    const { countBefore, has } = listDeletions(buildOfferOrder(baseline("near"), observations), observations);
    expect([0, 1, 2, 3, 4, 6, 7, 8].map(countBefore)).toEqual([0, 0, 1, 2, 2, 2, 3, 3]);
    expect([0, 1, 2, 3, 6, 7].map(has)).toEqual([false, true, true, false, true, false]);
  });

  it("do not come back, except in an answer of the same round", () => {
    const back =
      (...observations: Observation[]) =>
      () =>
        rangesOf(observations);
    expect(back(page(2, "ad", 1), page(2, "bc", 2))).toThrow("reordered");
    expect(back(page(2, "ad", 1), offer("b", true, 2))).toThrow("reordered");
    expect(back(page(2, "ad", 1), page(3, "bc", 1))).not.toThrow();
    expect(back(page(2, "ad", 1), page(3, "de", 2))).not.toThrow();
    expect(back(page(2, "ac", 1), page(3, "cd", 2))).not.toThrow();
    expect(back(page(2, "ad", 1), offer("b", false, 2))).not.toThrow();
  });

  it("cannot be told from a list in another order", () => {
    const order = buildOfferOrder(baseline("near"), [page(1, "xya")]);
    expect(findPlaces(order, page(1, "xyac"))).toEqual([-2, -1, 0, 2]);
    for (const text of ["ba", "aa", "yx"])
      expect(() => findPlaces(order, page(1, text))).toThrow("reordered");
    expect(() => buildOfferOrder(baseline("near"), [page(1, "axb")])).toThrow("inserted");
    expect(() => buildOfferOrder(baseline("near"), [page(1, "xya"), page(1, "yxa")])).toThrow("reordered");
    expect(listShownOffers(offer("a", false))).toEqual([]);
    expect(listShownOffers(offer("a", true))).toEqual(["a"]);
  });

  it("may be new offers, too, when a later page leaves no room for them", () => {
    const doubtful = (...observations: Observation[]) => {
      const order = buildOfferOrder(baseline("near"), observations);
      return listDoubtfulInsertions(order, observations, listDeletions(order, observations));
    };
    expect(doubtful(page(1, "xya", 1), page(1, "yab", 2))).toEqual(["x"]);
    expect(doubtful(page(1, "xya", 1), page(1, "xab", 2))).toEqual(["y"]);
    expect(doubtful(page(1, "xya", 1), page(1, "yab", 1))).toEqual([]);
    expect(doubtful(page(1, "xya", 1), page(1, "yab", 2), offer("x", true, 3))).toEqual([]);
    expect(doubtful(page(1, "xya", 1), page(1, "yab", 2), offer("x", false, 3))).toEqual([]);
    expect(doubtful(page(1, "xya", 1), page(2, "bcd", 2))).toEqual([]);
  });
});

describe("new offers", () => {
  it("are in the order in which pages show them, also when no page shows the known ones", () => {
    const baseline = indexBaseline({ ids: ["a"], fingerprints: [], due: [], grows: "near", heads: [] }, []);
    const orderOf = (...observations: PageObservation[]) =>
      buildOfferOrder(baseline, observations).insertions.join("");
    expect(orderOf(page(1, "uv"), page(2, "wx"), page(3, "ya"))).toBe("uvwxy");
    expect(orderOf(page(2, "wx"), page(1, "uv"))).toBe("uvwx");
    expect(orderOf(page(1, "vw"), page(1, "uv"))).toBe("uvw");
    expect(orderOf(page(1, "wx"), page(1, "uv"))).toBe("uvwx");
    const order = buildOfferOrder(baseline, [page(1, "va"), page(1, "uva")]);
    expect([-2, -1, 0].map(order.firstSeenAt)).toEqual([1, 0, -1]);
  });
});

describe("the length of a page", () => {
  it("is that of all pages but the last", () => {
    expect(findPageSize([page(1, "abc"), page(2, "def"), page(3, "g.")])).toBe(3);
    expect(findPageSize([page(1, "ab."), offer("a", true)])).toBe(2);
    expect(findPageSize([page(1, "abc"), { ...page(2, "d"), isUnproved: true }])).toBe(3);
    expect(findPageSize([page(1, ".")])).toBe(1);
  });

  it("is the same for all of them, and no last page is longer", () => {
    const uneven = [[page(1, "abc"), page(2, "de")], [page(1, "abc"), page(2, "defg.")], [page(1, "")]];
    for (const pages of uneven) expect(() => findPageSize(pages)).toThrow("uneven");
  });
});

describe("the search for the end of the list", () => {
  it("begins at the expected page, and goes on behind it in growing steps", () => {
    expect(chooseProbePage([page(1, "a")], 10)).toBe(10);
    expect(chooseProbePage([page(1, "a"), page(10, "a")], 10)).toBe(11);
    expect(chooseProbePage([page(1, "a"), page(10, "a"), page(11, "a")], 10)).toBe(13);
    expect(chooseProbePage([page(13, "a")], 10)).toBe(17);
  });

  it("asks again for the older of two pages that contradict each other, and not for ever", () => {
    const seen = [page(1, "a"), page(5, "."), page(4, "a")];
    expect(chooseProbePage(seen, 10)).toBe(5);
    expect(chooseProbePage([...seen, page(5, ".")], 10)).toBe(4);
    expect(chooseProbePage([...seen, page(5, "."), page(4, "a")], 10)).toBe(5);
    expect(() => chooseProbePage([...seen, page(5, "."), page(4, "a"), page(5, ".")], 10)).toThrow(
      "contradicted",
    );
  });

  it("goes back from an empty page in growing steps, and halves what is left", () => {
    expect(chooseProbePage([page(1, "a"), page(10, ".")], 9)).toBe(9);
    expect(chooseProbePage([page(1, "a"), page(10, ".")], 10)).toBe(9);
    expect(chooseProbePage([page(1, "a"), page(10, "."), page(9, ".")], 10)).toBe(7);
    expect(chooseProbePage([page(1, "a"), page(10, "."), page(9, "."), page(7, ".")], 10)).toBe(4);
    expect(chooseProbePage([page(3, "a."), page(4, ".")], 4)).toBe(3);
    expect(() => chooseProbePage([page(1, ".")], 10)).toThrow("foreign");
  });

  it("uses only the newer of two answers that contradict each other", () => {
    expect(chooseProbePage([page(5, "."), page(6, "a")], 6)).toBe(7);
    expect(chooseProbePage([page(6, "a"), page(5, ".")], 4)).toBe(4);
  });

  it("believes that a page is the last one when the next one is empty or repeats it", () => {
    const lastOf = (...observations: Observation[]) =>
      proveEnds(observations).map((seen) =>
        seen.kind === "page" ? [seen.isLast, seen.isUnproved] : seen.id,
      );
    expect(lastOf(page(3, "ab."), page(4, "."))).toEqual([
      [true, false],
      [true, undefined],
    ]);
    expect(lastOf(page(3, "ab."), page(4, "ab."))[0]).toEqual([true, false]);
    expect(lastOf(page(3, "ab."), page(4, "cd."))[0]).toEqual([false, true]);
    expect(lastOf(page(3, "ab."))).toEqual([[false, true]]);
    expect(lastOf(page(3, "ab"), page(4, "ab"), offer("a", true))).toEqual([
      [false, false],
      [false, false],
      "a",
    ]);
    expect(proveEnds([page(3, "ab."), page(4, "ab.")])[1]).toMatchObject({ ids: [], fingerprints: [] });
  });
});
