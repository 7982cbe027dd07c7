import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { hashOptions, hashPortal } from "../../functions/adapters/bucket/key-hashes.ts";
import { readRegistry } from "../../functions/app/snapshot/snapshot-store.ts";
import { checkClaimKey, optionsClaimKey } from "../../functions/core/basics/bucket-keys.ts";
import { CheckAnswer, StoredCheck } from "../../functions/core/check/setup-check.ts";
import { parseQuery } from "../../functions/core/options/export-request.ts";
import type { PortalOptions } from "../../local/portal/portal-server.ts";
import { openConditionProxy } from "../support/condition-proxy.ts";
import { eventually, spyOnStderr } from "../support/captured-output.ts";
import { rawOffers } from "../support/offer-fixtures.ts";
import { openTestPortal, portalKey } from "../support/test-portal.ts";
import { accessToken, openTestStack, type TestStack } from "../support/test-stack.ts";
import { openProxy } from "../support/unreliable-servers.ts";
import { openVirtualBucket, openVirtualPortal, openVirtualStack } from "../support/virtual-stack.ts";

async function check({ ask }: TestStack): Promise<CheckAnswer> {
  const response = await ask("check");
  expect(response.status).toBe(200);
  const text = await response.text();
  expect(text).not.toContain(portalKey);
  return CheckAnswer.parse(JSON.parse(text));
}

/** Maps the name of each check to the check's status and code. */
function sum({ checks }: CheckAnswer): Record<string, string> {
  return Object.fromEntries(checks.map(({ name, status, code }) => [name, `${status} ${code}`]));
}

const good = {
  key: "ok key_accepted",
  offers: "ok offers_readable",
  customers: "ok customers_readable",
  rateLimit: "ok rate_known",
  bucket: "ok bucket_writable",
  timeZone: "ok time_zone_known",
};

async function openScoped(scopes: PortalOptions["keys"][string]) {
  const portal = await openVirtualPortal({ scopes, limit: 60 });
  return { portal, stack: await openVirtualStack(portal) };
}

function mute() {
  const stderr = spyOnStderr();
  onTestFinished(() => stderr.mockRestore());
  return stderr;
}

