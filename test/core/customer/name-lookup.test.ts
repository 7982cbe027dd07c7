import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type CustomerPage,
  countLookupRequests,
  expectCustomerPages,
  isLookupOver,
  isPauseTooLong,
  type NameLookup,
  newNameLookup,
  noteLookupAnswer,
  noteLookupFailure,
  noteLookupWindow,
  noteCustomerPages,
  planLookups,
  type LookupRequest,
} from "../../../functions/core/customer/name-lookup.ts";

const pageSize = 15;
const countPages = (customers: number) => Math.max(1, Math.ceil(customers / pageSize));

type Model = {
  /** The ids of the customers on the portal's list, in the list's order. */
  list: string[];
  missing: Set<string>;
  hint: { pages: number | null; customers: number };
  atOnce: number;
  /** Changes the portal's list after each round of requests. */
  shift?: (list: string[]) => void;
};

function showPage(list: string[], number: number): CustomerPage {
  const from = (number - 1) * pageSize;
  const ids = list.slice(from, from + pageSize);
  const customers = ids.map((id) => ({ id, name: id }));
  return { number, customers, isLast: list.length <= from + pageSize };
}

/** Looks up names until no customer is missing. Returns the requests in their order. */
function askAll({ list, missing, hint, atOnce, shift }: Model): LookupRequest[] {
  let naming = expectCustomerPages(newNameLookup, hint);
  const left = new Set(missing);
  const asked: LookupRequest[] = [];
  while (left.size > 0) {
    const questions = planLookups(naming, left, atOnce);
    expect(questions.length).toBeGreaterThan(0);
    expect(questions.length).toBeLessThanOrEqual(atOnce);
    const pages = questions.flatMap((question) =>
      "page" in question ? [showPage(list, question.page)] : [],
    );
    for (const question of questions) if ("id" in question) left.delete(question.id);
    for (const { id } of pages.flatMap(({ customers }) => customers)) left.delete(id);
    asked.push(...questions);
    naming = noteCustomerPages(noteLookupAnswer(naming), pages);
    shift?.(list);
  }
  return asked;
}

