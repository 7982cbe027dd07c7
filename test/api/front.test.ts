import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { createApi } from "../../functions/api/router.ts";
import { ExportError } from "../../functions/core/basics/errors.ts";
import { noPortalWebhookSecrets } from "../../functions/core/portal-webhooks/portal-webhook.ts";
import { createFront } from "../../functions/api/front.ts";
import { openPageFiles } from "../../functions/api/page-route.ts";
import { captureOutput } from "../support/captured-output.ts";
import { sendRawRequest } from "../support/raw-request.ts";
import type { RawRequest, RawResponse } from "../support/virtual-network.ts";
import { accessToken } from "../support/test-stack.ts";
import { openVirtualPortal, openVirtualStack, serveVirtualUrl } from "../support/virtual-stack.ts";

const authorization = `Bearer ${accessToken}`;
const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
const json = "application/json";

const safety = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": expect.stringContaining("geolocation=()"),
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=63072000",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};
const closed = "default-src 'none'; frame-ancestors 'none'";
const pagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
  "require-trusted-types-for 'script'; trusted-types 'none'";

async function openStack() {
  const stack = await openVirtualStack(await openVirtualPortal({}));
  const send = (path: string, options: RawRequest = {}) =>
    sendRawRequest(stack.url, { path: `/${path}`, headers: { authorization }, ...options });
  return { ...stack, send };
}

function post(body: string | Buffer, headers: Record<string, string> = {}) {
  return { method: "POST", headers: { authorization, "content-type": json, ...headers }, body };
}

function read({ body }: RawResponse): unknown {
  return JSON.parse(body.toString());
}

/** Returns the code of the problem in the response; undefined when the response has no code. */
function codeOf(response: RawResponse): string | undefined {
  return z.object({ code: z.string().optional() }).parse(read(response)).code;
}

describe("a caller without the access token", () => {
  it("is refused before anything is loaded or read, with the same answer for every wrong token", async () => {
    const loadApi = () => Promise.reject(new Error("a refusal loads no API"));
    const handler = createFront({
      accessTokens: [accessToken],
      noticeSecrets: noPortalWebhookSecrets,
      web: openPageFiles("nowhere"),
      loadApi,
    });
    const front = { url: serveVirtualUrl(handler) };
    const attempts = [
      { path: "/exports/x", headers: {} },
      { path: "/exports", method: "POST", headers: { "content-type": json }, body: "{".repeat(100_000) },
      { path: "/", headers: { authorization: `${authorization}x`, accept: browser } },
      { path: "/nowhere", method: "DELETE", headers: { authorization: "Basic eDp5", accept: browser } },
      { path: "/export", method: "OPTIONS", headers: { authorization: `Bearer ${"x".repeat(8_000)}` } },
    ];
    for (const attempt of attempts) {
      const response = await sendRawRequest(front.url, attempt);
      expect(response.status).toBe(401);
      expect(response.headers).toMatchObject({ ...safety, "www-authenticate": "Bearer" });
      expect(read(response)).toEqual({
        type: "about:blank",
        title: "Unauthorized",
        status: 401,
        code: "unauthorized",
        detail: "Send the access token in the header `Authorization: Bearer <access token>`.",
        requestId: response.headers["x-amzn-requestid"],
      });
    }
  });
});

it("loads the API again after loading has failed", async () => {
  captureOutput();
  const { app, workflow } = await openVirtualStack(await openVirtualPortal({}));
  const web = openPageFiles("nowhere");
  let loads = 0;
  const loadApi = async () => {
    loads += 1;
    if (loads === 1) throw new ExportError("storage", "storage_failed", "The storage is away.");
    return createApi({ app, workflow, web });
  };
  const handler = createFront({
    accessTokens: [accessToken],
    noticeSecrets: noPortalWebhookSecrets,
    web,
    loadApi,
  });
  const front = { url: serveVirtualUrl(handler) };
  const ask = async () => (await sendRawRequest(front.url, { path: "/", headers: { authorization } })).status;
  expect([await ask(), await ask(), await ask()]).toEqual([502, 200, 200]);
  expect(loads).toBe(2);
});

