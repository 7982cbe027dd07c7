import { describe, expect, it } from "vitest";
import {
  addLookupResult,
  emptyNameCache,
  findResumePage,
  listFreshNames,
  listMissingNames,
  type LookupResult,
  type NameCache,
} from "../../../functions/core/customer/name-cache.ts";
import { joinNames, type NameFacts } from "../../../functions/core/customer/customer.ts";
import { emptyReportTotals } from "../../../functions/core/figures/report-totals.ts";
import { locales } from "../../../functions/core/language/locales.ts";
import { listRemarks } from "../../../functions/core/sheets/report-wording.ts";

const day = 86_400_000;
const names: NameCache = {
  customers: [
    ["cst_new", "Nieuw", 399 * day],
    ["cst_old", "Oud", 369 * day],
    ["cst_gone", null, 399 * day],
    ["cst_ancient", "Antiek", -day],
  ],
  pages: 4,
  cutOff: null,
  failed: ["cst_bad"],
};

const nothing: LookupResult = { customers: [], pages: null, nextPage: 1, failed: [], needed: new Set() };
const add = (found: Partial<LookupResult>, { atDays = 400, to = names } = {}) =>
  addLookupResult(to, { ...nothing, ...found }, atDays * day);
const find = ({ customers }: NameCache, id: string) => customers.find((entry) => entry[0] === id);

describe("known names", () => {
  it("are not requested again within 30 days, or within one day if the customer had no name", () => {
    expect([...listFreshNames(names, 400 * day - 1)]).toEqual(["cst_new", "cst_gone"]);
    expect([...listFreshNames(names, 400 * day)]).toEqual(["cst_new"]);
    expect([...listFreshNames(names, 429 * day - 1)]).toEqual(["cst_new"]);
    expect([...listFreshNames(names, 429 * day)]).toEqual([]);
  });

  it("with a time in the future are requested again, and replaced", () => {
    expect([...listFreshNames(names, 398 * day)]).toContain("cst_new");
    expect([...listFreshNames(names, 398 * day - 1)]).not.toContain("cst_new");
    const customers = [{ id: "cst_new", name: "Nieuwer" }];
    expect(find(add({ customers }, { atDays: 300 }), "cst_new")).toEqual(["cst_new", "Nieuwer", 300 * day]);
  });

  it("are replaced only by newer ones", () => {
    expect(find(add({ customers: [{ id: "cst_old", name: "Nieuwer" }] }), "cst_old")).toEqual([
      "cst_old",
      "Nieuwer",
      400 * day,
    ]);
    expect(
      find(add({ customers: [{ id: "cst_old", name: "Ouder" }] }, { atDays: 368.5 }), "cst_old"),
    ).toEqual(["cst_old", "Oud", 369 * day]);
  });

  it("stay when the portal no longer has the customer, who is not requested again at once", () => {
    const after = add({ customers: [{ id: "cst_old", name: null }] });
    expect(find(after, "cst_old")).toEqual(["cst_old", "Oud", 400 * day]);
    expect(listFreshNames(after, 401 * day)).toContain("cst_old");
  });

  it("are forgotten after 400 days, unless an export wants them", () => {
    expect(find(add({}), "cst_ancient")).toBeUndefined();
    expect(find(add({ needed: new Set(["cst_ancient"]) }), "cst_ancient")).toEqual([
      "cst_ancient",
      "Antiek",
      -day,
    ]);
    expect(find(add({}), "cst_old")).toEqual(["cst_old", "Oud", 369 * day]);
  });

  it("are kept with the list's last known length", () => {
    expect(add({}).pages).toBe(4);
    expect(add({ pages: 5 }).pages).toBe(5);
  });

  it("are kept with the next page to read, until the list is read to its end or for 30 days", () => {
    const cut = add({ nextPage: 7 });
    expect([400, 429].map((at) => findResumePage(cut, at * day))).toEqual([7, 7]);
    expect(findResumePage(cut, 430 * day)).toBe(1);
    expect(findResumePage(add({ nextPage: 6 }, { atDays: 410, to: cut }), 410 * day)).toBe(7);
    const on = add({ nextPage: 9 }, { atDays: 410, to: cut });
    expect([429, 430].map((at) => findResumePage(on, at * day))).toEqual([9, 1]);
    expect(findResumePage(add({ pages: 9 }, { atDays: 410, to: on }), 410 * day)).toBe(1);
    expect(findResumePage(add({ nextPage: 2 }, { atDays: 440, to: on }), 440 * day)).toBe(2);
  });

  it("are requested last if the previous request for them failed", () => {
    const ids = ["cst_bad", "cst_1", "cst_new", "cst_2"];
    expect([...listMissingNames(names, ids, new Set(["cst_new"]))]).toEqual(["cst_1", "cst_2", "cst_bad"]);
    expect(add({ failed: ["cst_1", "cst_bad"] }).failed).toEqual(["cst_bad", "cst_1"]);
    expect(add({ customers: [{ id: "cst_bad", name: null }] }).failed).toEqual([]);
  });

  it("may belong to any id", () => {
    const customers = ["__proto__", "constructor", "toString"].map((id) => ({ id, name: `name of ${id}` }));
    const after = addLookupResult(emptyNameCache, { ...nothing, customers, pages: 1 }, 1);
    const stored: NameCache = JSON.parse(JSON.stringify(after));
    expect(stored.customers.map(([id, name]) => ({ id, name }))).toEqual(customers);
  });
});

const storedNames = {
  customers: [
    ["cst_1", "Bakkerij", 1],
    ["cst_2", null, 1],
    ["__proto__", "Proto", 1],
  ] as [string, string | null, number][],
  pages: null,
};

function listWords(facts: Partial<NameFacts>) {
  const given = { trouble: null, unknown: 0, nameless: 0, ...facts };
  return listRemarks(emptyReportTotals(0), locales.en, {
    isPast: false,
    doubts: [],
    notes: [],
    names: given,
  });
}

describe("a report's customers", () => {
  it("have their name, or else their id", () => {
    const { nameCustomer } = joinNames(storedNames, null);
    const ids = ["cst_1", "cst_2", "cst_3", "__proto__", "constructor", null];
    expect(ids.map(nameCustomer)).toEqual(["Bakkerij", "cst_2", "cst_3", "Proto", "constructor", null]);
  });

  it("are counted if their name is missing, separately from those without a name at the portal", () => {
    const { facts } = joinNames(storedNames, "portal");
    const ids = ["cst_1", "cst_2", "cst_3", "cst_4", ".."];
    expect(facts(ids)).toEqual({ trouble: "portal", unknown: 2, nameless: 2 });
  });
});

describe("a remark on names", () => {
  it("distinguishes names that may still come from names that the portal did not give", () => {
    expect(listWords({})).toEqual([]);
    expect(listWords({ unknown: 2, nameless: 1 })).toEqual([
      expect.stringMatching(/^2 customers: the name has not been fetched yet/),
      expect.stringMatching(/^1 customer: the portal has no name/),
    ]);
  });

  it("gives the reason why the portal gave none, and names a missing scope", () => {
    expect(listWords({ trouble: "scope", unknown: 9 })).toEqual([expect.stringContaining("customers.read")]);
    expect(listWords({ trouble: "portal", unknown: 9 })).toHaveLength(1);
  });
});