describe("GET /check", () => {
  it("says that everything works and what the rate limit is, with two requests to the portal", async () => {
    const portal = await openVirtualPortal({ offers: rawOffers(40), limit: 60 });
    const stack = await openVirtualStack(portal, { REPORT_TIMEZONE: "Pacific/Kiritimati" });
    const answer = await check(stack);
    expect(answer.ok).toBe(true);
    expect(sum(answer)).toEqual(good);
    expect(answer.rate).toEqual({
      perWindow: 60,
      windowSeconds: 60,
      reserve: 0,
      remaining: 58,
      waitingUntil: null,
      pages: null,
      crawlSeconds: null,
    });
    const kiritimatiMs = Date.parse(answer.checkedAt) + 14 * 3_600_000;
    expect(answer.calendar).toMatchObject({
      timeZone: "Pacific/Kiritimati",
      today: new Date(kiritimatiMs).toISOString().slice(0, 10),
    });
    expect(portal.requests.map(({ path }) => path)).toEqual([
      "/v1/customer-offers?page=1",
      "/v1/customers?page=1",
    ]);
    const { limit } = await readRegistry(stack.app);
    expect(limit).toMatchObject({ perWindow: 60, inFlight: 0, told: { remaining: 58 } });
    expect(limit?.answeredMs).toHaveLength(2);
  });

  it("estimates how long a crawl with the last one's number of pages takes", async () => {
    const portal = await openVirtualPortal({ offers: rawOffers(1_500), limit: 100_000 });
    const stack = await openVirtualStack(portal);
    expect((await stack.ask("export")).status).toBe(200);
    const { rate } = await check(stack);
    expect(rate).toMatchObject({ pages: 100, crawlSeconds: 0 });
  });

  it("estimates that a crawl waits for the next window when too few requests are left in this one", async () => {
    const portal = await openVirtualPortal({ offers: rawOffers(600), limit: 60 });
    const stack = await openVirtualStack(portal);
    expect((await stack.ask("export")).status).toBe(200);
    const { rate } = await check(stack);
    expect(rate?.pages).toBe(40);
    expect(rate?.remaining).toBeLessThan(40);
    expect(rate?.crawlSeconds).toBeGreaterThan(30);
    expect(rate?.crawlSeconds).toBeLessThanOrEqual(60);
  });

  it("asks the portal at most once a minute, however often it is called", async () => {
    const portal = await openVirtualPortal({});
    const stack = await openVirtualStack(portal);
    const first = await Promise.all(Array.from({ length: 8 }, () => check(stack)));
    expect(portal.requests).toHaveLength(2);
    const verdicts = new Set(first.map((answer) => sum(answer)["key"]));
    expect(verdicts.has("ok key_accepted")).toBe(true);
    for (const verdict of verdicts) expect(["ok key_accepted", "skipped check_running"]).toContain(verdict);
    const again = await check(stack);
    expect(await check(stack)).toEqual(again);
    expect(sum(again)).toEqual(good);
    expect(portal.requests).toHaveLength(2);
    const key = checkClaimKey(hashPortal(stack.app.config));
    const memory = await stack.app.bucket.readJson(key, StoredCheck);
    await stack.app.bucket.writeJson(key, { ...memory, until: new Date().toISOString() });
    expect((await check(stack)).checkedAt).not.toBe(again.checkedAt);
    expect(portal.requests).toHaveLength(4);
  });

  it("says what to do about a key that the portal refuses, with one request", async () => {
    const portal = await openVirtualPortal({});
    const answer = await check(await openVirtualStack(portal, { PORTAL_API_KEY: "another-key" }));
    expect(answer.ok).toBe(false);
    expect(sum(answer)).toEqual({
      ...good,
      key: "failed portal_key_refused",
      offers: "skipped key_needed",
      customers: "skipped key_needed",
      rateLimit: "skipped key_needed",
    });
    expect(answer.checks[0]).toMatchObject({
      detail: "The portal does not accept the API key (401).",
      remedy: expect.stringMatching(/^Make a new one in the portal .*PORTAL_API_KEY/),
    });
    expect(JSON.stringify(answer)).not.toContain("another-key");
    expect(portal.requests).toHaveLength(1);
  });

  it("warns of a key that may not read customers", async () => {
    const { stack } = await openScoped(["offers.read"]);
    const answer = await check(stack);
    expect(answer.ok).toBe(true);
    expect(sum(answer)).toEqual({ ...good, customers: "warning portal_scope_missing" });
    expect(answer.checks[2]?.detail).toContain("customers.read");
    expect(answer.rate).toMatchObject({ remaining: 58 });
  });

  it("fails a key that may not read offers, and still learns the limit", async () => {
    const { stack } = await openScoped(["customers.read"]);
    const answer = await check(stack);
    expect(answer.ok).toBe(false);
    expect(sum(answer)).toEqual({ ...good, offers: "failed portal_scope_missing" });
  });

  it("says until when the rate limit is used up, and does not try again", async () => {
    const portal = await openVirtualPortal({ limit: 1 });
    const stack = await openVirtualStack(portal);
    await fetch(`${portal.url}/customers`, { headers: { authorization: `Bearer ${portalKey}` } });
    const answer = await check(stack);
    const unknown = "skipped rate_used_up";
    expect(sum(answer)).toEqual({
      ...good,
      key: unknown,
      offers: unknown,
      customers: unknown,
      rateLimit: "warning rate_used_up",
    });
    expect(Date.parse(answer.rate?.waitingUntil ?? "")).toBeGreaterThan(Date.now());
    expect(portal.requests).toHaveLength(2);
    expect(sum(await check(stack))).toEqual(sum(answer));
    expect(portal.requests).toHaveLength(2);
  });

  it("sends no more requests than the rate limit has left", async () => {
    const portal = await openVirtualPortal({ limit: 1 });
    const answer = await check(await openVirtualStack(portal));
    expect(sum(answer)).toEqual({
      ...good,
      customers: "skipped rate_used_up",
    });
    expect(portal.requests).toHaveLength(1);
  });

  it("fails when the reserve leaves no requests", async () => {
    const portal = await openVirtualPortal({ limit: 60 });
    const answer = await check(await openVirtualStack(portal, { PORTAL_RATE_RESERVE: "60" }));
    expect(sum(answer)).toMatchObject({ key: good.key, rateLimit: "failed rate_reserve_too_large" });
    expect(answer.checks[3]?.remedy).toBe("Lower it.");
  });

  it("warns when the portal states no rate limit", async () => {
    const portal = await openVirtualPortal({
      intercept: (_request, response) => {
        response.removeHeader("x-ratelimit-limit");
        return false;
      },
    });
    const answer = await check(await openVirtualStack(portal));
    expect(sum(answer)).toMatchObject({ offers: good.offers, rateLimit: "warning rate_unknown" });
    expect(answer.rate).toBeNull();
  });

  it("says that the portal is down", async () => {
    const portal = await openVirtualPortal({});
    const stack = await openVirtualStack(portal);
    await portal.stop();
    const answer = await check(stack);
    expect(sum(answer)).toMatchObject({ key: "failed portal_unavailable", offers: "skipped key_needed" });
    expect(answer.checks[0]?.detail).toContain(`nobody listens at ${new URL(portal.url).host}`);
    expect(answer.checks[0]?.remedy).toContain("PORTAL_API_URL");
  });

  it.each([
    ["https://no-such-host.invalid/v1", /no-such-host\.invalid (is not known|could not be looked up)/],
    ["http://127.0.0.1:1/v1", /the port of 127\.0\.0\.1:1 is one that web requests may not use/],
  ])("says why nothing answers at %s, and which host that is", async (url, words) => {
    const answer = await check(await openTestStack({ url }));
    expect(sum(answer)).toMatchObject({ key: "failed portal_unavailable" });
    expect(answer.checks[0]?.detail).toMatch(words);
    expect(answer.checks[0]?.remedy).toContain("PORTAL_API_URL");
  });

  it("says that an https address answers in plain http", async () => {
    const portal = await openTestPortal({});
    const url = portal.url.replace("http:", "https:");
    const { checks } = await check(await openTestStack({ url }));
    expect(checks[0]).toMatchObject({ status: "failed", code: "portal_unavailable" });
    expect(checks[0]?.detail).toContain("http is spoken where https is asked");
    expect(checks[0]?.remedy).toContain("https://");
  });

  it.each([
    ["0", "0"],
    ["0", "60"],
    ["3", "59"],
  ])("ignores the rate headers of a limit of %s with %s left", async (perWindow, remaining) => {
    const portal = await openVirtualPortal({
      intercept: (_request, response) => {
        response.setHeader("x-ratelimit-limit", perWindow);
        response.setHeader("x-ratelimit-remaining", remaining);
        return false;
      },
    });
    const answer = await check(await openVirtualStack(portal));
    expect(JSON.stringify(answer.checks)).not.toContain("PORTAL_RATE_RESERVE");
    expect(sum(answer)).toMatchObject({ key: good.key, rateLimit: "warning rate_unknown" });
  });

  it("does not mistake a web page with 401 or 403 for a refusal of the key", async () => {
    for (const status of [401, 403]) {
      const portal = await openVirtualPortal({
        intercept: (_request, response) =>
          Boolean(response.writeHead(status, { "content-type": "text/html" }).end("<h1>Blocked</h1>")),
      });
      const { checks } = await check(await openVirtualStack(portal));
      expect(checks[0]).toMatchObject({ status: "failed", code: "portal_not_api" });
      expect(checks[0]?.detail).toContain(`answered ${status} with text/html`);
    }
  });

  it("does not wait for a portal that is silent", async () => {
    const hold = Promise.withResolvers<boolean>();
    const portal = await openVirtualPortal({ intercept: () => hold.promise });
    expect(sum(await check(await openVirtualStack(portal)))).toMatchObject({
      key: "failed portal_unavailable",
    });
    hold.resolve(false);
  });

  it("says that something else answers at the portal's address", async () => {
    const portal = await openVirtualPortal({
      intercept: (_request, response) => {
        response.writeHead(200, { "content-type": "text/html" }).end("<h1>Welcome</h1>");
        return true;
      },
    });
    const answer = await check(await openVirtualStack(portal));
    expect(sum(answer)).toMatchObject({ key: "failed portal_not_api", customers: "skipped key_needed" });
    expect(answer.checks[0]?.remedy).toContain("PORTAL_API_URL");
  });

  it("warns when the portal's clock shows another time", async () => {
    const portal = await openVirtualPortal({
      intercept: (_request, response) => {
        response.setHeader("date", new Date(Date.now() - 3_600_000).toUTCString());
        return false;
      },
    });
    const answer = await check(await openVirtualStack(portal));
    expect(sum(answer)).toEqual({ ...good, timeZone: "warning clock_differs" });
    expect(answer.calendar.portalAheadSeconds).toBeLessThan(-3_590);
    expect(answer.checks[5]?.detail).toMatch(/36\d\d seconds behind/);
  });
});

