import { describe, expect, it } from "vitest";
import * as z from "zod";
import { createFront } from "../../functions/api/front.ts";
import type { HttpHandler } from "../../functions/api/http-messages.ts";
import { openPageFiles } from "../../functions/api/page-route.ts";
import { createApi } from "../../functions/api/router.ts";
import { exportKey } from "../../functions/core/basics/bucket-keys.ts";
import { ExportError } from "../../functions/core/basics/errors.ts";
import { ExportState } from "../../functions/core/export/export-state.ts";
import { noPortalWebhookSecrets } from "../../functions/core/portal-webhooks/portal-webhook.ts";
import { sendRawRequest } from "../support/raw-request.ts";
import { captureOutput } from "../support/captured-output.ts";
import { readBucketObjects } from "../support/execution-replay.ts";
import { listErrorLines } from "../support/log-lines.ts";
import { rawOffers } from "../support/offer-fixtures.ts";
import { ageExports, changeShare, makeShare, postShare } from "../support/share-requests.ts";
import { onePageRequests } from "../support/test-portal.ts";
import { accessToken, buildTestPage, type TestStack } from "../support/test-stack.ts";
import { useWorld } from "../support/virtual-world.ts";
import { openVirtualPortal, openVirtualStack, serveVirtualUrl } from "../support/virtual-stack.ts";

const hour = 3_600_000;
const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
const authorized = { authorization: `Bearer ${accessToken}` };

/** Requests the URL with no other headers than these, and follows no redirect. */
function visit(url: string, headers: Record<string, string> = {}, method = "GET"): Promise<Response> {
  return fetch(url, { method, headers, redirect: "manual" });
}

async function readProblem(response: Response) {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  return z
    .looseObject({ status: z.number(), code: z.string(), detail: z.string() })
    .parse(await response.json());
}

/** Makes a permanent link. Its reports have no customers' names, because their lookup would need more requests. */
async function openShared(options: Record<string, unknown> = { format: "csv" }) {
  const portal = await openVirtualPortal({ offers: rawOffers(3) });
  const stack = await openVirtualStack(portal);
  return { portal, stack, share: await makeShare(stack, { customers: false, ...options }) };
}

/** Opens a second function URL for the same stack, with the handler that `change` returns. Returns the URL. */
async function openOtherFront(
  { app, workflow }: TestStack,
  change: (handler: HttpHandler) => HttpHandler = (handler) => handler,
  timeoutMs?: number,
): Promise<string> {
  const web = openPageFiles(await useWorld().hold(buildTestPage()));
  const loadApi = async () => createApi({ app, workflow, web });
  const handler = createFront({
    accessTokens: [accessToken],
    noticeSecrets: noPortalWebhookSecrets,
    web,
    loadApi,
  });
  return serveVirtualUrl(change(handler), timeoutMs);
}

/** Opens a portal that delays its answers until the test calls `open`. */
async function openSlowPortal() {
  let gate = Promise.withResolvers<boolean>();
  const portal = await openVirtualPortal({ offers: rawOffers(3), intercept: () => gate.promise });
  return { portal, open: () => gate.resolve(false), close: () => void (gate = Promise.withResolvers()) };
}

/** Requests a permanent link with `host` as the Host header. A test cannot set this header with `fetch`. */
async function postAs({ url }: TestStack, host: string): Promise<{ status: number; body: string }> {
  const headers = { ...authorized, "content-type": "application/json", host };
  const body = JSON.stringify({ name: "x", options: {} });
  const answer = await sendRawRequest(url, { method: "POST", path: "/shares", headers, body });
  return { status: answer.status, body: answer.body.toString() };
}

