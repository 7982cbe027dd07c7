import { setTimeout } from "node:timers/promises";
import { Ajv } from "ajv";
import { afterEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { makeDemo } from "../../../local/portal/demo-data.ts";
import { portalSchema } from "../../../local/portal/portal-schema.ts";
import { startPortal, type Portal, type PortalOptions } from "../../../local/portal/portal-server.ts";

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
const demo = makeDemo({ today: "2026-11-22" });
const keys = { all: ["offers.read", "customers.read"], offersOnly: ["offers.read"] } as const;
const startMs = Date.UTC(2026, 10, 22, 9);

let portal: Portal;
afterEach(() => portal.stop());

function makeClock() {
  const clock = {
    nowMs: startMs,
    now: () => clock.nowMs,
    sleep: (ms: number) => {
      clock.nowMs += ms;
      return Promise.resolve();
    },
  };
  return clock;
}

async function start(options: Partial<PortalOptions> = {}): Promise<void> {
  portal = await startPortal({ keys, limit: 1000, clock: makeClock(), ...demo, ...options });
}

function call(path: string, key: string | null = "all", method = "GET"): Promise<Response> {
  const headers = key === null ? {} : { authorization: `Bearer ${key}` };
  return fetch(portal.url + path, { method, headers });
}

async function read(path: string, key?: string | null): Promise<Record<string, unknown>> {
  const response = await call(path, key);
  return z.record(z.string(), z.unknown()).parse(await response.json());
}

function listErrors(name: keyof typeof portalSchema, body: unknown): unknown {
  const validate = ajv.compile(portalSchema[name]);
  return validate(body) ? [] : validate.errors;
}

function listIds(page: Record<string, unknown>): string[] {
  const { data } = z.object({ data: z.array(z.object({ id: z.string() })) }).parse(page);
  return data.map(({ id }) => id);
}

function few(count: number): { id: string }[] {
  return Array.from({ length: count }, (_, index) => ({ id: `off_${index + 1}` }));
}

describe("the demo portal's answers", () => {
  it.each([
    ["/customer-offers", "offerPage", demo.offers, 24],
    ["/customers", "customerPage", demo.customers, 4],
  ] as const)(
    "fit the schema on every page of %s, which hold everything in order",
    async (path, name, all, last) => {
      await start();
      const ids: string[] = [];
      let page = 1;
      for (;;) {
        const body = await read(`${path}?page=${page}`);
        expect(listErrors(name, body)).toEqual([]);
        ids.push(...listIds(body));
        if (body["next_page_url"] === null) break;
        page += 1;
      }
      expect(page).toBe(last);
      expect(ids).toEqual(all.map(({ id }) => id));
    },
  );

  it("fit the schema on an empty page", async () => {
    await start();
    expect(listErrors("offerPage", await read("/customer-offers?page=99"))).toEqual([]);
  });

  it("give one offer as it stands in the list", async () => {
    await start();
    const [offer] = demo.offers;
    const body = await read(`/customer-offers/${offer?.id}`);
    expect(listErrors("offer", body)).toEqual([]);
    expect(body).toEqual(offer);
  });

  it("give one customer as it stands in the list", async () => {
    await start();
    const [customer] = demo.customers;
    const body = await read(`/customers/${customer?.id}`);
    expect(listErrors("customer", body)).toEqual([]);
    expect(body).toEqual(customer);
  });

  it.each([
    "/customer-offers/off_000000000000000",
    "/customers/cst_000000000000000",
    "/agreements",
    "/customer-offers/off_1/extra",
    "",
    "/../v2/customer-offers",
  ])("are a 404 in JSON for %s", async (path) => {
    await start();
    const response = await call(path);
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(listErrors("missing", await response.json())).toEqual([]);
  });

  it.each(["POST", "PUT", "DELETE"])("are a 404 for %s", async (method) => {
    await start();
    const response = await call("/customer-offers", "all", method);
    expect(response.status).toBe(404);
    expect(listErrors("missing", await response.json())).toEqual([]);
  });
});

describe("the demo portal's schema", () => {
  it.each([
    ["offer", { ...demo.offers[0], amount: 12.5 }],
    ["offer", { ...demo.offers[0], issuedAt: "22-11-2026" }],
    ["offer", { ...demo.offers[0], status: "open" }],
    ["offer", { ...demo.offers[0], acceptedAt: undefined }],
    ["customer", { ...demo.customers[0], id: "off_abc12345def678a" }],
    ["throttled", { code: 429, message: "Slow down." }],
    ["missing", { code: 401, message: "Not found." }],
    ["offerPage", { data: [] }],
  ] as const)("refuses an invalid %s", (name, body) => {
    expect(ajv.compile(portalSchema[name])(structuredClone(JSON.parse(JSON.stringify(body))))).toBe(false);
  });
});

describe("pagination", () => {
  it("writes Laravel's envelope, with the documented comma behind the next page", async () => {
    await start({ offers: few(40) });
    const path = `${portal.url}/customer-offers`;
    expect(await read("/customer-offers?page=2")).toEqual({
      current_page: 2,
      data: few(40).slice(15, 30),
      first_page_url: `${path}?page=1`,
      from: 16,
      next_page_url: `${path}?page=3,`,
      path,
      per_page: 15,
      prev_page_url: `${path}?page=1`,
      to: 30,
    });
  });

  it("has nothing before the first page and nothing after the last", async () => {
    await start({ offers: few(40) });
    expect(await read("/customer-offers")).toMatchObject({
      current_page: 1,
      prev_page_url: null,
      from: 1,
      to: 15,
    });
    expect(await read("/customer-offers?page=3")).toMatchObject({ next_page_url: null, from: 31, to: 40 });
  });

  it("ends with a full page when the offers fill it", async () => {
    await start({ offers: few(30) });
    expect(await read("/customer-offers?page=2")).toMatchObject({ next_page_url: null, from: 16, to: 30 });
  });

  it("gives an empty page beyond the last", async () => {
    await start({ offers: few(40) });
    expect(await read("/customer-offers?page=9")).toMatchObject({
      current_page: 9,
      data: [],
      from: null,
      next_page_url: null,
      prev_page_url: `${portal.url}/customer-offers?page=8`,
      to: null,
    });
  });

  it("gives an empty first page when there are no offers", async () => {
    await start({ offers: [] });
    const empty = { data: [], from: null, to: null, next_page_url: null, prev_page_url: null };
    expect(await read("/customer-offers")).toMatchObject(empty);
  });

  it.each([
    "page=abc",
    "page=0",
    "page=-2",
    "page=2,",
    "page=1.5",
    "page=02",
    "page=",
    "page=99999999999999999999",
  ])("takes ?%s for page 1, as Laravel does", async (query) => {
    await start({ offers: few(40) });
    expect(await read(`/customer-offers?${query}`)).toMatchObject({ current_page: 1, from: 1 });
  });

  it("takes the last of several page numbers", async () => {
    await start({ offers: few(40) });
    expect(await read("/customer-offers?page=1&page=3")).toMatchObject({ current_page: 3, from: 31 });
  });

  it("pages by another size and without the comma when told to", async () => {
    await start({ offers: few(5), pageSize: 2, nextPageSuffix: "" });
    const next_page_url = `${portal.url}/customer-offers?page=3`;
    expect(await read("/customer-offers?page=2")).toMatchObject({
      per_page: 2,
      from: 3,
      to: 4,
      next_page_url,
    });
  });

  it("shows offers inserted, removed and replaced since", async () => {
    await start({ offers: few(4), pageSize: 2 });
    portal.offers.insert({ id: "off_new" }, 0);
    expect(listIds(await read("/customer-offers?page=1"))).toEqual(["off_new", "off_1"]);
    expect(listIds(await read("/customer-offers?page=2"))).toEqual(["off_2", "off_3"]);
    portal.offers.remove("off_new");
    portal.offers.remove("off_1");
    expect(listIds(await read("/customer-offers?page=1"))).toEqual(["off_2", "off_3"]);
    portal.offers.replace({ id: "off_3", amount: "1.00" });
    expect(await read("/customer-offers/off_3")).toEqual({ id: "off_3", amount: "1.00" });
    expect((await call("/customer-offers/off_1")).status).toBe(404);
    expect(() => portal.offers.remove("off_1")).toThrow("off_1");
  });
});

describe("authentication", () => {
  it.each([null, "wrong", "constructor", ""])("answers 401 to the key %j", async (key) => {
    await start();
    const response = await call("/customer-offers", key);
    expect(response.status).toBe(401);
    expect(listErrors("unauthorized", await response.json())).toEqual([]);
    expect(response.headers.has("x-ratelimit-limit")).toBe(false);
  });

  it("requires the key as a bearer token", async () => {
    await start();
    const statuses = ["all", "Basic all", "bearer all"].map(async (authorization) => {
      const response = await fetch(`${portal.url}/customer-offers`, { headers: { authorization } });
      return response.status;
    });
    expect(await Promise.all(statuses)).toEqual([401, 401, 200]);
  });

  it("answers 403 to a key without the scope, to lists and to single ones", async () => {
    await start();
    for (const path of ["/customers", `/customers/${demo.customers[0]?.id}`]) {
      const response = await call(path, "offersOnly");
      expect(response.status).toBe(403);
      expect(listErrors("forbidden", await response.json())).toEqual([]);
    }
    expect((await call("/customer-offers", "offersOnly")).status).toBe(200);
  });
});

describe("the rate limit", () => {
  const names = ["x-ratelimit-limit", "x-ratelimit-remaining", "retry-after", "x-ratelimit-reset"];

  async function readLimit(path = "/customer-offers", key = "all"): Promise<unknown[]> {
    const response = await call(path, key);
    await response.arrayBuffer();
    return [response.status, ...names.map((name) => response.headers.get(name))];
  }

  it("is 60 requests in a fixed minute by default", async () => {
    const clock = makeClock();
    portal = await startPortal({ keys, clock });
    await readLimit();
    clock.nowMs += 20_000;
    for (let n = 1; n < 60; n += 1) await readLimit();
    expect(await readLimit()).toEqual([429, "60", "0", "40", String(startMs / 1000 + 60)]);
    expect(portal.requests.map(({ status }) => status)).toEqual([...Array<number>(60).fill(200), 429]);
    clock.nowMs += 40_000;
    expect(await readLimit()).toEqual([200, "60", "59", null, null]);
  });

  it("states the remaining requests in every answer, and the time to retry only in a 429", async () => {
    const clock = makeClock();
    await start({ clock, limit: 3 });
    expect(await readLimit()).toEqual([200, "3", "2", null, null]);
    expect(await readLimit("/nowhere")).toEqual([404, "3", "1", null, null]);
    expect(await readLimit("/customer-offers/off_1")).toEqual([404, "3", "0", null, null]);
    clock.nowMs += 19_500;
    expect(await readLimit()).toEqual([429, "3", "0", "41", String(startMs / 1000 + 60)]);
  });

  it("counts a 403 too", async () => {
    await start({ limit: 2 });
    expect(await readLimit("/customers", "offersOnly")).toEqual([403, "2", "1", null, null]);
  });

  it("is reported in the documented body", async () => {
    await start({ limit: 1 });
    await read("/customer-offers");
    const body = await read("/customer-offers");
    expect(body).toEqual({ code: 429, message: "Too many requests." });
    expect(listErrors("throttled", body)).toEqual([]);
  });

  it("counts the requests of each key separately", async () => {
    await start({ limit: 1 });
    await readLimit();
    expect(await readLimit("/customer-offers", "offersOnly")).toEqual([200, "1", "0", null, null]);
  });

  it.each([
    ["fixed", [200, 200, 429, 200, 200]],
    ["rolling", [200, 200, 429, 200, 429]],
  ] as const)("opens again as a %s window does", async (limiter, expected) => {
    const clock = makeClock();
    await start({ clock, limiter, limit: 2, windowMs: 10_000 });
    const statuses = [];
    for (const atMs of [0, 6000, 9999, 10_000, 10_001]) {
      clock.nowMs = startMs + atMs;
      statuses.push((await readLimit())[0]);
    }
    expect(statuses).toEqual(expected);
  });

  it("allows a request after the time in Retry-After", async () => {
    const clock = makeClock();
    await start({ clock, limit: 1 });
    await readLimit();
    clock.nowMs += 1;
    const [, , , retryAfter] = await readLimit();
    await clock.sleep(Number(retryAfter) * 1000);
    expect((await readLimit())[0]).toBe(200);
  });
});

describe("the log of requests", () => {
  it("holds what was asked and answered, and no key", async () => {
    const clock = makeClock();
    await start({ clock, limit: 1 });
    await read("/customer-offers?page=2");
    clock.nowMs += 1500;
    await read("/customers");
    await read("/customers", "wrong");
    expect(portal.requests).toEqual([
      { method: "GET", path: "/v1/customer-offers?page=2", atMs: startMs, status: 200, remaining: 0 },
      { method: "GET", path: "/v1/customers", atMs: startMs + 1500, status: 429, remaining: 0 },
      { method: "GET", path: "/v1/customers", atMs: startMs + 1500, status: 401, remaining: null },
    ]);
  });

  it("shows that an answer takes the latency on the portal's own clock", async () => {
    await start({ latencyMs: 250 });
    await read("/customer-offers");
    await read("/customer-offers");
    expect(portal.requests.map(({ atMs }) => atMs)).toEqual([startMs, startMs + 250]);
  });
});

describe("an intercepted request", () => {
  it("gets the hook's answer, with the limit's headers, and counts", async () => {
    await start({
      limit: 3,
      intercept: ({ n }, response) => {
        if (n !== 2) return false;
        response.writeHead(500).end("<h1>Server Error</h1>");
        return true;
      },
    });
    await read("/customer-offers");
    const broken = await call("/customer-offers?page=2");
    expect([broken.status, await broken.text()]).toEqual([500, "<h1>Server Error</h1>"]);
    expect(broken.headers.get("x-ratelimit-remaining")).toBe("1");
    expect(listErrors("offerPage", await read("/customer-offers?page=2"))).toEqual([]);
    expect((await call("/customer-offers")).status).toBe(429);
    expect(portal.requests.map(({ status }) => status)).toEqual([200, 500, 200, 429]);
  });

  it("is described to the hook by method, URL and number", async () => {
    const seen: unknown[] = [];
    await start({
      intercept: (request) => {
        seen.push(request);
        return Promise.resolve(false);
      },
    });
    await read("/customers", "wrong");
    await read("/customers?page=3");
    expect(seen).toEqual([{ method: "GET", url: "/v1/customers?page=3", n: 2 }]);
  });

  it("can be cut before its head and is logged without a status", async () => {
    await start({
      limit: 1,
      intercept: (_request, response) => {
        response.destroy();
        return true;
      },
    });
    await expect(call("/customer-offers")).rejects.toThrow("fetch failed");
    expect(portal.requests).toMatchObject([{ status: null, remaining: 0 }]);
    expect((await call("/customer-offers")).status).toBe(429);
  });

  it("can be cut halfway through its body", async () => {
    await start({
      intercept: async (_request, response) => {
        response.writeHead(200, { "Content-Length": 1000 });
        response.write('{"current_page":1,');
        await setTimeout(20);
        response.destroy();
        return true;
      },
    });
    const response = await call("/customer-offers");
    await expect(response.text()).rejects.toThrow("terminated");
    expect(portal.requests).toMatchObject([{ status: 200 }]);
  });

  it("is logged with its status while its body stalls", async () => {
    await start({
      intercept: (_request, response) => {
        response.writeHead(200).write("{");
        return true;
      },
    });
    await call("/customer-offers");
    expect(portal.requests).toMatchObject([{ status: 200 }]);
  });

  it("is logged with its status when the hook answers later", async () => {
    const logged = Promise.withResolvers<void>();
    await start({
      intercept: (_request, response) => {
        response.on("close", logged.resolve);
        setImmediate(() => response.writeHead(503).end());
        return true;
      },
    });
    await call("/customer-offers");
    await logged.promise;
    expect(portal.requests).toMatchObject([{ status: 503 }]);
  });

  it("is answered 500 when the hook throws", async () => {
    await start({ intercept: () => Promise.reject(new Error("broken hook")) });
    const response = await call("/customer-offers");
    expect([response.status, await response.json()]).toEqual([
      500,
      { code: 500, message: "Error: broken hook" },
    ]);
  });
});

describe("a stopped portal", () => {
  it("cuts what stalls and frees its port", async () => {
    const begun = Promise.withResolvers<void>();
    await start({
      intercept: () => {
        begun.resolve();
        return true;
      },
    });
    const stalled = call("/customer-offers").catch(String);
    await begun.promise;
    await portal.stop();
    expect(await stalled).toContain("fetch failed");
    await start({ port: Number(new URL(portal.url).port) });
    expect((await call("/customer-offers")).status).toBe(200);
  });

  it("can be stopped twice", async () => {
    await start();
    await portal.stop();
    await expect(portal.stop()).resolves.toBeUndefined();
  });
});