describe("GET /check without its bucket", () => {
  const unasked = {
    key: "skipped bucket_needed",
    offers: "skipped bucket_needed",
    customers: "skipped bucket_needed",
    rateLimit: "skipped bucket_needed",
    bucket: "failed storage_failed",
    timeZone: good.timeZone,
  };

  it("says that there is no bucket, logs it, and sends nothing to the portal", async () => {
    const stderr = mute();
    const portal = await openVirtualPortal({});
    const answer = await check(await openVirtualStack(portal, { REPORT_BUCKET: "no-such-bucket" }));
    expect(answer.ok).toBe(false);
    expect(sum(answer)).toEqual(unasked);
    expect(answer.checks[4]).toMatchObject({
      detail: expect.stringContaining("NoSuchBucket"),
      remedy: expect.stringContaining("check that the bucket exists"),
    });
    expect(portal.requests).toEqual([]);
    expect(String(stderr.mock.calls)).toContain("caused by NoSuchBucket");
  });

  it("says that the bucket refuses writes", async () => {
    mute();
    const portal = await openVirtualPortal({});
    const answer = await check(await openVirtualStack(portal, await openReadOnly()));
    expect(sum(answer)).toEqual(unasked);
    expect(answer.checks[4]?.detail).toContain("AccessDenied");
    expect(portal.requests).toEqual([]);
  });
});