describe("POST /shares", () => {
  it("makes a permanent link to options, which are stored as they were given", async () => {
    const stack = await openVirtualStack(await openVirtualPortal({}));
    const options = { period: "this-month", language: "en" };
    const response = await postShare(stack, { name: "Monthly", options, expiresInDays: 30 });
    expect(response.status).toBe(201);
    const share = z.looseObject({ url: z.url(), createdAt: z.string() }).parse(await response.json());
    expect(share).toMatchObject({ name: "Monthly", options });
    expect(share["expiresAt"]).toBe(new Date(Date.parse(share.createdAt) + 30 * 24 * hour).toISOString());
    const { pathname } = new URL(share.url);
    expect(pathname).toMatch(/^\/s\/[\w-]{43}$/);
    expect(response.headers.get("location")).toBe(pathname);
    expect(share.url).toBe(new URL(pathname, response.url).href);
  });

  it("uses the function URL's own name, whatever Host the caller sends", async () => {
    const stack = await openVirtualStack(await openVirtualPortal({}));
    const domainName = "abc.lambda-url.eu-central-1.on.aws";
    const url = await openOtherFront(
      stack,
      (handler) =>
        ({ requestContext, ...event }, context) =>
          handler(
            {
              ...event,
              headers: { ...event.headers, "x-forwarded-proto": "https" },
              requestContext: { ...requestContext, domainName },
            },
            context,
          ),
    );
    const body = JSON.stringify({ name: "x", options: {} });
    const response = await fetch(new URL("shares", url), {
      method: "POST",
      headers: { ...authorized, "content-type": "application/json" },
      body,
    });
    expect(await response.json()).toMatchObject({ url: expect.stringMatching(`^https://${domainName}/s/`) });
  });

  it.each([
    "",
    "a b",
    "localhost/path",
    "user@localhost",
    "[",
    "localhost:99999",
    "b\u00fccher",
    "one,two",
    "[::1]x",
  ])("refuses an invalid Host, and stores no link: %j", async (host) => {
    const stack = await openVirtualStack(await openVirtualPortal({}));
    const { status, body } = await postAs(stack, host);
    expect(status).toBe(400);
    expect(JSON.parse(body)).toMatchObject({
      code: "invalid_parameters",
      errors: [{ parameter: "Host", detail: expect.any(String) }],
    });
    expect(await stack.app.bucket.listKeys("shares/")).toEqual([]);
  });

  it("accepts any valid Host", async () => {
    const stack = await openVirtualStack(await openVirtualPortal({}));
    for (const host of ["exports.example", "[::1]:8787", "my_stack:1"]) {
      const { status, body } = await postAs(stack, host);
      expect([status, JSON.parse(body)]).toEqual([
        201,
        expect.objectContaining({ url: expect.stringContaining(`http://${host}/s/`) }),
      ]);
    }
  });

  it("names every bad parameter", async () => {
    const stack = await openVirtualStack(await openVirtualPortal({}));
    const response = await postShare(stack, { options: { format: "pdf", maxAge: 60 }, days: 3 });
    expect(response.status).toBe(400);
    const { code, errors } = await readProblem(response);
    expect(code).toBe("invalid_parameters");
    expect(errors).toEqual([
      { parameter: "name", detail: expect.any(String) },
      { parameter: "options.format", detail: "must be xlsx or csv" },
      { parameter: "options.maxAge", detail: expect.stringContaining("3600 or more") },
      { parameter: "days", detail: "is not an option" },
    ]);
  });
});

describe("GET /shares and DELETE /shares/{id}", () => {
  it("list the links without their tokens, newest first, and revoke one for good", async () => {
    const { stack, share } = await openShared();
    await changeShare(stack, share.id, { createdAt: new Date(Date.now() - hour).toISOString() });
    const second = await makeShare(stack);
    const list = async () => await (await stack.ask("shares")).json();
    const { url: _, ...shown } = second;
    expect(await list()).toEqual({ shares: [shown, expect.objectContaining({ id: share.id })] });
    const remove = () => stack.ask(`shares/${second.id}`, { method: "DELETE", headers: authorized });
    expect((await visit(second.url)).status).toBe(302);
    expect((await remove()).status).toBe(204);
    expect((await visit(second.url)).status).toBe(404);
    expect((await remove()).status).toBe(404);
    expect(await list()).toEqual({ shares: [expect.objectContaining({ id: share.id })] });
    expect((await visit(share.url)).status).toBe(302);
  });

  it.each(["shares", "shares/x"])(
    "require the access token at /%s: a link's token does not count",
    async (path) => {
      const { stack, share } = await openShared();
      const token = share.url.split("/").at(-1);
      for (const method of ["GET", "POST", "DELETE"]) {
        const response = await stack.ask(path, { method, headers: { authorization: `Bearer ${token}` } });
        expect(response.status).toBe(401);
      }
    },
  );
});