describe("the answer to a request", () => {
  it.each([
    ["a browser", { accept: browser }, "text/html; charset=utf-8"],
    ["a browser with the token", { accept: browser, authorization }, json],
    [
      "a program that would take a page",
      { accept: "application/json, text/html;q=0.5", authorization },
      json,
    ],
    ["a program that takes anything", { accept: "*/*", authorization }, json],
    ["a program that says nothing", { authorization }, json],
  ])("by %s", async (_, headers, type) => {
    const { send } = await openStack();
    const response = await send("exports", { headers });
    expect([response.status, response.headers["content-type"]]).toEqual([200, type]);
  });
});

describe("HEAD", () => {
  it("answers as GET does, without its body", async () => {
    const { send, app } = await openStack();
    const { id } = z.object({ id: z.string() }).parse(read(await send("export")));
    const paths = [
      "",
      "export?format=pdf",
      "exports",
      `exports/${id}`,
      "exports/x",
      `exports/${id}/file`,
      "nowhere",
    ];
    for (const path of paths) {
      const [get, head] = [
        await send(path),
        await send(path, { method: "HEAD", headers: { authorization } }),
      ];
      const { date: _, "x-amzn-requestid": __, location: ___, ...expected } = get.headers;
      expect(head).toMatchObject({ status: get.status, headers: expected, body: Buffer.alloc(0) });
    }
    expect(await app.bucket.listKeys("exports/")).toHaveLength(1);
  });

  it("is redirected to a link of its own where GET is redirected", async () => {
    const { send } = await openStack();
    for (const [method, other] of [
      ["GET", "HEAD"],
      ["HEAD", "GET"],
    ] as const) {
      const { status, headers } = await send("export?redirect=true", { method, headers: { authorization } });
      expect(status).toBe(302);
      expect((await fetch(headers.location ?? "", { method })).status).toBe(200);
      expect((await fetch(headers.location ?? "", { method: other })).status).toBe(403);
    }
  });

  it("of the page has the page's ETag and length", async () => {
    const { send } = await openStack();
    const headers = { accept: browser, "accept-encoding": "br" };
    const [get, head] = [await send("", { headers }), await send("", { method: "HEAD", headers })];
    expect(head).toMatchObject({ status: 200, body: Buffer.alloc(0) });
    for (const name of ["etag", "content-length", "content-encoding"])
      expect(head.headers[name]).toBe(get.headers[name]);
  });
});