describe("GET /check of a storage that ignores the conditions of writes", () => {
  const unasked = {
    key: "skipped bucket_needed",
    offers: "skipped bucket_needed",
    customers: "skipped bucket_needed",
    rateLimit: "skipped bucket_needed",
    timeZone: good.timeZone,
  };

  it.each([
    { habits: { "if-match": "ignore" }, bucket: "failed condition_ignored", header: "If-Match" },
    { habits: { "if-none-match": "ignore" }, bucket: "failed condition_ignored", header: "If-None-Match" },
    {
      habits: { "if-match": "ignore", "if-none-match": "ignore" },
      bucket: "failed condition_ignored",
      header: "If-Match",
    },
    { habits: { "if-match": "refuse" }, bucket: "failed condition_refused", header: "If-Match" },
    { habits: { "if-none-match": "refuse" }, bucket: "failed condition_refused", header: "If-None-Match" },
    { habits: { "if-match": "reject" }, bucket: "failed condition_refused", header: "If-Match" },
    { habits: { "if-none-match": "reject" }, bucket: "failed condition_refused", header: "If-None-Match" },
    {
      habits: { "if-match": "reject", "if-none-match": "reject" },
      bucket: "failed condition_refused",
      header: "If-None-Match",
    },
  ] as const)("says so each time it is asked: $habits", async ({ habits, bucket, header }) => {
    mute();
    const portal = await openVirtualPortal({});
    const { settings, writes } = await openConditionProxy(await openVirtualBucket(), habits);
    const stack = await openVirtualStack(portal, settings);
    for (let round = 0; round < 3; round += 1) {
      const before = writes.length;
      const answer = await check(stack);
      expect(answer.ok).toBe(false);
      expect(sum(answer)).toEqual({ ...unasked, bucket });
      expect(answer.checks[4]?.detail).toContain(`whose ${header} `);
      expect(answer.checks[4]?.remedy).toContain("conditional writes");
      expect(writes.length - before).toBeLessThan(20);
    }
    expect(portal.requests).toEqual([]);
  });

  it("notices a storage that starts to ignore them between two checks", async () => {
    mute();
    const portal = await openVirtualPortal({});
    const habits: Parameters<typeof openConditionProxy>[1] = {};
    const { settings } = await openConditionProxy(await openVirtualBucket(), habits);
    const stack = await openVirtualStack(portal, settings);
    expect(sum(await check(stack))).toEqual(good);
    for (const habit of ["refuse", "ignore", "reject"] as const) {
      await forgetCheck(stack);
      habits["if-match"] = habit;
      const bucket = habit === "ignore" ? "failed condition_ignored" : "failed condition_refused";
      expect(sum(await check(stack))).toEqual({ ...unasked, bucket });
    }
    delete habits["if-match"];
    await forgetCheck(stack);
    expect(sum(await check(stack))).toEqual(good);
  });

  it("writes six times to a storage that works, and not again within a minute", async () => {
    const { settings, writes } = await openConditionProxy(await openVirtualBucket(), {});
    const stack = await openVirtualStack(await openVirtualPortal({}), settings);
    await check(stack);
    await forgetCheck(stack);
    const before = writes.length;
    expect(sum(await check(stack))).toEqual(good);
    // The six writes: one claims this minute for the check, three find out whether conditional writes work, one
    // stores the portal's rate limit, and one stores the check's answer.
    expect(writes.length - before).toBe(6);
    await check(stack);
    expect(writes.length - before).toBe(6);
  });

  it("makes an export fail instead of trying for ever when no condition holds", async () => {
    mute();
    const portal = await openVirtualPortal({});
    for (const header of ["if-match", "if-none-match"] as const) {
      const { settings } = await openConditionProxy(await openVirtualBucket(), { [header]: "refuse" });
      const stack = await openVirtualStack(portal, settings);
      await stack.app.bucket.writeJson(optionsKeyOf(stack), { id: "", completeId: null });
      const response = await stack.ask("export");
      expect(response.status).toBe(502);
      expect(await response.json()).toMatchObject({ code: "storage_failed" });
    }
  });
});

