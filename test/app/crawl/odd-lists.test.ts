import { describe, expect, it, vi } from "vitest";
import type { Item } from "../../../local/portal/portal-store.ts";
import { makePage, type Page } from "../../../local/portal/portal-routes.ts";
import type { Portal, PortalResponse } from "../../../local/portal/portal-server.ts";
import { finishExport, startExport } from "../../support/export-requests.ts";
import { rawOffers } from "../../support/offer-fixtures.ts";
import { offerCount, openRefreshStack } from "../../support/refresh-stack.ts";
import { type TestStack } from "../../support/test-stack.ts";
import { openVirtualPortal, openVirtualStack } from "../../support/virtual-stack.ts";
import { useWorld } from "../../support/virtual-world.ts";

vi.setConfig({ testTimeout: 60_000 });

/**
 * Returns the portal's answer for a page; null leaves the portal's usual answer unchanged. `n` counts the requests
 * for this page, from 1.
 */
type Twist = (page: { number: number; n: number; right: Page; all: readonly Item[] }) => object | null;

type Shown = Partial<Page>;

const contradiction = expect.stringContaining("contradicts itself");

/**
 * Opens a portal with altered pages, and a stack that exports the portal's offers. On their clock, a minute takes 300
 * ms.
 */
async function openOdd(count: number, twist: Twist, limit = 100_000) {
  const clock = useWorld().clock;
  const asked = new Map<number, number>();
  const hold: { portal?: Portal } = {};
  const portal = await openVirtualPortal({
    offers: rawOffers(count),
    limit,
    clock,
    intercept({ url }, response) {
      const { searchParams, pathname } = new URL(url, "http://portal");
      if (!pathname.endsWith("/customer-offers")) return false;
      const number = Number(searchParams.get("page"));
      const n = (asked.get(number) ?? 0) + 1;
      asked.set(number, n);
      const all = hold.portal?.offers.all() ?? [];
      const answer = twist({ number, n, right: listPage(all, number), all });
      return answer !== null && send(response, answer);
    },
  });
  hold.portal = portal;
  const stack = await openVirtualStack(portal, {}, clock);
  return { portal, stack };
}

function listPage(all: readonly Item[], page: number): Page {
  const path = "http://portal/v1/customer-offers";
  return makePage(all, { page, pageSize: 15, path, nextPageSuffix: "," });
}

function send(response: PortalResponse, answer: object): true {
  const { status = 200, ...body } = answer as { status?: number };
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  return true;
}

async function report(stack: TestStack, options: Record<string, unknown> = {}) {
  const wanted = { customers: false, format: "csv", language: "en", maxAge: 0, ...options };
  const { result, problem } = await finishExport(stack, await startExport(stack, wanted));
  if (result === null) throw new Error(`no result: ${problem?.detail}`);
  return result;
}

const empty: Shown = { data: [], next_page_url: null, from: null, to: null };
const last: Shown = { next_page_url: null };