describe("OPTIONS", () => {
  it.each([
    ["", "GET, HEAD, OPTIONS"],
    ["export?x=1", "GET, HEAD, OPTIONS"],
    ["exports", "GET, HEAD, POST, OPTIONS"],
    ["exports/x", "GET, HEAD, DELETE, OPTIONS"],
    ["exports/x/", "GET, HEAD, DELETE, OPTIONS"],
    ["exports/x/file", "GET, HEAD, OPTIONS"],
  ])("of /%s lists the methods, and allows no other site", async (path, allow) => {
    const { send } = await openStack();
    const origin = "https://other.example";
    const headers = { authorization, origin, "access-control-request-method": "GET" };
    const response = await send(path, { method: "OPTIONS", headers });
    expect(response).toMatchObject({ status: 204, headers: { allow }, body: Buffer.alloc(0) });
    expect(Object.keys(response.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
  });

  it("of an unknown route is 404", async () => {
    const { send } = await openStack();
    expect((await send("nowhere", { method: "OPTIONS" })).status).toBe(404);
  });
});

describe("a body", () => {
  it.each([
    ["of 64 KB", `{"format":"csv"${" ".repeat(65_520)}}`, {}, 202],
    ["of a byte more", `{"format":"csv"${" ".repeat(65_521)}}`, {}, 413, "body_too_large"],
    [
      "of as much in another type",
      Buffer.alloc(65_537),
      { "content-type": "image/png" },
      413,
      "body_too_large",
    ],
    ["with its charset", "{}", { "content-type": "Application/JSON ; charset=utf-8" }, 202],
    [
      "of a form",
      "format=csv",
      { "content-type": "application/x-www-form-urlencoded" },
      415,
      "unsupported_media_type",
    ],
    ["of two types", "{}", { "content-type": "application/json, text/plain" }, 415, "unsupported_media_type"],
    ["of text", "{}", { "content-type": "text/plain" }, 415, "unsupported_media_type"],
    ["of nothing", "", {}, 202],
    ["of a byte order mark and JSON", "\uFEFF{}", {}, 202],
    ["that is no object", '"csv"', {}, 400, "invalid_parameters"],
    ["that is null", "null", {}, 400, "invalid_parameters"],
    ["that is compressed", Buffer.from([31, 139, 8]), { "content-encoding": "gzip" }, 400, "invalid_json"],
    ["that pollutes", '{"__proto__":{"format":"csv"}}', {}, 400, "invalid_parameters"],
    ["that constructs", '{"constructor":{"prototype":{"format":"csv"}}}', {}, 400, "invalid_parameters"],
    ["nested deeply", `{"status":${"[".repeat(30_000)}${"]".repeat(30_000)}}`, {}, 400, "invalid_parameters"],
  ])("%s", async (_, body, headers, status, code?: string) => {
    const { send } = await openStack();
    const response = await send("exports", post(body, headers));
    expect([response.status, codeOf(response)]).toEqual([status, code]);
  });

  it.each([
    ["JSON", Buffer.from('{"format":"csv"}'), 202],
    ["no UTF-8", Buffer.from([123, 34, 255, 34, 58, 49, 125]), 400, "invalid_json"],
  ])("without a content type counts as JSON: %s", async (_, body, status, code?: string) => {
    const { send } = await openStack();
    const response = await send("exports", { method: "POST", headers: { authorization }, body });
    expect([response.status, codeOf(response)]).toEqual([status, code]);
  });

  it("that contains a name twice: the last value counts", async () => {
    const { send } = await openStack();
    const response = await send("exports", post('{"format":"csv","format":"xlsx"}'));
    expect(read(response)).toMatchObject({ options: { format: "xlsx" } });
  });
});

describe("a query", () => {
  it.each([
    ["format=%zz", "format"],
    ["format=%ff%fe", "format"],
    ["asOf=2024-01-01&asOf=2024-01-02", "asOf"],
    ["maxAge=1&maxAge=1", "maxAge"],
    ["__proto__=csv", "__proto__"],
    ["constructor=csv&toString=1", "constructor"],
    ["__proto__[format]=csv", "__proto__?format?"],
    ["%3Cb%3Ebold=1", "?b?bold"],
    [`${"x".repeat(5_000)}=1`, "x".repeat(100)],
    ["period=2024&issuedFrom=2024-01-01", "period"],
  ])("of %s is refused by its name", async (query, parameter) => {
    const { send } = await openStack();
    const response = await send(`export?${query}`);
    expect(read(response)).toMatchObject({
      status: 400,
      code: "invalid_parameters",
      errors: expect.arrayContaining([expect.objectContaining({ parameter })]),
    });
  });
});

const word = "canary";
const markup = `"'><${word}>`;

/** Texts that have a special meaning for some program, and random texts. */
const hostile = fc.oneof(
  fc.constantFrom(
    markup,
    encodeURIComponent(markup),
    "%",
    "%00",
    "%ff",
    "%2e%2e%2f",
    "../..",
    "__proto__",
    "constructor",
    "{{7*7}}",
    "%0d%0aset-cookie:x=1",
    "x".repeat(2_000),
  ),
  fc.string({ unit: "grapheme", maxLength: 20 }).map(encodeURIComponent),
  fc.string({ maxLength: 20 }).map((text) => text.replaceAll(/[^\x21-\x7e]/g, "")),
);

const options = ["format", "status", "asOf", "maxAge", "redirect", "period"];
const hostileQuery = fc
  .array(fc.tuple(fc.oneof(fc.constantFrom(...options), hostile), hostile), { maxLength: 4 })
  .map((pairs) => pairs.map((pair) => pair.join("=")).join("&"));
const routes = [
  "",
  "export",
  "exports",
  "exports/x",
  "exports/zzzzzzzzz-000000000000-000000000000/file",
  "assets",
];
const hostilePath = fc
  .tuple(fc.constantFrom(...routes), fc.array(hostile, { maxLength: 2 }))
  .map((parts) => parts.flat().join("/").replaceAll("?", ""));

const hostileHeader = fc.oneof(
  hostile,
  fc.constantFrom(
    browser,
    json,
    "*/*",
    "br",
    "wait=0",
    "respond-async",
    "*",
    ";q=",
    ",,,",
    "text/html;q=9e9",
  ),
);
const hostileHeaders = fc.dictionary(
  fc.constantFrom(
    "accept",
    "accept-encoding",
    "accept-language",
    "content-type",
    "content-encoding",
    "cookie",
    "idempotency-key",
    "if-none-match",
    "origin",
    "prefer",
    "range",
    "x-forwarded-for",
    "x-http-method-override",
  ),
  hostileHeader,
);
const hostileToken = fc.oneof(
  { weight: 8, arbitrary: fc.constant(authorization) },
  { weight: 2, arbitrary: fc.constant(undefined) },
  hostile,
  hostile.map((text) => `Bearer ${text}`),
);

const hostileBody = fc.oneof(
  fc.constantFrom(
    "",
    "{",
    "[]",
    "null",
    `{"__proto__":{"format":"csv"}}`,
    "[".repeat(50_000),
    "x".repeat(70_000),
  ),
  fc.json(),
  hostile.map((text) => JSON.stringify({ [text]: text, format: text, status: [text], asOf: text })),
  fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
);
const methods = ["GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "PATCH", "PROPFIND"];
const hostileRequest = fc
  .record({
    line: fc.oneof(
      fc.constant({ method: "POST", path: "exports" }),
      hostileQuery.map((query) => ({ method: "GET", path: `export?${query}` })),
      fc.record({ method: fc.constantFrom(...methods), path: hostilePath }),
    ),
    token: hostileToken,
    headers: hostileHeaders,
    body: hostileBody,
  })
  .map(({ line: { method, path }, token, headers, body }) => ({
    method,
    path: `/${path}`,
    headers: {
      prefer: "wait=0",
      "content-type": json,
      ...headers,
      ...(token !== undefined && { authorization: token }),
    },
    body,
  }));

function isProblem(response: RawResponse, method: string): boolean {
  const { status, headers } = response;
  const isTyped = headers["content-type"] === "application/problem+json";
  return (
    isTyped &&
    (method === "HEAD" || z.object({ status: z.literal(status) }).safeParse(read(response)).success)
  );
}

describe("whatever a stranger sends", () => {
  it("is answered safely, with a problem when it is refused, and is never echoed", async () => {
    const { url } = await openStack();
    await fc.assert(
      fc.asyncProperty(hostileRequest, async (given) => {
        const response = await sendRawRequest(url, given);
        const { status, headers: answered } = response;
        expect(status).toBeLessThan(500);
        expect(answered).toMatchObject(safety);
        const isPage = answered["content-type"]?.startsWith("text/html") === true || status === 304;
        expect(answered["content-security-policy"]).toBe(isPage ? pagePolicy : closed);
        const isFine = status < 400 || (isPage && status === 404);
        expect(isFine || isProblem(response, given.method)).toBe(true);
        expect(response.body.toString()).not.toContain(`<${word}`);
        expect(JSON.stringify(answered)).not.toContain(word);
        expect(answered["set-cookie"]).toBe(undefined);
      }),
      { numRuns: 300 },
    );
  });
});
