import { describe, expect, it } from "vitest";
import { openPortal } from "../../../functions/adapters/portal/portal-client.ts";
import { RetryableError } from "../../../functions/adapters/portal/portal-errors.ts";
import type { PortalRequest, PortalResponse } from "../../../local/portal/portal-server.ts";
import { sendHtml, sendJson, crawlWholeList } from "../../support/portal-crawl.ts";
import { rawOffer, rawOffers } from "../../support/offer-fixtures.ts";
import { fakeClock, listPageIds, portalKey } from "../../support/test-portal.ts";
import { openVirtualPortal, serveVirtualAnswers } from "../../support/virtual-stack.ts";

const pageOf = ({ url }: PortalRequest) => Number(new URL(url, "http://portal").searchParams.get("page"));
const ids = (count: number) => rawOffers(count).map((offer) => offer["id"]);

type Fail = (response: PortalResponse) => void;

const redirect: Fail = (response) =>
  response.writeHead(302, { location: "https://portal.example/login" }).end();

/**
 * Responses that a proxy or a firewall may give. Each has a title, a function that sends the response, and a part of
 * the error's text.
 */
const unexpected: [string, Fail, string][] = [
  ["200 with a web page", (response) => sendHtml(response, 200), "answered 200 with text/html"],
  [
    "200 with a refusal of the limit",
    (response) => sendJson(response, 200, { code: 429, message: "Too many requests." }),
    "429",
  ],
  [
    "200 with JSON of another shape",
    (response) => sendJson(response, 200, { status: "maintenance" }),
    "answered 200 with application/json",
  ],
  ["200 with a JSON text", (response) => sendJson(response, 200, "ok"), "answered 200 with application/json"],
  [
    "200 with plain text",
    (response) => response.writeHead(200, { "content-type": "text/plain" }).end("OK"),
    "answered 200 with text/plain",
  ],
  ["a redirect", redirect, "answered 302 with no content type"],
  ["403 with a web page", (response) => sendHtml(response, 403), "answered 403 with text/html"],
  [
    "403 with JSON of somebody else",
    (response) => sendJson(response, 403, { error: { reason: "blocked" } }),
    "answered 403 with application/json",
  ],
  [
    "403 with a message and no code",
    (response) => sendJson(response, 403, { message: "Forbidden" }),
    "answered 403 with application/json",
  ],
  ["401 with a web page", (response) => sendHtml(response, 401), "answered 401 with text/html"],
  ["409", (response) => sendJson(response, 409, { code: 409, message: "Conflict." }), "answered 409"],
  ["425", (response) => response.writeHead(425).end(), "answered 425 with no content type"],
];

/** All responses after which a crawl can still succeed: the unexpected responses, and some in the API's own format. */
const passing: [string, Fail][] = [
  ...unexpected.map(([title, fail]): [string, Fail] => [title, fail]),
  ["401", (response) => sendJson(response, 401, { code: 401, message: "Unauthenticated." })],
  ["403", (response) => sendJson(response, 403, { code: 403, message: "Forbidden." })],
  ["502 with a web page", (response) => sendHtml(response, 502)],
  ["408", (response) => response.writeHead(408).end()],
];

/**
 * Opens a portal that fails for one page while `isFailing` returns true. `nth` counts the requests for the page, from
 * 1.
 */
async function openFailing(fail: Fail, isFailing: (nth: number) => boolean, page = 3, limit = 100_000) {
  let visits = 0;
  const clock = fakeClock();
  const portal = await openVirtualPortal({
    offers: rawOffers(75),
    clock,
    limit,
    intercept(request, response) {
      if (pageOf(request) !== page || !isFailing((visits += 1))) return false;
      fail(response);
      return true;
    },
  });
  return { ...portal, clock };
}