describe("a permanent link", () => {
  it("gives the report of its options without an access token", async () => {
    const { stack, portal, share } = await openShared({ format: "csv", language: "en" });
    const response = await visit(share.url);
    expect(response.status).toBe(302);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const link = new URL(response.headers.get("location") ?? "");
    expect(link.searchParams.get("X-Amz-Expires")).toBe("60");
    const file = await fetch(link);
    expect(file.headers.get("content-disposition")).toMatch(/"offers-\d{4}-\d\d-\d\d-without-names\.csv"/);
    expect((await file.text()).trim().split("\n")).toHaveLength(4);
    const [key = ""] = await stack.app.bucket.listKeys("exports/");
    const state = await stack.app.bucket.readJson(key, ExportState);
    expect(response.headers.get("x-offers-snapshot-at")).toBe(state?.result?.snapshotAt);
    expect(portal.requests).toHaveLength(onePageRequests);
  });

  it("gives HEAD a link that is signed for HEAD", async () => {
    const { share } = await openShared();
    const response = await visit(share.url, {}, "HEAD");
    expect(response.status).toBe(302);
    const link = response.headers.get("location") ?? "";
    expect((await fetch(link, { method: "HEAD" })).status).toBe(200);
    expect((await fetch(link)).status).toBe(403);
  });

  it("starts nothing new for an hour, however often it is opened", async () => {
    const { stack, portal, share } = await openShared();
    await visit(share.url);
    await ageExports(stack, hour - 60_000);
    for (const method of ["GET", "HEAD", "GET"])
      expect((await visit(share.url, {}, method)).status).toBe(302);
    expect(portal.requests).toHaveLength(onePageRequests);
    await ageExports(stack, hour + 60_000);
    expect((await visit(share.url)).status).toBe(302);
    expect(portal.requests).toHaveLength(2 * onePageRequests);
  });

  it("makes a new report when the export was deleted", async () => {
    const { stack, share } = await openShared();
    await visit(share.url);
    const [key = ""] = await stack.app.bucket.listKeys("exports/");
    await stack.ask(key.replace(".json", ""), { method: "DELETE", headers: authorized });
    const response = await visit(share.url);
    expect((await fetch(response.headers.get("location") ?? "")).status).toBe(200);
  });

  it.each(["POST", "DELETE", "PUT", "PROPFIND"])("refuses %s", async (method) => {
    const { share } = await openShared();
    const response = await visit(share.url, {}, method);
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET, HEAD, OPTIONS");
  });

  it("answers a program that accepts JSON with the export", async () => {
    const { share } = await openShared();
    const response = await visit(share.url, { accept: "application/json" });
    expect(response.status).toBe(200);
    const { result } = z
      .object({ result: z.object({ file: z.object({ url: z.url(), urlExpiresAt: z.iso.datetime() }) }) })
      .parse(await response.json());
    expect(new URL(result.file.url).searchParams.get("X-Amz-Expires")).toBe("60");
    expect(Date.parse(result.file.urlExpiresAt)).toBeLessThanOrEqual(Date.now() + 60_000);
    expect((await fetch(result.file.url)).status).toBe(200);
  });
});

describe("an invalid permanent link", () => {
  /**
   * Visits the link as programs and browsers do. `others` lists the statuses that differ from the first answer's
   * status.
   */
  async function readRefusal(url: string) {
    const answers = await Promise.all(["*/*", "application/json"].map((accept) => visit(url, { accept })));
    const page = await visit(url, { accept: browser });
    const looked = await visit(url, {}, "HEAD");
    const [status = 0, ...others] = new Set([...answers, page, looked].map((answer) => answer.status));
    const codes = new Set((await Promise.all(answers.map(readProblem))).map(({ code }) => code));
    const headers = ["content-type", "cache-control"].map((name) => page.headers.get(name));
    return { status, others, codes: [...codes], page: headers };
  }

  const page = ["text/html; charset=utf-8", "no-store"];

  it.each(["x", "x".repeat(43), "..%2Fshares", "%00"])("is not found at /s/%s", async (token) => {
    const { share } = await openShared();
    const refusal = await readRefusal(new URL(token, share.url).href);
    expect(refusal).toEqual({ status: 404, others: [], codes: ["share_not_found"], page });
  });

  it("says that it has expired", async () => {
    const { stack, share } = await openShared();
    await changeShare(stack, share.id, { expiresAt: new Date(Date.now() - 1).toISOString() });
    const refusal = await readRefusal(share.url);
    expect(refusal).toEqual({ status: 410, others: [], codes: ["share_expired"], page });
    expect(await stack.app.bucket.listKeys("exports/")).toEqual([]);
  });
});

