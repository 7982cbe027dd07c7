import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  areNewOffers,
  countOverlap,
  isBeyondEnd,
  isSamePage,
  listOverlaps,
  listSuspectPages,
  makeOfferPage,
  parsePortalPage,
  wasCreatedBefore,
} from "../../../functions/core/crawl/offer-page.ts";

const rows = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `off_${index}` }));

/** Makes a page in the format of the portal's documentation. */
const envelope = (over: Record<string, unknown> = {}) => ({
  current_page: 2,
  data: rows(2),
  from: 16,
  next_page_url: "https://portal.example/v1/customer-offers?page=3,",
  per_page: 15,
  to: 17,
  ...over,
});
const listing = { items: rows(2), isLast: false, isMiscounted: false };

describe("a page's rows", () => {
  it("may come as an object with numbers as keys, and are in the order of the numbers", () => {
    const [a, b, c] = rows(3);
    const data = { "10": c, "2": b, "1": a };
    expect(parsePortalPage(2, envelope({ data, to: 18 }))?.items).toEqual([a, b, c]);
  });

  it("keep the order of any numbers", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: 2 ** 40 }), { maxLength: 20 }), (keys) => {
        const data = Object.fromEntries(keys.map((key) => [String(key), { id: key }]));
        const sorted = keys.toSorted((a, b) => a - b).map((id) => ({ id }));
        expect(parsePortalPage(2, { data, next_page_url: null })?.items).toEqual(sorted);
      }),
    );
  });

  it("are empty for an empty object, as for an empty list", () => {
    for (const data of [{}, []])
      expect(parsePortalPage(2, envelope({ data, from: null, to: null, next_page_url: null }))).toEqual({
        items: [],
        isLast: true,
        isMiscounted: false,
      });
  });

  it.each(["next_page_url", "current_page", "from", "to", "per_page", "links", "meta"])(
    "may be none when the answer has a field about pages: %s",
    (field) => {
      expect(parsePortalPage(1, { data: [], [field]: null })?.items).toEqual([]);
    },
  );

  it("are found without a field about pages", () => {
    expect(parsePortalPage(1, { data: rows(2) })).toEqual({ ...listing, isLast: true });
  });

  it.each([
    ["an object with names as keys", { data: { offers: [] } }],
    ["keys of which one is no number", { data: { "1": {}, x: {} } }],
    ["keys that only contain numbers", { data: { x1: {} } }],
    ["keys that only begin with numbers", { data: { "1x": {} } }],
    ["a text", { data: "none" }],
    ["null", { data: null }],
    ["no data", {}],
    ["an empty list beside which nothing is said of pages", { data: [], status: "maintenance" }],
    ["a refusal", { code: 429, message: "Too many requests." }],
    ["a list", []],
    ["a text alone", "offers"],
    ["null alone", null],
  ])("are not found in %s", (_title, body) => {
    expect(parsePortalPage(1, body)).toBeNull();
  });
});

describe("the end of the list", () => {
  it.each([null, "", "  ", false, 0, undefined])("is stated by a next page of %j", (next) => {
    expect(parsePortalPage(2, envelope({ next_page_url: next }))).toEqual({ ...listing, isLast: true });
  });

  it("is stated by a missing next page", () => {
    const { next_page_url: _, ...rest } = envelope();
    expect(parsePortalPage(2, rest)?.isLast).toBe(true);
  });

  it.each(["https://portal.example/?page=3,", "/customer-offers?page=3", true, 3])(
    "is not stated by %j",
    (next) => {
      expect(parsePortalPage(2, envelope({ next_page_url: next }))?.isLast).toBe(false);
    },
  );

  it.each([
    ["http://portal.example/?page=3", false],
    [null, true],
    ["", true],
  ])("is stated in the links of a resource collection: %j", (next, isLast) => {
    const meta = { current_page: 2, from: 16, to: 17, per_page: 15 };
    expect(parsePortalPage(2, { data: rows(2), links: { next }, meta })).toEqual({ ...listing, isLast });
  });

  it("is not read from links that are a list of buttons", () => {
    const links = [{ url: null, label: "Next", active: false }];
    expect(parsePortalPage(2, envelope({ links }))).toEqual(listing);
  });
});