describe("an unexpected response after good ones", () => {
  it.each(passing)("is retried when it comes once: %s", async (_title, fail) => {
    const { url, clock } = await openFailing(fail, (nth) => nth === 1);
    const { pages, crawl } = await crawlWholeList(url, clock);
    expect(listPageIds({ pages })).toEqual(ids(75));
    expect(crawl.doubts).toEqual([]);
    expect(clock.sleptMs()).toBeGreaterThanOrEqual(300);
  });

  it.each(passing)("loses no offer when it lasts a minute: %s", async (_title, fail) => {
    let clockOf = fakeClock();
    const { url, clock } = await openFailing(fail, () => clockOf.sleptMs() < 60_000);
    clockOf = clock;
    const { pages } = await crawlWholeList(url, clock);
    expect(listPageIds({ pages })).toEqual(ids(75));
  });

  it.each(passing)("loses no offer in a later window: %s", async (title, fail) => {
    // A 429 ends the current window of the rate limit, and the crawl gives up at the fifth such window.
    const times = title.includes("limit") ? 4 : 7;
    const { url, clock } = await openFailing(fail, (nth) => nth <= times, 5, 4);
    const { pages } = await crawlWholeList(url, clock);
    expect(listPageIds({ pages })).toEqual(ids(75));
  });

  it.each(unexpected.filter(([, , words]) => words !== "429"))(
    "that persists is reported with its symptoms and their number, and without advice about the key: %s",
    async (_title, fail, words) => {
      const { url, clock } = await openFailing(fail, () => true);
      const failure = await crawlWholeList(url, clock).catch((error: unknown) => error);
      expect(failure).toMatchObject({ kind: "portal" });
      expect(String(failure)).toContain(words);
      expect(String(failure)).toMatch(/ 5 times/);
      expect(String(failure)).toContain("4 windows before");
      expect(String(failure)).not.toMatch(/[Mm]ake a new|lacks the scope|PORTAL_API_KEY/);
      expect(clock.sleptMs()).toBeGreaterThanOrEqual((30 + 60 + 120 + 240) * 1000);
    },
  );

  it("that persists counts as a refusal when it has the API's error format", async () => {
    for (const [status, code] of [
      [401, "portal_key_refused"],
      [403, "portal_scope_missing"],
    ] as const) {
      const refuse: Fail = (response) => sendJson(response, status, { code: status, message: "No." });
      const { url, clock } = await openFailing(refuse, () => true);
      const failure = await crawlWholeList(url, clock).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code });
      expect(String(failure)).toContain(`answered ${status} with application/json 5 times`);
    }
  });

  it("is reported with all symptoms", async () => {
    const fails: Fail[] = [(response) => sendHtml(response, 502), (response) => sendHtml(response, 200)];
    let visits = 0;
    const { url, clock } = await openFailing(
      (response) => fails[(visits += 1) % 5 === 0 ? 0 : 1]?.(response),
      () => true,
    );
    await expect(crawlWholeList(url, clock)).rejects.toThrow(
      /200 with text\/html 4 times.*502 with text\/html/,
    );
  });

  it("with 429 in its body counts as a 429, and the crawl waits", async () => {
    const limited: Fail = (response) => sendJson(response, 200, { code: 429, message: "Too many requests." });
    const { url, clock } = await openFailing(limited, (nth) => nth <= 3);
    const { crawl } = await crawlWholeList(url, clock);
    expect(crawl.refusals).toBe(3);
    expect(clock.sleptMs()).toBeGreaterThan(5_000);
  });
});

describe("an unexpected response to the first request", () => {
  it.each([
    ["a web page", (response: PortalResponse) => sendHtml(response, 200)],
    ["403 with a web page", (response: PortalResponse) => sendHtml(response, 403)],
    ["409", (response: PortalResponse) => response.writeHead(409).end()],
  ])("is retried: %s", async (_title, fail) => {
    const { url, clock } = await openFailing(fail, (nth) => nth <= 2, 1);
    expect(listPageIds(await crawlWholeList(url, clock))).toEqual(ids(75));
  });

  it.each([
    [401, { code: 401, message: "Unauthenticated." }, "portal_key_refused"],
    [403, { code: 403, message: "Forbidden." }, "portal_scope_missing"],
    [404, { code: 404, message: "Not found." }, "portal_not_found"],
    [302, {}, "portal_not_api"],
    [403, { error: "blocked" }, "portal_not_api"],
    [400, { code: 400, message: "Bad." }, "portal_not_api"],
  ])("is final at once when it is conclusive: %i %j", async (status, body, code) => {
    let requests = 0;
    const url = serveVirtualAnswers((_path, response) => {
      requests += 1;
      sendJson(response, status, body);
    });
    await expect(crawlWholeList(url, fakeClock())).rejects.toMatchObject({ code });
    expect(requests).toBe(1);
  });
});

