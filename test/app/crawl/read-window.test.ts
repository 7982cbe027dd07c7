import { describe, expect, it } from "vitest";
import { beginCrawl } from "../../../functions/core/crawl/crawl-state.ts";
import { WindowBroken } from "../../../functions/adapters/portal/limiter.ts";
import type { PortalRequest, PortalResponse } from "../../../local/portal/portal-server.ts";
import { rawOffer, rawOffers } from "../../support/offer-fixtures.ts";
import { fakeClock, listPageIds, portalKey, readOneWindow } from "../../support/test-portal.ts";
import { useWorld } from "../../support/virtual-world.ts";
import { openVirtualPortal, serveVirtualAnswers } from "../../support/virtual-stack.ts";

const ids = (count: number) => rawOffers(count).map((offer) => offer["id"]);
const pageOf = ({ url }: PortalRequest) => Number(new URL(url, "http://portal").searchParams.get("page"));

describe("reading a list", () => {
  it.each([0, 1, 14, 15, 16, 30, 31, 300])(
    "gives each of %i offers once, in the portal's order",
    async (count) => {
      const portal = await openVirtualPortal({ offers: rawOffers(count) });
      const window = await readOneWindow(portal);
      expect(listPageIds(window)).toEqual(ids(count));
      expect(window.pages.at(-1)?.isLast).toBe(true);
    },
  );

  it("needs four requests for a list of one page: page 2 has no rows twice, and page 1 has not changed", async () => {
    const portal = await openVirtualPortal({ offers: rawOffers(15) });
    await readOneWindow(portal);
    expect(portal.requests.map(({ path }) => path)).toEqual(
      [1, 2, 2, 1].map((page) => `/v1/customer-offers?page=${page}`),
    );
  });

  it("has at most 10 requests under way", async () => {
    let underWay = 0;
    let most = 0;
    const portal = await openVirtualPortal({
      offers: rawOffers(600),
      intercept: async () => {
        underWay += 1;
        most = Math.max(most, underWay);
        await useWorld().clock.sleep(100);
        underWay -= 1;
        return false;
      },
    });
    await readOneWindow(portal);
    expect(most).toBe(10);
  });

  it("takes a 404 beyond the last page for the end", async () => {
    const portal = await openVirtualPortal({
      offers: rawOffers(45),
      intercept: (request, response) =>
        pageOf(request) > 3 && answer(response, 404, { code: 404, message: "Not found." }),
    });
    expect(listPageIds(await readOneWindow(portal))).toEqual(ids(45));
  });

  it("does not stop at a short or an empty page while a next one is announced", async () => {
    const url = await serve((page, response) => {
      const offers = { 1: ["a"], 2: [], 3: [], 4: ["b", "c"] }[page] ?? [];
      answer(response, 200, {
        data: offers.map((id) => rawOffer({ id })),
        next_page_url: page < 4 ? "x" : null,
      });
    });
    expect(listPageIds(await readOneWindow({ url }))).toEqual(["a", "b", "c"]);
  });

  it("never sends the key to the origin that next_page_url names", async () => {
    const visits: string[] = [];
    const elsewhere = await serve((_page, response, path) => {
      visits.push(path);
      answer(response, 200, { data: [], next_page_url: null });
    });
    const url = await serve((page, response) => {
      const next = page < 3 ? `${elsewhere}/customer-offers?page=${page + 1},` : null;
      answer(response, 200, { data: page > 3 ? [] : [rawOffer({ id: `off_${page}` })], next_page_url: next });
    });
    expect(listPageIds(await readOneWindow({ url }))).toEqual(["off_1", "off_2", "off_3"]);
    expect(visits).toEqual([]);
  });

  it("continues by page number when next_page_url does not advance", async () => {
    const url = await serve((page, response) => {
      const next = page < 3 ? "http://127.0.0.1/v1/customer-offers?page=1," : null;
      answer(response, 200, { data: page > 3 ? [] : [rawOffer({ id: `off_${page}` })], next_page_url: next });
    });
    expect(listPageIds(await readOneWindow({ url }))).toEqual(["off_1", "off_2", "off_3"]);
  });

  it("gives up after a few requests when the portal repeats the same page", async () => {
    let requests = 0;
    const url = await serve((_page, response) => {
      requests += 1;
      answer(response, 200, { data: [rawOffer()], next_page_url: "x" });
    });
    await expect(readOneWindow({ url })).rejects.toMatchObject({ code: "portal_repeats" });
    expect(requests).toBe(4);
  });

  it("gives up on a list that goes in circles within a window", async () => {
    const url = await serve((page, response) => {
      answer(response, 200, { data: [rawOffer({ id: `off_${page % 10}` })], next_page_url: "x" });
    });
    await expect(readOneWindow({ url })).rejects.toMatchObject({ code: "portal_repeats" });
  });

  it("finds the end of a list whose portal answers beyond it with its last page", async () => {
    const url = await serve((page, response) => {
      const current = Math.min(page, 3);
      const next = current < 3 ? "x" : null;
      answer(response, 200, {
        current_page: current,
        data: [rawOffer({ id: `off_${current}` })],
        next_page_url: next,
      });
    });
    const window = await readOneWindow({ url });
    expect(listPageIds(window)).toEqual(["off_1", "off_2", "off_3"]);
    expect(window.crawl.doubts).toEqual([]);
  });

  it("requests a page again that is missing in the middle", async () => {
    let misses = 0;
    const portal = await openVirtualPortal({
      offers: rawOffers(600),
      intercept: (request, response) => pageOf(request) === 7 && misses++ < 2 && answer(response, 404, {}),
    });
    expect(listPageIds(await readOneWindow(portal))).toEqual(ids(600));
  });

  it("fails when a page stays missing in the middle, rather than lose what follows", async () => {
    const portal = await openVirtualPortal({
      offers: rawOffers(600),
      intercept: (request, response) => pageOf(request) === 7 && answer(response, 404, {}),
    });
    await expect(readOneWindow(portal)).rejects.toMatchObject({ code: "portal_contradicts_itself" });
  });
});

