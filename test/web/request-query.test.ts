import fc from "fast-check";
import { expect, it } from "vitest";
import { languages } from "../../functions/core/basics/languages.ts";
import { statuses } from "../../functions/core/offer/offer-status.ts";
import { peopleOrder } from "../../functions/core/options/column-order.ts";
import {
  formatFormAddress,
  formatFormQuery,
  parseFormQuery,
} from "../../functions/web/components/request-query.ts";

const day = fc.constantFrom("", "2026-02-28", "2026-11-22");
const requests = fc.record(
  {
    format: fc.constantFrom("xlsx", "csv"),
    dialect: fc.constantFrom("excel", "machine"),
    period: fc.constantFrom("2026", "2026-03", "last-month"),
    issuedFrom: day,
    issuedTo: day,
    status: fc.shuffledSubarray([...statuses]),
    language: fc.constantFrom(...languages),
    asOf: day,
    customers: fc.boolean(),
    evidence: fc.boolean(),
    columns: fc.shuffledSubarray([...peopleOrder]),
  },
  { requiredKeys: [] },
);

it("an address holds the options of the form, whatever they are", () => {
  fc.assert(
    fc.property(requests, (request) => {
      const read = parseFormQuery(new URLSearchParams(formatFormQuery(request)));
      expect(read).toEqual({ request, misread: [] });
      const { searchParams } = new URL(formatFormAddress(request), "http://localhost");
      const { format, ...rest } = request;
      const shortened = format === "xlsx" ? rest : request;
      expect(parseFormQuery(searchParams).request).toEqual(shortened);
    }),
  );
});

it("a form without choices has the shortest address", () => {
  expect([formatFormAddress({}), formatFormAddress({ format: "xlsx" })]).toEqual(["/", "/"]);
});

it("an address that nobody's form has written gives only what the form can show, and tells what was left out", () => {
  const query =
    "format=pdf&status=open,lost,open&columns=amount,__proto__,amount&customers=maybe&language=de&colour=red";
  expect(parseFormQuery(new URLSearchParams(query))).toEqual({
    request: { status: ["open"], columns: ["amount"] },
    misread: [
      "format=pdf",
      "status=open,lost,open",
      "columns=amount,__proto__,amount",
      "customers=maybe",
      "language=de",
      "colour=red",
    ],
  });
});

it.each([
  "period=2016-13",
  "period=constructor",
  "period=2016-1",
  "constructor=2016",
  "asOf=2026-02-29",
  "issuedFrom=0202",
  "columns=colour",
  "redirect=true",
])("an address does not silently mean something else: %s", (query) => {
  expect(parseFormQuery(new URLSearchParams(query))).toEqual({ request: {}, misread: [query] });
});