describe("beyond the end of a list", () => {
  it.each([400, 404, 405, 410, 416, 422, 451])("%i is the end", async (status) => {
    for (const body of ['{"code":1,"message":"No."}', "", "<h1>No</h1>"]) {
      const portal = await openVirtualPortal({
        offers: rawOffers(45),
        intercept: (request, response) =>
          pageOf(request) > 3 && Boolean(response.writeHead(status).end(body)),
      });
      expect(listPageIds(await crawlWholeList(portal.url, fakeClock()))).toEqual(ids(45));
    }
  });

  it("page 1 again is the end", async () => {
    const rows = rawOffers(45);
    const url = serveVirtualAnswers((path, response) => {
      const asked = Number(new URL(path, "http://portal").searchParams.get("page"));
      const page = asked > 3 ? 1 : asked;
      const next_page_url = page < 3 ? `http://portal/v1/customer-offers?page=${page + 1}` : null;
      const data = rows.slice((page - 1) * 15, page * 15);
      sendJson(response, 200, { current_page: page, data, next_page_url });
    });
    expect(listPageIds(await crawlWholeList(url, fakeClock()))).toEqual(ids(45));
  });

  it.each([401, 403, 408, 409, 425, 429, 500])("%i is not the end", async (status) => {
    const url = serveVirtualAnswers((_path, response) =>
      sendJson(response, status, { code: status, message: "" }),
    );
    const attempt = { now: Date.now, signal: new AbortController().signal };
    await expect(openPortal({ url, key: portalKey }).requestPage(2, attempt)).rejects.toBeInstanceOf(
      RetryableError,
    );
  });
});

describe("a single offer", () => {
  const attempt = { now: Date.now, signal: new AbortController().signal };
  const ask = async (answer: (response: PortalResponse) => unknown) =>
    openPortal({
      url: serveVirtualAnswers((_path, response) => answer(response)),
      key: portalKey,
    }).requestOffer("off_1", attempt);

  it.each([404, 410])(
    "is gone when the API responds with %i, and not when a web page does",
    async (status) => {
      const gone = await ask((response) =>
        sendJson(response, status, { code: status, message: "Not found." }),
      );
      expect(gone.value).toBeNull();
      await expect(ask((response) => sendHtml(response, status))).rejects.toMatchObject({
        code: "portal_not_api",
      });
    },
  );

  it("may be wrapped in `data`, and is never another offer", async () => {
    const offer = rawOffer({ id: "off_1" });
    expect((await ask((response) => sendJson(response, 200, { data: offer }))).value).toEqual(offer);
    await expect(ask((response) => sendJson(response, 200, rawOffer({ id: "off_2" })))).rejects.toMatchObject(
      {
        code: "portal_not_api",
      },
    );
  });
});

describe("a response's text", () => {
  const name = "Crêperie Loïs & Zoë €";
  const withoutEuro = "Crêperie Loïs & Zoë";
  it.each([
    ["application/json", Buffer.from(name), name],
    ["application/json; charset=utf-8", Buffer.from(name), name],
    ["application/json; charset=iso-8859-1", Buffer.from(withoutEuro, "latin1"), withoutEuro],
    ['application/json;charset="ISO-8859-1"; x=y', Buffer.from(withoutEuro, "latin1"), withoutEuro],
    [
      "application/json; charset=windows-1252",
      Buffer.concat([Buffer.from(withoutEuro, "latin1"), Buffer.from([0x20, 0x80])]),
      name,
    ],
    ["application/json; charset=no-such-charset", Buffer.from(name), name],
  ])("is decoded by the charset of %s", async (type, bytes, expected) => {
    const [head = "", tail = ""] = JSON.stringify({
      data: [rawOffer({ offerNumber: "#" })],
      next_page_url: null,
    }).split("#");
    const url = serveVirtualAnswers((_path, response) =>
      response
        .writeHead(200, { "content-type": type })
        .end(Buffer.concat([Buffer.from(head), bytes, Buffer.from(tail)])),
    );
    const { pages } = await crawlWholeList(url, fakeClock());
    expect(pages[0]?.offers).toMatchObject([{ offerNumber: expected }]);
  });

  it.each(["utf8", "utf16le"] as const)("is decoded by its byte order mark: %s", async (encoding) => {
    const text = `\uFEFF${JSON.stringify({ data: [rawOffer({ offerNumber: name })], next_page_url: null })}`;
    const url = serveVirtualAnswers((_path, response) =>
      response.writeHead(200, { "content-type": "application/json" }).end(Buffer.from(text, encoding)),
    );
    expect((await crawlWholeList(url, fakeClock())).pages[0]?.offers).toMatchObject([{ offerNumber: name }]);
  });
});