describe("a report that takes longer than the visitor waits", () => {
  async function openSlow(options: Record<string, unknown> = { format: "csv" }) {
    const { portal, ...gate } = await openSlowPortal();
    const stack = await openVirtualStack(portal);
    return { ...gate, portal, stack, share: await makeShare(stack, options) };
  }

  const hurried = { prefer: "wait=0" };

  it("answers a program with the time to come back", async () => {
    const { share, open } = await openSlow();
    const response = await visit(share.url, hurried);
    expect(response.status).toBe(503);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThanOrEqual(5);
    expect(await readProblem(response)).toMatchObject({ code: "share_not_ready" });
    open();
    expect((await visit(share.url)).status).toBe(302);
  });

  it("does not wait longer than the function may run", async () => {
    const { stack, share, open } = await openSlow();
    const url = await openOtherFront(stack, undefined, 2_500);
    expect((await visit(new URL(new URL(share.url).pathname, url).href)).status).toBe(503);
    open();
  });

  it("answers JSON with its progress and the link's own address", async () => {
    const { share, open } = await openSlow();
    const response = await visit(share.url, { accept: "application/json", prefer: "respond-async" });
    expect(response.status).toBe(202);
    expect(response.headers.get("location")).toBe(new URL(share.url).pathname);
    expect(response.headers.get("retry-after")).toBe("2");
    expect(await response.json()).toMatchObject({ result: null, progress: { pages: 0 } });
    open();
  });

  it("is shown to a browser by the page, which no cache keeps", async () => {
    const { share, open } = await openSlow();
    const response = await visit(share.url, { accept: browser, ...hurried });
    expect(response.status).toBe(202);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("etag")).toBeNull();
    open();
    expect((await visit(share.url, { accept: browser, prefer: "wait=20" })).status).toBe(302);
  });

  /** Opens a permanent link. Its last report is `ageMs` old, and the portal has stopped answering. */
  async function openLater(ageMs: number) {
    const slow = await openSlow();
    slow.open();
    const first = await visit(slow.share.url);
    slow.close();
    await ageExports(slow.stack, ageMs);
    return { ...slow, first };
  }

  it("gives programs the last complete report of at most a day, and its age", async () => {
    const { stack, share, open } = await openLater(23 * hour);
    const response = await visit(share.url, hurried);
    expect(response.status).toBe(302);
    expect(await (await fetch(response.headers.get("location") ?? "")).text()).toContain("2024-");
    const age = Date.now() - Date.parse(response.headers.get("x-offers-snapshot-at") ?? "");
    expect(Math.round(age / hour)).toBe(23);
    expect((await visit(share.url, { accept: browser, ...hurried })).status).toBe(202);
    const json = await visit(share.url, { accept: "application/json", ...hurried });
    expect(json.status).toBe(202);
    expect(await stack.app.bucket.listKeys("exports/")).toHaveLength(2);
    open();
  });

  it("gives a report that was made without the link, at the link's first visit", async () => {
    const { stack, open, close } = await openSlow();
    open();
    expect((await stack.ask("export?format=csv&customers=false")).status).toBe(200);
    close();
    await ageExports(stack, 2 * hour);
    const { url } = await makeShare(stack, { format: "csv", customers: false });
    expect((await visit(url, hurried)).status).toBe(302);
    open();
  });

  it("gives no report that is older than a day", async () => {
    const { share, open } = await openLater(25 * hour);
    expect((await visit(share.url, hurried)).status).toBe(503);
    open();
  });
});

