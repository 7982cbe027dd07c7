import { describe, expect, it } from "vitest";
import { joinNames, type NameFacts } from "../../../functions/core/customer/name-cache--join.ts";
import { emptyReportTotals } from "../../../functions/core/figures/report-totals.ts";
import { locales } from "../../../functions/core/language/locales--locales.ts";
import { listRemarks } from "../../../functions/core/sheets/report-wording.ts";

const names = {
  customers: [
    ["cst_1", "Bakkerij", 1],
    ["cst_2", null, 1],
    ["__proto__", "Proto", 1],
  ] as [string, string | null, number][],
  pages: null,
};

function listWords(facts: Partial<NameFacts>) {
  const given = { trouble: null, unknown: 0, nameless: 0, ...facts };
  return listRemarks(emptyReportTotals(0), locales.en, { isPast: false, doubts: [], notes: [], names: given });
}

describe("a report's customers", () => {
  it("have their name, or else their id", () => {
    const { nameCustomer } = joinNames(names, null);
    const ids = ["cst_1", "cst_2", "cst_3", "__proto__", "constructor", null];
    expect(ids.map(nameCustomer)).toEqual(["Bakkerij", "cst_2", "cst_3", "Proto", "constructor", null]);
  });

  it("are counted once where they have no name, apart from those that the portal has none for", () => {
    const { nameCustomer, facts } = joinNames(names, "portal");
    for (const id of ["cst_1", "cst_2", "cst_2", "cst_3", "cst_4", "cst_4", ".."]) nameCustomer(id);
    expect(facts()).toEqual({ trouble: "portal", unknown: 2, nameless: 2 });
  });
});

describe("a remark on names", () => {
  it("tells of those that there are not yet and of those that there will not be", () => {
    expect(listWords({})).toEqual([]);
    expect(listWords({ unknown: 2, nameless: 1 })).toEqual([
      expect.stringMatching(/^2 customers: the name has not been fetched yet/),
      expect.stringMatching(/^1 customer: the portal has no name/),
    ]);
  });

  it("is one on what made the portal give none, and says which scope is missing", () => {
    expect(listWords({ trouble: "scope", unknown: 9 })).toEqual([expect.stringContaining("customers.read")]);
    expect(listWords({ trouble: "portal", unknown: 9 })).toHaveLength(1);
  });
});