describe("counts of other JSON types", () => {
  it.each([
    ["texts", { current_page: "2", from: "16", to: "17", per_page: "15" }],
    ["null", { current_page: null, from: null, to: null, per_page: null }],
    ["nonsense", { current_page: {}, from: [], to: "many", per_page: true, links: 7, meta: "none" }],
    ["fractions", { current_page: 2.5, from: 16.5, to: 17 }],
  ])("leave a page readable: %s", (_title, over) => {
    expect(parsePortalPage(2, envelope(over))).toEqual(listing);
  });

  it("leave a page readable when they are absent", () => {
    const { data, next_page_url } = envelope();
    expect(parsePortalPage(2, { data, next_page_url })).toEqual(listing);
  });
});

describe("a page that claims to be an earlier page than the requested one", () => {
  it.each([
    [1, "x"],
    ["1", "x"],
    [1, null],
    [2, null],
  ])("counts as empty: current_page %j, next page %j", (current, next) => {
    const page = parsePortalPage(3, envelope({ current_page: current, next_page_url: next }));
    expect(page).toEqual({ items: [], isLast: true, isMiscounted: false });
  });

  it("counts as empty by the meta of a resource collection, too", () => {
    const body = { data: rows(2), links: { next: "x" }, meta: { current_page: 1 } };
    expect(parsePortalPage(2, body)?.items).toEqual([]);
  });

  it("keeps its rows when page 1 is requested", () => {
    expect(parsePortalPage(1, envelope({ current_page: 0, from: 1, to: 2 }))).toEqual(listing);
  });
});

describe("a page whose numbers do not fit its rows", () => {
  it.each([
    [16, 30, true],
    ["16", "30", true],
    [16, 17, false],
    ["16", 17, false],
    [16, null, false],
    [null, 30, false],
    [16, "many", false],
    [" 16 ", "30\n", true],
    [16, "x30", false],
    [16, "30x", false],
  ])("is miscounted: from %j to %j", (from, to, isMiscounted) => {
    expect(parsePortalPage(2, envelope({ from, to }))?.isMiscounted).toBe(isMiscounted);
    const meta = { current_page: 2, from, to };
    expect(parsePortalPage(2, { data: rows(2), links: { next: "x" }, meta })?.isMiscounted).toBe(
      isMiscounted,
    );
  });

  it("is miscounted without rows, too, and otherwise not", () => {
    expect(parsePortalPage(2, envelope({ data: [], from: 16, to: 30 }))?.isMiscounted).toBe(true);
    expect(parsePortalPage(2, envelope({ data: [], from: null, to: null }))?.isMiscounted).toBe(false);
    expect(makeOfferPage(1, [], true)).toMatchObject({ isMiscounted: false });
    expect(makeOfferPage(1, [], true, true)).toMatchObject({ isMiscounted: true });
  });
});

it("two pages are the same when they show the same offers in the same order", () => {
  const same = (a: string, b: string) => isSamePage({ ids: a.split("") }, { ids: b.split("") });
  expect(same("ab", "ab")).toBe(true);
  for (const [a, b] of [
    ["ab", "ba"],
    ["ab", "ax"],
    ["a", "ab"],
    ["ab", "a"],
  ] as const)
    expect(same(a, b)).toBe(false);
});

it("an offer without an id is recognised by all of its fields, also by those of a person", () => {
  const keysOf = (...offers: Record<string, string>[]) => makeOfferPage(1, offers, false).ids;
  const [a, b] = keysOf({ title: "x", acceptedViaIp: "a" }, { title: "x", acceptedViaIp: "b" });
  expect(a).not.toBe(b);
});

