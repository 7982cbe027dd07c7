import fc from "fast-check";
import { expect, it } from "vitest";
import { parseDay } from "../../functions/core/basics/calendar.ts";
import { ExportError } from "../../functions/core/basics/errors.ts";
import { statuses } from "../../functions/core/offer/offer-status.ts";
import { peopleOrder } from "../../functions/core/options/column-order.ts";
import { parseOptions } from "../../functions/core/options/export-request.ts";
import { findMistakes, findOddYear } from "../../functions/web/components/form-mistakes.ts";

const today = "2026-11-22";

function listRefused(request: object): string[] {
  try {
    parseOptions({ ...request, evidence: true }, parseDay(today) ?? 0);
    return [];
  } catch (error) {
    if (!(error instanceof ExportError)) throw error;
    return (error.errors ?? []).map(({ parameter }) => parameter);
  }
}

const day = fc.constantFrom("0202-03-04", "2026-01-01", "2026-02-28", "2026-11-22", "2026-11-23");
const days = fc.oneof(
  fc.constantFrom({}, { issuedFrom: "" }),
  fc.record({ issuedFrom: day }),
  fc.record({ issuedTo: day }),
  fc.record({ issuedFrom: day, issuedTo: day }),
);
const others = fc.record(
  {
    asOf: fc.oneof(day, fc.constant("")),
    status: fc.shuffledSubarray([...statuses]),
    columns: fc.shuffledSubarray([...peopleOrder]),
  },
  { requiredKeys: [] },
);

it("the form finds a mistake exactly where the server refuses what the form can send", () => {
  fc.assert(
    fc.property(days, others, (range, rest) => {
      const request = { ...range, ...rest };
      expect([...findMistakes(request, today).keys()].toSorted()).toEqual(listRefused(request).toSorted());
    }),
  );
});

it("each mistake has its own text", () => {
  const find = (request: object) => [...findMistakes(request, today).values()];
  expect(find({ issuedFrom: "" })).toEqual(["daysMissing"]);
  expect(find({ issuedFrom: "2026-02-02", issuedTo: "2026-02-01" })).toEqual(["daysReversed"]);
  expect(find({ asOf: "" })).toEqual(["asOfMissing"]);
  expect(find({ asOf: "2026-11-23" })).toEqual(["asOfAhead"]);
});

it("a year that is probably mistyped is questioned, and not refused", () => {
  expect(["0202-01-01", "1899-12-31", "2101-01-01"].map(findOddYear)).toEqual([202, 1899, 2101]);
  expect(["", "1900-01-01", "2100-12-31"].map(findOddYear)).toEqual([null, null, null]);
  expect(listRefused({ issuedFrom: "0202-03-04" })).toEqual([]);
});