describe("a report that cannot be made", () => {
  /** Opens a portal. It refuses the key after the test calls `breakPortal`, and accepts the key again after `mend`. */
  async function openBroken() {
    let isBroken = false;
    const portal = await openVirtualPortal({
      offers: rawOffers(3),
      intercept: (_request, response) => isBroken && Boolean(response.writeHead(401).end()),
    });
    const stack = await openVirtualStack(portal);
    const share = await makeShare(stack, { format: "csv" });
    return { portal, stack, share, breakPortal: () => (isBroken = true), mend: () => (isBroken = false) };
  }

  it("answers with the reason, and a browser with the page", async () => {
    const { share, breakPortal } = await openBroken();
    breakPortal();
    for (const accept of ["*/*", "application/json"]) {
      const response = await visit(share.url, { accept });
      expect(response.status).toBe(502);
      expect(await readProblem(response)).toMatchObject({ code: "portal_key_refused" });
    }
    const page = await visit(share.url, { accept: browser });
    expect([page.status, page.headers.get("content-type")]).toEqual([502, "text/html; charset=utf-8"]);
  });

  it("is tried again after five minutes, not at every visit", async () => {
    const { stack, portal, share, breakPortal, mend } = await openBroken();
    breakPortal();
    for (let visits = 0; visits < 3; visits += 1) expect((await visit(share.url)).status).toBe(502);
    expect(portal.requests).toHaveLength(1);
    mend();
    const [key = ""] = await stack.app.bucket.listKeys("exports/");
    const finishedAt = new Date(Date.now() - 300_000).toISOString();
    await stack.app.bucket.update(key, ExportState, (state) => ({
      after: state && { ...state, finishedAt },
      answer: null,
    }));
    expect((await visit(share.url)).status).toBe(302);
  });

  it("gives programs and browsers the last complete report of at most a day", async () => {
    const { stack, share, breakPortal } = await openBroken();
    await visit(share.url);
    breakPortal();
    await ageExports(stack, 2 * hour);
    for (const accept of ["*/*", browser]) {
      const response = await visit(share.url, { accept });
      expect(response.status).toBe(302);
      expect((await fetch(response.headers.get("location") ?? "")).status).toBe(200);
    }
    expect((await visit(share.url, { accept: "application/json" })).status).toBe(502);
  });

  it("gives that report also when the workflow cannot start, and logs the failure", async () => {
    const output = captureOutput();
    const { stack, share } = await openBroken();
    await visit(share.url);
    await ageExports(stack, 2 * hour);
    const failure = new ExportError("workflow", "workflow_failed", "The workflow did not start.");
    const workflow = { start: () => Promise.reject(failure) };
    const url = await openOtherFront({ ...stack, workflow });
    const here = new URL(new URL(share.url).pathname, url).href;
    for (const accept of ["*/*", browser]) expect((await visit(here, { accept })).status).toBe(302);
    expect(listErrorLines(output())).toHaveLength(2);
    expect((await visit(here, { accept: "application/json" })).status).toBe(502);
  });
});

it("leaves the token of a link in no log, no object and no answer to another request", async () => {
  const output = captureOutput();
  const { stack, share } = await openShared();
  const token = share.url.split("/").at(-1) ?? "";
  const answers = [await visit(share.url), await visit(share.url, {}, "DELETE"), await stack.ask("shares")];
  await stack.app.bucket.writeBytes(exportKey("x"), "{", { contentType: "" });
  await stack.app.bucket.writeBytes(`shares/${share.id}.json`, "{", { contentType: "" });
  answers.push(await visit(share.url), await visit(share.url, { accept: "application/json" }));
  expect(answers.map(({ status }) => status)).toEqual([302, 405, 200, 500, 500]);
  const bodies = await Promise.all(
    answers.map(async (answer) => [...answer.headers, await answer.text()].join()),
  );
  const kept = [...(await readBucketObjects(stack.app.bucket))].map(
    ([key, bytes]) => `${key} ${Buffer.from(bytes).toString()}`,
  );
  expect(output()).toContain("SyntaxError");
  expect([output(), ...bodies, ...kept].join("\n")).not.toContain(token);
});
