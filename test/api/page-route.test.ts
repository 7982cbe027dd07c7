import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { noPortalWebhookSecrets } from "../../functions/core/portal-webhooks/portal-webhook.ts";
import { createFront } from "../../functions/api/front.ts";
import { openPageFiles } from "../../functions/api/page-route.ts";
import { startFunctionUrl } from "../../local/function-url/url-server.ts";
import { sendRawRequest } from "../support/raw-request.ts";
import { buildTestPage } from "../support/test-stack.ts";

const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";

/**
 * Opens a function URL that serves the page. A request that loads the API fails, because the page must not need the
 * API.
 */
async function openPageFront() {
  const folder = await buildTestPage();
  const loadApi = () => Promise.reject(new Error("the page wants no API"));
  const handler = createFront({
    accessTokens: ["a-token-of-the-tests"],
    noticeSecrets: noPortalWebhookSecrets,
    web: openPageFiles(folder),
    loadApi,
  });
  const front = await startFunctionUrl({ port: 0, handler, functionName: "http" });
  onTestFinished(() => front.stop());
  const ask = (path: string, headers: Record<string, string> = {}) =>
    sendRawRequest(`${front.url}${path}`, { headers: { accept: browser, ...headers } });
  return { folder, ask };
}

describe("the page", () => {
  it("names its script and style, which exist and may be cached for ever", async () => {
    const { ask } = await openPageFront();
    const { body } = await ask("");
    const paths = body.toString().match(/\/assets\/[\w.-]+/g) ?? [];
    expect(paths).toEqual([
      expect.stringMatching(/^\/assets\/page-\w+\.css$/),
      expect.stringMatching(/^\/assets\/main-\w+\.js$/),
    ]);
    const types = ["text/css; charset=utf-8", "text/javascript; charset=utf-8"];
    for (const [index, path] of paths.entries()) {
      const asset = await ask(path.slice(1), { accept: "*/*" });
      expect(asset.status).toBe(200);
      expect(asset.headers).toMatchObject({
        "content-type": types[index],
        "cache-control": "public, max-age=31536000, immutable",
        vary: "accept-encoding",
      });
    }
  });

  it.each(["", "export?format=csv", "exports", "exports/x", "exports/x/file"])(
    "is what a browser without a token gets at /%s",
    async (path) => {
      const { ask } = await openPageFront();
      const page = await ask(path);
      expect(page.status).toBe(200);
      expect(page.headers).toMatchObject({
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-cache",
        vary: "accept, accept-encoding",
      });
      expect(page.body.toString()).toMatch(/^<!doctype html>/);
    },
  );

  it("is a 404 for a browser at an unknown path, and is not cached then", async () => {
    const { ask } = await openPageFront();
    const { status, headers, body } = await ask("nowhere");
    expect([status, headers["cache-control"], headers.etag]).toEqual([404, "no-store", undefined]);
    expect(body.toString()).toMatch(/^<!doctype html>/);
  });

  it("is not sent again to a browser that has it", async () => {
    const { ask } = await openPageFront();
    const { etag = "" } = (await ask("")).headers;
    expect(etag).toMatch(/^"[\w-]{43}"$/);
    for (const tags of [etag, `"other", ${etag}`, `W/${etag}`, "*"]) {
      const again = await ask("", { "if-none-match": tags });
      expect(again).toMatchObject({ status: 304, body: Buffer.alloc(0) });
      expect(again.headers).toMatchObject({ etag, "cache-control": "no-cache" });
    }
    expect((await ask("", { "if-none-match": '"other"' })).status).toBe(200);
  });

  it("is compressed as well as the client accepts, with an ETag for each encoding", async () => {
    const { ask } = await openPageFront();
    const plain = await ask("");
    const small = await ask("", { "accept-encoding": "gzip, deflate, br" });
    const zipped = await ask("", { "accept-encoding": "gzip;q=0.5, br;q=0" });
    expect([plain, small, zipped].map(({ headers }) => headers["content-encoding"])).toEqual([
      undefined,
      "br",
      "gzip",
    ]);
    expect(brotliDecompressSync(small.body)).toEqual(plain.body);
    expect(gunzipSync(zipped.body)).toEqual(plain.body);
    expect(new Set([plain, small, zipped].map(({ headers }) => headers.etag)).size).toBe(3);
  });

  it("is under 100 KB with its script and style, compressed", async () => {
    const { folder } = await openPageFront();
    for (const suffix of ["br", "gz"]) {
      const names = (await readdir(folder)).filter((name) => name.endsWith(`.${suffix}`));
      const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
      expect(names).toHaveLength(3);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(100_000);
    }
  });

  it("has no inline script or style, which its policy would refuse", async () => {
    const { folder } = await openPageFront();
    const document = await readFile(join(folder, "index.html"), "utf8");
    expect(document).not.toMatch(/<style|<script(?![^>]* src="\/assets\/)|\son\w+=|\sstyle=|https?:/i);
  });
});

describe("an asset", () => {
  it.each([
    "assets/main-AAAAAAAA.js",
    "assets/index.html",
    "assets/..%2Findex.html",
    "assets/",
    "assets/x.js",
  ])("is not found at /%s", async (path) => {
    const { ask } = await openPageFront();
    const { status, headers } = await ask(path);
    expect([status, headers["content-type"]]).toEqual([404, "application/problem+json"]);
  });
});
