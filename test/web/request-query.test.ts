import fc from "fast-check";
import { expect, it } from "vitest";
import { languages } from "../../functions/core/basics/languages.ts";
import { statuses } from "../../functions/core/offer/offer-status.ts";
import { peopleOrder } from "../../functions/core/options/column-order.ts";
import { parseFormQuery, formatFormQuery } from "../../functions/web/components/request-query.ts";

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
      expect(parseFormQuery(new URLSearchParams(formatFormQuery(request)))).toEqual(request);
    }),
  );
});

it("an address that nobody's form has written gives only what the form can show", () => {
  const query = new URLSearchParams(
    "format=pdf&status=open,lost,open&columns=amount,__proto__,amount&customers=maybe&language=de&colour=red",
  );
  expect(parseFormQuery(query)).toEqual({ status: ["open"], columns: ["amount"] });
  expect(parseFormQuery(new URLSearchParams("period=constructor"))).toEqual({ period: "constructor" });
});
