import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addTouchedOffers,
  listTouchedSince,
  type TouchedOffers,
  TouchedOffers as Stored,
  maxTouchedOffers,
  noTouchedOffers,
  clockSlackMs,
} from "../../../functions/core/portal-webhooks/touched-offers.ts";

const startMs = Date.parse("2026-11-01T00:00:00Z");
const timeOf = (seconds: number) => new Date(startMs + seconds * 1000).toISOString();
const nameOffers = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => `off_${from + index}`);

type Touches = { from: number; count: number; seconds: number };

/** Random portal webhooks in any order, because functions that run at the same time may store them in any order. */
const anyTouches = (most: number): fc.Arbitrary<Touches[]> =>
  fc.array(fc.record({ from: fc.nat(most), count: fc.nat(400), seconds: fc.nat(3_000) }), { maxLength: 12 });

function keep(all: Touches[]): TouchedOffers {
  return all.reduce(
    (marks, { from, count, seconds }) => addTouchedOffers(marks, nameOffers(from, count), timeOf(seconds)),
    noTouchedOffers,
  );
}

/** Lists the ids of the offers that portal webhooks named at the time `since` or later. */
function listNamed(all: Touches[], since: number): string[] {
  const named = all.filter(({ seconds }) => seconds >= since);
  return [...new Set(named.flatMap(({ from, count }) => nameOffers(from, count)))].toSorted();
}

const slack = clockSlackMs / 1000;

describe("touched offers", () => {
  it("are listed since any moment, unless some may be missing", () => {
    let lost = 0;
    const property = fc.property(anyTouches(1_000), fc.nat(3_200), (all, startedAt) => {
      const marked = listTouchedSince(keep(all), timeOf(startedAt));
      lost += marked === null ? 1 : 0;
      expect(marked === null && listNamed(all, 0).length <= maxTouchedOffers).toBe(false);
      const named = listNamed(all, startedAt - slack);
      expect(marked?.toSorted() ?? named).toEqual(named);
    });
    fc.assert(property, { numRuns: 500 });
    expect(lost).toBeGreaterThan(20);
  });

  it("are all listed when there are no more than the limit", () => {
    const property = fc.property(anyTouches(maxTouchedOffers - 400), fc.nat(3_200), (all, startedAt) => {
      const marked = listTouchedSince(keep(all), timeOf(startedAt));
      expect(marked?.toSorted()).toEqual(listNamed(all, startedAt - slack));
    });
    fc.assert(property, { numRuns: 200 });
  });

  it("occur once each, the newest first, up to the limit", () => {
    const property = fc.property(anyTouches(1_000), (all) => {
      const { marks } = Stored.parse(JSON.parse(JSON.stringify(keep(all))));
      const times = marks.map(({ at }) => Date.parse(at));
      expect(new Set(marks.map(({ id }) => id)).size).toBe(marks.length);
      expect(times).toEqual(times.toSorted((a, b) => b - a));
      expect(marks.length).toBe(Math.min(maxTouchedOffers, listNamed(all, 0).length));
    });
    fc.assert(property, { numRuns: 200 });
  });
});