describe("an answer that fails once", () => {
  const faults: [string, (response: PortalResponse) => void][] = [
    ["a 500", (response) => answer(response, 500, { message: "Server Error" })],
    [
      "a 503 in HTML",
      (response) => response.writeHead(503, { "content-type": "text/html" }).end("<h1>busy</h1>"),
    ],
    ["a cut connection", (response) => response.destroy()],
    [
      "half a body",
      (response) => {
        response.writeHead(200, { "content-length": 1000 }).write('{"data": [');
        response.destroy();
      },
    ],
    [
      "half a JSON text",
      (response) => response.writeHead(200, { "content-type": "application/json" }).end('{"data": [{"id"'),
    ],
  ];

  it.each(faults)("%s is retried, and the retry is counted", async (_title, fail) => {
    let failures = 0;
    const portal = await openVirtualPortal({
      offers: rawOffers(60),
      intercept(request, response) {
        if (pageOf(request) !== 3 || failures === 2) return false;
        failures += 1;
        fail(response);
        return true;
      },
    });
    const window = await readOneWindow({ url: portal.url, clock: fakeClock() });
    expect(listPageIds(window)).toEqual(ids(60));
    expect(failures).toBe(2);
    expect(window.requests).toBe(portal.requests.length);
  });

  it("is not retried before the time that the portal named, counted from its answer", async () => {
    const clock = fakeClock();
    const namedMs: number[] = [];
    const portal = await openVirtualPortal({
      offers: rawOffers(15),
      clock,
      async intercept({ n }, response) {
        if (n === 1) await clock.sleep(10_000);
        namedMs.push(clock.now());
        return n === 1 && Boolean(response.writeHead(503, { "retry-after": "4" }).end());
      },
    });
    await readOneWindow({ url: portal.url, clock });
    expect((namedMs[1] ?? 0) - (namedMs[0] ?? 0)).toBe(4_000);
  });

  it("is requested five times at most", async () => {
    const portal = await openVirtualPortal({
      offers: rawOffers(15),
      intercept: (_request, response) => answer(response, 502, {}),
    });
    const clock = fakeClock();
    const reading = readOneWindow({ url: portal.url, clock });
    await expect(reading).rejects.toMatchObject({ kind: "portal", code: "portal_unavailable" });
    expect(portal.requests).toHaveLength(5);
    expect(clock.sleptMs()).toBeGreaterThanOrEqual(300 * (1 + 2 + 4 + 8));
  });
});