it("only a page without rows that names no next one lies beyond the end", () => {
  expect(isBeyondEnd(makeOfferPage(2, [], true))).toBe(true);
  expect(isBeyondEnd(makeOfferPage(2, [], false))).toBe(false);
  expect(isBeyondEnd(makeOfferPage(2, [{ id: "off_1" }], true))).toBe(false);
});

const pageOf = (number: number, ids: string) =>
  makeOfferPage(
    number,
    ids.split("").map((id) => ({ id })),
    false,
  );

describe("overlaps", () => {
  it("exist when a page begins with the end of the page before", () => {
    const pages = [pageOf(4, "abc"), pageOf(5, "cde"), pageOf(6, "fgh"), pageOf(7, "ghi")];
    expect(listOverlaps(pages, 3)).toEqual([
      { page: 4, offers: 1 },
      { page: 6, offers: 2 },
    ]);
  });

  it("prove nothing when a page is shorter than the others", () => {
    expect(listOverlaps([pageOf(1, "abc"), pageOf(2, "cd"), pageOf(3, "efg")], 3)).toBeNull();
  });

  it("are too many to be stored when there are more than forty", () => {
    const overlapping = (count: number) =>
      Array.from({ length: count + 1 }, (_, index) => makeOfferPage(index + 1, [{ id: "a" }], false));
    expect(listOverlaps(overlapping(40), 1)).toHaveLength(40);
    expect(listOverlaps(overlapping(41), 1)).toBeNull();
  });

  it("do not include offers at other places of both pages", () => {
    expect(countOverlap(["a", "b", "c"], ["b", "d", "c"])).toBe(0);
    expect(countOverlap(["a", "b", "c"], ["d", "e", "c"])).toBe(0);
    expect(countOverlap([], ["a"])).toBe(0);
    expect(countOverlap(["a", "b"], [])).toBe(0);
    expect(countOverlap(["a", "b"], ["a", "b"])).toBe(2);
    expect(countOverlap(["a", "b"], ["x", "a"])).toBe(0);
  });

  it("show which pages may lack an offer", () => {
    expect(listSuspectPages([])).toEqual([]);
    expect(listSuspectPages([{ page: 4, offers: 1 }])).toEqual([]);
    expect(
      listSuspectPages([
        { page: 4, offers: 1 },
        { page: 7, offers: 1 },
      ]),
    ).toEqual([6, 7]);
  });
});

describe("an offer's time of creation", () => {
  const startedMs = Date.parse("2026-01-31T12:00:00Z");
  const [before, after] = ["2026-01-31T11:57:59.999Z", " 2026-01-31T11:58:00Z "];

  it("is before the crawl only when it is more than two minutes before its start", () => {
    expect(wasCreatedBefore({ createdAt: before }, startedMs)).toBe(true);
    expect(wasCreatedBefore({ createdAt: ` ${before}` }, startedMs)).toBe(true);
    for (const createdAt of [after, "yesterday", 5, undefined])
      expect(wasCreatedBefore({ createdAt }, startedMs)).toBe(false);
    expect(wasCreatedBefore({ createdAt: before }, null)).toBe(false);
    expect(wasCreatedBefore(null, startedMs)).toBe(false);
  });

  it("shows that a page has only new offers, apart from those that were seen", () => {
    const areNew = (seenIds: string[], start: number | null, ...times: (string | null)[]) => {
      const offers = times.map((createdAt, index) => ({ id: `off_${index}`, createdAt }));
      return areNewOffers(makeOfferPage(2, offers, false), { startedMs: start }, seenIds);
    };
    expect(areNew([], startedMs, after, after)).toBe(true);
    expect(areNew([], startedMs, after, before)).toBe(false);
    expect(areNew(["off_1"], startedMs, after, before)).toBe(true);
    expect(areNew([], startedMs, after, null)).toBe(false);
    expect(areNew([], null, after)).toBe(false);
    expect(areNew([], startedMs)).toBe(true);
  });
});