const makeIds = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}${n}`);

const scenes = fc
  .record({
    size: fc.integer({ min: 0, max: 2_000 }),
    listed: fc.array(fc.nat(), { maxLength: 800, size: "max" }),
    gone: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 400 })),
    known: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    atOnce: fc.integer({ min: 1, max: 10 }),
  })
  .map(({ size, listed, gone, known, atOnce }) => {
    const list = makeIds("cst_", size);
    const wanted = size === 0 ? [] : listed.map((index) => list[index % size] ?? "");
    const missing = new Set([...wanted, ...makeIds("gone_", gone)]);
    // The number of pages that an earlier lookup found, or null without an earlier lookup. The list has only grown
    // since that lookup, so the number is at most the present number of pages.
    const pages = known === null ? null : Math.max(1, Math.floor(known * countPages(size)));
    return { list, missing, gone, atOnce, hint: { pages, customers: wanted.length } };
  });

describe("a lookup of names", () => {
  it("costs at most twice the cheaper of pages and single requests, plus ten", () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const { list, missing, gone, hint } = scene;
        // Skips cases in which the snapshot has more customers than the list's pages can hold, when the number of
        // pages is not known.
        fc.pre(hint.pages !== null || Math.ceil(hint.customers / pageSize) <= countPages(list.length));
        const cheaper = Math.min(missing.size, countPages(list.length) + gone);
        expect(askAll(scene).length).toBeLessThanOrEqual(2 * cheaper + 10);
      }),
      { numRuns: 2_000 },
    );
  });

  it("costs no more than the cheaper way when the list's length is known and no customer is gone", () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const missing = new Set([...scene.missing].filter((id) => !id.startsWith("gone_")));
        const pages = countPages(scene.list.length);
        const asked = askAll({ ...scene, missing, hint: { pages, customers: 0 } });
        expect(asked.length).toBeLessThanOrEqual(Math.min(missing.size, pages));
      }),
    );
  });

  it("costs as little when the list has shrunk, except for the pages that were expected", () => {
    fc.assert(
      fc.property(scenes, fc.integer({ min: 1, max: 500 }), (scene, pages) => {
        const asked = askAll({ ...scene, hint: { pages, customers: 0 } });
        const { missing, list, gone } = scene;
        const cheaper = Math.min(missing.size, Math.max(pages, countPages(list.length)) + gone);
        expect(asked.length).toBeLessThanOrEqual(2 * cheaper + 10);
      }),
    );
  });

  it("sends no request twice", () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const asked = askAll(scene).map((question) => JSON.stringify(question));
        expect(new Set(asked).size).toBe(asked.length);
      }),
    );
  });

  it("ends while the list moves, and requests the customers that it missed one by one", () => {
    fc.assert(
      fc.property(scenes, fc.boolean(), (scene, grows) => {
        const list = [...scene.list];
        const shift = () => void (grows ? list.unshift(`new_${list.length}`) : list.shift());
        const asked = askAll({ ...scene, list, shift });
        expect(asked.length).toBeLessThanOrEqual(2 * scene.missing.size + 10);
      }),
    );
  });

  it("begins with a single request", () => {
    const missing = new Set(makeIds("cst_", 40));
    expect(planLookups(expectCustomerPages(newNameLookup, { pages: 9, customers: 0 }), missing, 10)).toEqual([
      { page: 1 },
    ]);
  });

  it("expects as many pages as the snapshot's customers fill when the list was never read", () => {
    const naming = expectCustomerPages(newNameLookup, { pages: null, customers: 46 });
    expect(naming.expectedPages).toBe(4);
    expect(planLookups(naming, new Set(makeIds("cst_", 4)), 10)).toEqual([{ id: "cst_0" }]);
    expect(planLookups(naming, new Set(makeIds("cst_", 5)), 10)).toEqual([{ page: 1 }]);
    expect(countLookupRequests(naming, new Set(makeIds("cst_", 5)))).toBe(4);
  });
});

describe("pages of the list of customers", () => {
  const list = makeIds("cst_", 40);

  it("that got no answer are read again, and so are those after them", () => {
    const begun = expectCustomerPages(newNameLookup, { pages: 3, customers: 0 });
    const naming = noteCustomerPages(begun, [showPage(list, 1), showPage(list, 3)]);
    expect(naming).toMatchObject({ nextPage: 2, expectedPages: 4, isListRead: false });
    const again = noteCustomerPages(naming, [showPage(list, 2), showPage(list, 3)]);
    expect(again).toMatchObject({ nextPage: 4, isListRead: false });
    expect(noteCustomerPages(again, [showPage(list, 4)])).toMatchObject({
      expectedPages: 3,
      isListRead: true,
    });
  });

  it("beyond its end show where it ends", () => {
    const begun = expectCustomerPages(newNameLookup, { pages: 9, customers: 0 });
    const pages = [1, 2, 3, 4, 5].map((number) => showPage(list, number));
    expect(noteCustomerPages(begun, pages)).toMatchObject({ expectedPages: 3, isListRead: true });
    expect(noteCustomerPages(begun, pages.slice(3))).toMatchObject({ expectedPages: 3, isListRead: false });
    expect(noteCustomerPages(begun, [showPage([], 1)])).toMatchObject({ expectedPages: 1, isListRead: true });
  });
});

describe("the end of the list of customers", () => {
  const list = makeIds("cst_", 40);
  const begun = expectCustomerPages(newNameLookup, { pages: 3, customers: 0 });

  it("is not at a page that claims it when a later page has customers", () => {
    const pages = [showPage(list, 1), { ...showPage(list, 2), isLast: true }];
    const naming = noteCustomerPages(begun, pages);
    expect(naming).toMatchObject({ nextPage: 3, expectedPages: 3, isListRead: false });
    const end = noteCustomerPages(naming, [showPage(list, 3), showPage(list, 4)]);
    expect(end).toMatchObject({ expectedPages: 3, isListRead: true });
  });

  it("is before a page that repeats the last page", () => {
    const naming = noteCustomerPages(
      begun,
      [1, 2, 3].map((number) => showPage(list, number)),
    );
    const end = noteCustomerPages(naming, [{ ...showPage(list, 3), number: 4 }]);
    expect(end).toMatchObject({ expectedPages: 3, isListRead: true });
  });
});

describe("a request that fails", () => {
  const missing = new Set(["cst_bad", "cst_2", "cst_3"]);
  const begun = expectCustomerPages(newNameLookup, { pages: 9, customers: 0 });
  const fail = (naming: NameLookup, question: LookupRequest, isForbidden = false) =>
    noteLookupFailure(naming, question, isForbidden);

  it("is set aside, and the next one is sent alone", () => {
    const naming = fail(noteLookupAnswer(begun), { id: "cst_bad" });
    expect(naming.trouble).toBe(null);
    expect(planLookups(naming, missing, 10)).toEqual([{ id: "cst_2" }]);
    expect(planLookups(noteLookupAnswer(naming), missing, 10)).toEqual([{ id: "cst_2" }, { id: "cst_3" }]);
    expect(countLookupRequests(naming, missing)).toBe(2);
  });

  it("skips its page", () => {
    const begunPages = noteCustomerPages(begun, [], [1]);
    expect(begunPages).toMatchObject({ nextPage: 2, isListRead: false });
  });

  it("ends the lookup when three fail in a row, or 101 in total", () => {
    const ids = makeIds("cst_", 101).map((id) => ({ id }));
    const [first = { id: "" }, second = first, third = first] = ids;
    const twice = fail(fail(begun, first), second);
    expect(twice.trouble).toBe(null);
    expect(fail(twice, third).trouble).toBe("portal");
    expect(fail(noteLookupAnswer(twice), third).trouble).toBe(null);
    const often = ids.slice(1).reduce((naming, id) => noteLookupAnswer(fail(naming, id)), begun);
    expect(often.trouble).toBe(null);
    expect(fail(often, first).trouble).toBe("portal");
  });

  it("with 403 means a missing scope when page 1 is forbidden, too, and nothing was answered before", () => {
    const unsure = fail(begun, { id: "cst_bad" }, true);
    expect(unsure.trouble).toBe(null);
    expect(planLookups(unsure, missing, 10)).toEqual([{ page: 1 }]);
    expect(fail(unsure, { page: 1 }, true).trouble).toBe("scope");
    expect(planLookups(noteLookupAnswer(unsure), missing, 1)).toEqual([{ id: "cst_2" }]);
    const answered = fail(noteLookupAnswer(begun), { id: "cst_bad" }, true);
    expect(planLookups(answered, missing, 1)).toEqual([{ id: "cst_2" }]);
  });
});

describe("the end of a lookup", () => {
  const missing = new Set(["cst_1"]);

  it("comes when the portal answers nothing in five windows in a row", () => {
    let naming = noteLookupWindow({ ...newNameLookup, idleWindows: 4 }, 1, missing);
    for (let window = 1; window <= 4; window += 1) naming = noteLookupWindow(naming, 0, missing);
    expect([naming.trouble, isLookupOver(naming)]).toEqual([null, false]);
    naming = noteLookupWindow(naming, 0, missing);
    expect([naming.trouble, isLookupOver(naming)]).toEqual(["portal", true]);
  });

  it("is a failure when all missing customers were set aside, and a success when none is missing", () => {
    const naming = noteLookupFailure(newNameLookup, { id: "cst_1" }, false);
    expect(noteLookupWindow(naming, 1, missing).trouble).toBe("portal");
    expect(noteLookupWindow({ ...naming, trouble: "portal" }, 1, new Set()).trouble).toBe(null);
  });

  it("comes after 200 windows, or after an hour of waiting for others", () => {
    expect([199, 200].map((windows) => isLookupOver({ ...newNameLookup, windows }))).toEqual([false, true]);
    expect(noteLookupWindow(newNameLookup, 1, missing).windows).toBe(1);
    expect(isLookupOver({ ...newNameLookup, waitedSeconds: 3_599 })).toBe(false);
    expect(isLookupOver({ ...newNameLookup, waitedSeconds: 3_600 })).toBe(true);
  });

  it("comes at a pause of over 15 minutes, or over 3.5 hours in total, unless it is the limit's own window", () => {
    expect([900, 901].map((seconds) => isPauseTooLong(newNameLookup, seconds, 60_000))).toEqual([
      false,
      true,
    ]);
    expect(isPauseTooLong(newNameLookup, 3_600, 3_600_000)).toBe(false);
    const waited = { ...newNameLookup, pausedSeconds: 12_540 };
    expect([60, 61].map((seconds) => isPauseTooLong(waited, seconds, 60_000))).toEqual([false, true]);
  });

  it("lets the next lookup continue one page before it", () => {
    const hint = { pages: 9, customers: 0, nextPage: 7 };
    const naming = expectCustomerPages(newNameLookup, hint);
    expect(planLookups(naming, new Set(makeIds("cst_", 40)), 10)).toEqual([{ page: 6 }]);
    expect(expectCustomerPages({ ...naming, nextPage: 8 }, hint).nextPage).toBe(8);
  });
});