describe("a permanent failure", () => {
  const refusals: [string, number, unknown, string, string][] = [
    ["401", 401, { code: 401, message: "Unauthenticated." }, "portal_key_refused", "PORTAL_API_KEY"],
    ["403", 403, { code: 403, message: "Forbidden." }, "portal_scope_missing", "offers.read"],
    ["404 on page 1", 404, { code: 404 }, "portal_not_found", "PORTAL_API_URL"],
    ["a redirect", 302, {}, "portal_not_api", "PORTAL_API_URL"],
    ["a list without next_page_url", 200, { data: [] }, "portal_not_api", "PORTAL_API_URL"],
    [
      "data that is no list",
      200,
      { data: { offers: [] }, next_page_url: null },
      "portal_not_api",
      "PORTAL_API_URL",
    ],
    ["JSON that is no page", 200, ["offers"], "portal_not_api", "PORTAL_API_URL"],
  ];

  it.each(refusals)(
    "%s ends the reading at once and says what to do",
    async (_title, status, body, code, advice) => {
      let requests = 0;
      const url = await serve((_page, response) => {
        requests += 1;
        if (status === 302) response.setHeader("location", "http://127.0.0.1:1/v1/customer-offers");
        answer(response, status, body);
      });
      const failure = await readOneWindow({ url }).catch((error: unknown) => error);
      expect(failure).toMatchObject({ kind: "portal", code });
      expect(String(failure)).toContain(advice);
      expect(String(failure)).not.toContain(portalKey);
      expect(requests).toBe(1);
    },
  );

  it("reports that the address serves a web page", async () => {
    const url = await serve((_page, response) =>
      response.writeHead(200, { "content-type": "text/html" }).end("<html></html>"),
    );
    await expect(readOneWindow({ url })).rejects.toMatchObject({ code: "portal_not_api" });
  });
});

describe("the rate limit's budget", () => {
  it("is never exceeded: the window ends when nothing remains", async () => {
    const portal = await openVirtualPortal({ offers: rawOffers(600), limit: 20, latencyMs: 2 });
    const window = await readOneWindow(portal);
    expect(window.requests).toBe(20);
    expect(listPageIds(window)).toEqual(ids(18 * 15));
    expect(portal.requests.filter(({ status }) => status === 429)).toHaveLength(0);
  });

  it("pays for retries too", async () => {
    let failures = 0;
    const clock = fakeClock();
    const portal = await openVirtualPortal({
      offers: rawOffers(600),
      limit: 20,
      clock,
      intercept: (request, response) => pageOf(request) === 5 && failures++ < 3 && answer(response, 500, {}),
    });
    const window = await readOneWindow({ url: portal.url, clock });
    expect(portal.requests.filter(({ status }) => status === 429)).toHaveLength(0);
    expect(window.requests).toBe(portal.requests.length);
    expect(listPageIds(window)).toEqual(ids(18 * 15));
  });

  it("ends the window when others have used it up, without another request", async () => {
    const portal = await openVirtualPortal({ offers: rawOffers(600), limit: 3 });
    await Promise.all([1, 2].map(() => visit(portal.url)));
    const first = await readOneWindow(portal);
    expect(first).toMatchObject({ pages: [], requests: 1 });
    expect(portal.requests.filter(({ status }) => status === 429)).toHaveLength(0);
  });

  it("ends the window at a 429 and does not come back sooner than asked", async () => {
    const portal = await openVirtualPortal({ offers: rawOffers(600), limit: 1 });
    await visit(portal.url);
    await expect(readOneWindow(portal)).rejects.toBeInstanceOf(WindowBroken);
    expect(portal.requests.filter(({ status }) => status === 429)).toHaveLength(1);
  });

  it("is waited for in the middle of a window rather than lose the pages that were read", async () => {
    const clock = fakeClock();
    let visits = 0;
    const portal = await openVirtualPortal({
      offers: rawOffers(600),
      limit: 20,
      clock,
      intercept: async () => {
        if (visits++ === 5) await visit(portal.url);
        return false;
      },
    });
    const window = await readOneWindow({ url: portal.url, clock });
    expect(listPageIds(window)).toEqual(ids(18 * 15));
    expect(clock.sleptMs()).toBeGreaterThan(0);
  });

  it("must not be used up by the reserve", async () => {
    const portal = await openVirtualPortal({ offers: rawOffers(60), limit: 20 });
    const crawl = beginCrawl({ windowMs: 60_000, reserve: 20 });
    await expect(readOneWindow({ url: portal.url, crawl })).rejects.toMatchObject({
      code: "rate_reserve_too_large",
    });
  });
});

