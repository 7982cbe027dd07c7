import { describe, expect, it } from "vitest";
import { addNames, emptyNames, listFresh, type Names } from "../../functions/core/names.ts";

const day = 86_400_000;
const names: Names = {
  customers: [
    ["cst_new", "Nieuw", 399 * day],
    ["cst_old", "Oud", 369 * day],
    ["cst_gone", null, 380 * day],
    ["cst_ancient", "Antiek", -day],
  ],
  pages: 4,
};

const add = (
  customers: { id: string; name: string | null }[],
  { atDays = 400, wanted = [] as string[], pages = null as number | null } = {},
) => addNames(names, { customers, pages, wanted: new Set(wanted) }, atDays * day);
const find = ({ customers }: Names, id: string) => customers.find((entry) => entry[0] === id);

describe("known names", () => {
  it("need not be asked for again within 30 days, nor does a customer without one", () => {
    expect([...listFresh(names, 400 * day - 1)]).toEqual(["cst_new", "cst_gone"]);
    expect([...listFresh(names, 410 * day - 1)]).toEqual(["cst_new", "cst_gone"]);
    expect([...listFresh(names, 410 * day)]).toEqual(["cst_new"]);
  });

  it("are replaced by newer ones, and by nothing older", () => {
    expect(find(add([{ id: "cst_old", name: "Nieuwer" }]), "cst_old")).toEqual([
      "cst_old",
      "Nieuwer",
      400 * day,
    ]);
    expect(find(add([{ id: "cst_old", name: "Ouder" }], { atDays: 368 }), "cst_old")).toEqual([
      "cst_old",
      "Oud",
      369 * day,
    ]);
  });

  it("stay with a customer whom the portal has no more, who is not asked for again at once", () => {
    const after = add([{ id: "cst_old", name: null }]);
    expect(find(after, "cst_old")).toEqual(["cst_old", "Oud", 400 * day]);
    expect(listFresh(after, 401 * day)).toContain("cst_old");
  });

  it("are forgotten after 400 days, unless an export wants them", () => {
    expect(find(add([]), "cst_ancient")).toBeUndefined();
    expect(find(add([], { wanted: ["cst_ancient"] }), "cst_ancient")).toBeDefined();
    expect(find(add([]), "cst_old")).toBeDefined();
  });

  it("are kept with the list's last known length", () => {
    expect(add([]).pages).toBe(4);
    expect(add([], { pages: 5 }).pages).toBe(5);
  });

  it("may be anybody's, whatever the id is", () => {
    const customers = ["__proto__", "constructor", "toString"].map((id) => ({ id, name: `name of ${id}` }));
    const after = addNames(emptyNames, { customers, pages: 1, wanted: new Set() }, 1);
    const stored: Names = JSON.parse(JSON.stringify(after));
    expect(stored.customers.map(([id, name]) => ({ id, name }))).toEqual(customers);
  });
});