describe("the end of a list is found by the page after it:", () => {
  const claims: [string, number, Twist, number?][] = [
    [
      "one offer, and page 1 is empty once",
      1,
      ({ number, n, right }) => once(number === 1 && n === 1, right, empty),
    ],
    [
      "two pages, and page 1 is the last once",
      16,
      ({ number, n, right }) => once(number === 1 && n === 1, right, last),
    ],
    [
      "two pages, and page 1 is empty and announces another once",
      16,
      ({ number, n, right }) => once(number === 1 && n === 1, right, { data: [] }),
    ],
    [
      "five pages in several windows, and the first far page is the last once",
      61,
      ({ number, n, right }) => once(number === 4 && n === 1, right, last),
      5,
    ],
    [
      "five pages in several windows, and the first far page is empty once",
      61,
      ({ number, n, right }) => once(number === 4 && n === 1, right, empty),
      5,
    ],
    [
      "five pages, and a page in the middle is the last once",
      61,
      ({ number, n, right }) => once(number === 3 && n === 1, right, last),
    ],
    [
      "the last page is empty once",
      61,
      ({ number, n, right }) => once(number === 5 && n === 1, right, empty),
    ],
  ];

  it.each(claims)("%s", async (_title, count, twist, limit) => {
    const { stack } = await openOdd(count, twist, limit);
    expect(await report(stack)).toMatchObject({ offers: count, completeness: "complete" });
  });

  it.each([
    ["page 2 of 3 always", 31, 2],
    ["page 1 of 2 always", 16, 1],
    ["page 1 of 20 always", 300, 1],
  ])("%s claims to be the last, and the report has a remark on it", async (_title, count, odd) => {
    const { stack } = await openOdd(count, ({ number, right }) => once(number === odd, right, last));
    const { offers, completeness, remarks } = await report(stack);
    expect({ offers, completeness }).toEqual({ offers: count, completeness: "complete" });
    expect(remarks).toContainEqual(contradiction);
  });

  it("page 1 always claims to be the last, and one answer for page 2 shows page 1 again", async () => {
    const { stack } = await openOdd(300, ({ number, n, right, all }) => {
      if (number === 2 && n === 1) return { ...right, data: listPage(all, 1).data };
      if (number > 20) return { ...right, next_page_url: "x" };
      return once(number === 1, right, last);
    });
    const { offers, completeness, remarks } = await report(stack);
    expect({ offers, completeness }).toEqual({ offers: 300, completeness: "complete" });
    expect(remarks).toContainEqual(contradiction);
  });

  it("a list without offers is empty", async () => {
    const { stack } = await openOdd(0, () => null);
    expect(await report(stack)).toMatchObject({ offers: 0, completeness: "complete", remarks: [] });
  });

  const beyond: [string, (page: { number: number; all: readonly Item[]; lastPage: number }) => object][] = [
    ["400", () => ({ status: 400, message: "Bad page." })],
    ["410", () => ({ status: 410, message: "Gone." })],
    ["422", () => ({ status: 422, message: "The page is invalid." })],
    ["page 1 again, by its number", ({ all }) => listPage(all, 1)],
    [
      "page 1 again, by the number that was asked for",
      ({ number, all }) => renumber(listPage(all, 1), number),
    ],
    ["the last page again, by its number", ({ all, lastPage }) => listPage(all, lastPage)],
    [
      "the last page again, by the number that was asked for",
      ({ number, all, lastPage }) => renumber(listPage(all, lastPage), number),
    ],
    ["empty pages that announce another", ({ number }) => ({ ...listPage([], number), next_page_url: "x" })],
    ["no next page as an empty text", ({ number }) => ({ ...listPage([], number), next_page_url: "" })],
  ];

  it.each(beyond)("beyond the end is %s", async (_title, answer) => {
    for (const count of [15, 31, 150]) {
      const lastPage = Math.ceil(count / 15);
      const { portal, stack } = await openOdd(count, ({ number, all }) =>
        number > lastPage ? answer({ number, all, lastPage }) : null,
      );
      expect(await report(stack)).toMatchObject({ offers: count, completeness: "complete", remarks: [] });
      expect(portal.requests.length).toBeLessThanOrEqual(lastPage + 25);
    }
  });
});

describe("after a complete snapshot", () => {
  it.each(["full", "refresh"])("an empty page 1 does not hide the list: %s", async (freshness) => {
    let isOdd = false;
    const { stack } = await openOdd(150, ({ number, right }) => {
      const isNow = isOdd && number === 1;
      if (isNow) isOdd = false;
      return once(isNow, right, empty);
    });
    await report(stack);
    isOdd = true;
    expect(await report(stack, { freshness })).toMatchObject({ offers: 150, completeness: "complete" });
  });

  /**
   * Makes a report. Then hides the last offers from the list until page 1 has been requested `times` times. Requests
   * for a single offer still find the hidden offers.
   */
  async function openHiding(count: number, hidden: number, times: number) {
    let reads = -1;
    const { portal, stack } = await openOdd(count, ({ number, right, all }) => {
      if (number === 1 && reads >= 0) reads += 1;
      const isHiding = reads > 0 && reads <= times;
      return isHiding ? listPage(all.slice(0, -hidden), number) : once(false, right, {});
    });
    await report(stack);
    reads = 0;
    return { portal, stack };
  }

  it("too many missing offers to request are not treated as deleted while one of them exists", async () => {
    const { portal, stack } = await openHiding(150, 45, Infinity);
    const before = portal.requests.length;
    const { completeness, remarks } = await report(stack, { freshness: "full" });
    expect(completeness).toBe("uncertain");
    expect(remarks).toContainEqual(expect.stringContaining("still exists"));
    const single = portal.requests.slice(before).filter(({ path }) => !path.includes("page="));
    expect(single.length).toBeLessThanOrEqual(80);
  });

  it("missing offers are found by a second crawl when the first was wrong", async () => {
    const { stack } = await openHiding(150, 45, 3);
    const { offers, completeness } = await report(stack, { freshness: "full" });
    expect({ offers, completeness }).toEqual({ offers: 150, completeness: "complete" });
  });

  it("missing offers make the report uncertain when the portal does not say whether they exist", async () => {
    const offers = rawOffers(20);
    let isAway = false;
    const portal = await openVirtualPortal({
      offers,
      intercept: ({ url }, response) =>
        isAway && !url.includes("page=") && send(response, { status: 500, message: "Server Error" }),
    });
    const stack = await openVirtualStack(portal);
    await report(stack);
    portal.offers.remove(String(offers[3]?.["id"]));
    isAway = true;
    expect(await report(stack)).toMatchObject({ offers: 19, completeness: "uncertain" });
  });
});