/** Ends the claim of the check, which otherwise lasts a minute. */
async function forgetCheck({ app }: TestStack): Promise<void> {
  const key = checkClaimKey(hashPortal(app.config));
  const memory = await app.bucket.readJson(key, StoredCheck);
  await app.bucket.writeJson(key, { ...memory, until: new Date().toISOString() });
}

function optionsKeyOf({ app }: TestStack): string {
  const { options } = parseQuery(new URLSearchParams(), app.calendar.dayOf(Date.now()));
  return optionsClaimKey(hashOptions(app.config, options));
}

/** Opens a bucket that refuses every write. Returns the settings to use the bucket. */
async function openReadOnly(): Promise<Record<string, string>> {
  const { name, endpoint, credentials } = await openVirtualBucket();
  return {
    S3_ENDPOINT: await openProxy(endpoint ?? "", ({ method }) => (method === "PUT" ? "forbid" : "pass")),
    REPORT_BUCKET: name,
    AWS_ACCESS_KEY_ID: credentials?.accessKeyId ?? "",
    AWS_SECRET_ACCESS_KEY: credentials?.secretAccessKey ?? "",
  };
}

describe("GET /check while an export reads the portal", () => {
  const busy = { ...good, customers: "skipped portal_busy" };

  it("sends no request and reports what the crawl has learnt", async () => {
    const portal = await openVirtualPortal({ offers: rawOffers(4_000), limit: 60 });
    const stack = await openVirtualStack(portal);
    const { id } = await begin(stack);
    await eventually(async () =>
      expect((await readRegistry(stack.app)).lease?.progress.pages).toBeGreaterThan(0),
    );
    const requests = portal.requests.length;
    const answer = await check(stack);
    expect(sum(answer)).toEqual(busy);
    expect(answer.rate).toMatchObject({ perWindow: 60, remaining: 0 });
    expect(portal.requests).toHaveLength(requests);
    await stack.ask(`exports/${id}`, { method: "DELETE" });
  });

  it("says that the key is unknown until the crawl has read a page, and checks again each time", async () => {
    const hold = Promise.withResolvers<boolean>();
    const portal = await openVirtualPortal({ intercept: () => hold.promise });
    const stack = await openVirtualStack(portal);
    const { id } = await begin(stack);
    await eventually(() => expect(portal.requests).toHaveLength(1));
    expect(sum(await check(stack))).toMatchObject({
      key: "skipped portal_busy",
      offers: "skipped portal_busy",
    });
    expect(portal.requests).toHaveLength(1);
    hold.resolve(false);
    await stack.runner.finish(id);
    expect(sum(await check(stack))).toEqual(good);
  });
});

async function begin({ ask }: TestStack) {
  const headers = { authorization: `Bearer ${accessToken}`, prefer: "respond-async" };
  return z.object({ id: z.string() }).parse(await (await ask("export", { headers })).json());
}