describe("a stored offer", () => {
  it("keeps every digit of a number in a field that the API documents as text", async () => {
    const offer = JSON.stringify(rawOffer())
      .replace('"2024-001"', "90071992547409931")
      .replace('"12.95"', "12.50");
    const url = await serve((_page, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(`{"data": [${offer}], "next_page_url": null}`);
    });
    const { pages } = await readOneWindow({ url });
    expect(pages[0]?.offers).toMatchObject([{ offerNumber: "90071992547409931", amount: "12.50" }]);
  });

  it("has no signature image, and no personal data without evidence", async () => {
    const personal = {
      acceptedViaIp: "192.0.2.7",
      acceptedViaUserAgent: "Firefox",
      acceptanceSignature: "data:image/png;base64,AAAA",
    };
    const portal = await openVirtualPortal({ offers: [rawOffer(personal)] });
    expect(JSON.stringify((await readOneWindow(portal)).pages)).not.toMatch(/base64|192\.0\.2\.7|Firefox/);
    expect(JSON.stringify((await readOneWindow({ url: portal.url, evidence: true })).pages)).toMatch(
      /192\.0\.2\.7.*Firefox/,
    );
  });
});

describe("the state that one window passes to the next", () => {
  it("has only the ids of offers, and no text of an offer without an id or with a long one", async () => {
    const nameless = { id: undefined, acceptedViaIp: "192.0.2.7", acceptedViaUserAgent: "Firefox" };
    const url = await serve((page, response) => {
      const data = page > 1 ? [] : [rawOffer(nameless), rawOffer({ id: "long".repeat(100) })];
      answer(response, 200, { data, next_page_url: null });
    });
    const { crawl, pages } = await readOneWindow({ url, evidence: true });
    expect(JSON.stringify(pages)).toContain("192.0.2.7");
    expect(JSON.stringify(crawl)).not.toMatch(/192\.0\.2\.7|Firefox|longlong/);
    expect(crawl.topIds).toHaveLength(2);
  });
});

function visit(url: string): Promise<Response> {
  return fetch(`${url}/customer-offers`, { headers: { authorization: `Bearer ${portalKey}` } });
}

function answer(response: PortalResponse, status: number, body: unknown): true {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  return true;
}

/** Opens a server that gives answers which the demo portal never gives. */
async function serve(
  handle: (page: number, response: PortalResponse, path: string) => unknown,
): Promise<string> {
  return serveVirtualAnswers((path, response) => {
    response.setHeader("x-ratelimit-limit", 100);
    response.setHeader("x-ratelimit-remaining", 99);
    handle(Number(new URL(path, "http://portal").searchParams.get("page")), response, path);
  });
}