describe("a list that contradicts itself", () => {
  it.each([1, 2, 5])(
    "makes the report uncertain when page %i always has another page's offer in place of its own",
    async (odd) => {
      const { stack } = await openOdd(
        61,
        ({ number, right, all }) => {
          const other = all[odd === 1 ? 31 : 0];
          const at = right.data.length - 1;
          return once(number === odd, right, {
            data: right.data.map((row, index) => (index === at ? other : row)),
          });
        },
        5,
      );
      const { completeness, remarks } = await report(stack);
      expect(completeness).toBe("uncertain");
      expect(remarks).toContainEqual(expect.stringContaining("gave offers twice"));
    },
  );

  it.each([
    [100, 0],
    [80, 0],
    [119, 0],
  ])(
    "makes the report uncertain when an offer of page %i moves to its top while it is read",
    async (page, to) => {
      const hold: { portal?: Portal } = {};
      let isMoved = false;
      const shop = await openRefreshStack({
        intercept({ url }) {
          const offers = hold.portal?.offers;
          const moved = offers?.all()[(page - 1) * 15 + 7];
          if (isMoved || moved === undefined || !url.endsWith("?page=70")) return false;
          isMoved = true;
          offers?.remove(moved.id);
          offers?.insert(moved, to);
          return false;
        },
      });
      hold.portal = shop.portal;
      const { result } = await shop.report();
      expect(isMoved).toBe(true);
      expect(result?.completeness).toBe("uncertain");
      expect(result?.offers).toBeLessThanOrEqual(offerCount);
    },
  );

  const short: [string, (right: Page) => Shown][] = [
    ["a row less than it counts", ({ data }) => ({ data: data.slice(1) })],
    ["a row less than the others", ({ data, to }) => ({ data: data.slice(1), to: (to ?? 0) - 1 })],
    ["a row less, and no count", ({ data }) => ({ data: data.slice(1), from: null, to: null })],
  ];

  it.each(short)("makes the report uncertain when page 2 always has %s", async (_title, change) => {
    const { stack } = await openOdd(61, ({ number, right }) => once(number === 2, right, change(right)));
    const { completeness, remarks } = await report(stack);
    expect(completeness).toBe("uncertain");
    expect(remarks).toContainEqual(expect.stringContaining("fewer offers than it should"));
  });

  it.each(short)("is complete when page 2 has %s once", async (_title, change) => {
    const { stack } = await openOdd(61, ({ number, n, right }) =>
      once(number === 2 && n === 1, right, change(right)),
    );
    expect(await report(stack)).toMatchObject({ offers: 61, completeness: "complete" });
  });
});

/**
 * Returns the page with the changed fields when `isOdd` is true. Otherwise returns null, which leaves the portal's
 * answer unchanged.
 */
function once(isOdd: boolean, right: Page, change: object): object | null {
  return isOdd ? { ...right, ...change } : null;
}

function renumber(page: Page, number: number): object {
  return { ...page, current_page: number };
}
