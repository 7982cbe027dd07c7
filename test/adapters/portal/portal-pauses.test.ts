import { describe, expect, it } from "vitest";
import { beginCrawl } from "../../../functions/core/crawl/crawl-state.ts";
import { openPortal } from "../../../functions/adapters/portal/portal-client.ts";
import { openOfferReader } from "../../../functions/adapters/portal/offer-reader.ts";
import type { Portal, PortalResponse } from "../../../local/portal/portal-server.ts";
import { crawlWholeList } from "../../support/portal-crawl.ts";
import { rawOffers } from "../../support/offer-fixtures.ts";
import { fakeClock, listPageIds, portalKey } from "../../support/test-portal.ts";
import { useWorld } from "../../support/virtual-world.ts";
import { openVirtualPortal } from "../../support/virtual-stack.ts";

const ids = (count: number) => rawOffers(count).map((offer) => offer["id"]);
const startMs = Date.parse("2026-11-28T16:00:00Z");

type Pause = { status: number; headers: Record<string, string> };

/**
 * Opens a portal that asks for a pause at request number `from`. The portal refuses all requests until `restMs` after
 * that request. `early` lists the times of the other requests during the pause.
 */
async function openResting(from: number, describePause: (nowMs: number) => Pause, restMs: number) {
  const clock = fakeClock(startMs);
  let opensMs: number | null = null;
  const early: number[] = [];
  const portal = await openVirtualPortal({
    offers: rawOffers(75),
    clock,
    intercept({ n }, response) {
      if (n < from || (opensMs !== null && clock.now() >= opensMs)) return false;
      if (opensMs !== null) early.push(clock.now());
      opensMs ??= clock.now() + restMs;
      const { status, headers } = describePause(clock.now());
      response.setHeader("date", new Date(clock.now()).toUTCString());
      return Boolean(response.writeHead(status, headers).end("{}"));
    },
  });
  return { url: portal.url, clock, early };
}

const date = (ms: number) => new Date(ms).toUTCString();
const seconds = (ms: number) => String(Math.ceil(ms / 1000));

describe("a pause that the portal asks for by a header", () => {
  const pauses: [string, number, (nowMs: number) => Pause][] = [
    [
      "503 and a date, 15 s",
      15_000,
      (ms) => ({ status: 503, headers: { "retry-after": date(ms + 15_000) } }),
    ],
    [
      "429 and a date, 150 s",
      150_000,
      (ms) => ({ status: 429, headers: { "retry-after": date(ms + 150_000) } }),
    ],
    [
      "503 and a date, 150 s",
      150_000,
      (ms) => ({ status: 503, headers: { "retry-after": date(ms + 150_000) } }),
    ],
    ["429 and seconds", 20_000, () => ({ status: 429, headers: { "retry-after": "20" } })],
    [
      "503 and a reset",
      40_000,
      (ms) => ({ status: 503, headers: { "x-ratelimit-reset": seconds(ms + 40_000) } }),
    ],
    ["502 and seconds", 30_000, () => ({ status: 502, headers: { "retry-after": "30" } })],
    [
      "429 and two moments, of which the later counts",
      90_000,
      (ms) => ({ status: 429, headers: { "retry-after": "5", "x-ratelimit-reset": seconds(ms + 90_000) } }),
    ],
    [
      "a web page with a pause",
      25_000,
      () => ({ status: 200, headers: { "content-type": "text/html", "retry-after": "25" } }),
    ],
  ];

  it.each(pauses)(
    "is kept, at the start and in the middle of a window: %s",
    async (_title, restMs, describePause) => {
      for (const from of [1, 2, 4]) {
        const { url, clock, early } = await openResting(from, describePause, restMs);
        expect(listPageIds(await crawlWholeList(url, clock))).toEqual(ids(75));
        expect(early).toEqual([]);
        expect(clock.sleptMs()).toBeGreaterThanOrEqual(restMs);
      }
    },
  );

  it("holds back requests that were waiting already", async () => {
    const arrivals: number[] = [];
    let portal: Portal;
    let isClosed = true;
    const { clock } = useWorld();
    const opensMs = clock.now() + 1_500;
    portal = await openVirtualPortal({
      offers: rawOffers(300),
      limit: 60,
      async intercept({ url }, response) {
        arrivals.push(Date.now());
        if (url.endsWith("page=1")) return false;
        await clock.sleep(20);
        isClosed = Date.now() < opensMs;
        return isClosed && refuse(response, "2");
      },
    });
    const { limit } = beginCrawl({ windowMs: 60_000, reserve: 0 });
    const reader = openOfferReader(openPortal({ url: portal.url, key: portalKey }), clock, {
      limit,
      evidence: false,
    });
    await reader.readPage(1);
    const read = await reader.readPages(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(read).toHaveLength(20);
    const gaps = arrivals.map((ms, index) => ms - (arrivals[index - 1] ?? ms));
    expect(Math.max(...gaps)).toBeGreaterThanOrEqual(1_900);
  });
});

function refuse(response: PortalResponse, retryAfter: string): boolean {
  return Boolean(response.writeHead(429, { "retry-after": retryAfter }).end('{"code":429}'));
}

describe("a 429 without a time", () => {
  it.each([
    ["Retry-After: 0", { "retry-after": "0" }],
    ["Retry-After in the past", { "retry-after": date(startMs - 60_000) }],
    ["no word of it", {}],
  ])("makes the pauses grow, and the export goes on: %s", async (_title, headers) => {
    for (const closedMs of [1_000, 20_000]) {
      const clock = fakeClock(startMs);
      const arrivals: number[] = [];
      const portal = await openVirtualPortal({
        offers: rawOffers(75),
        clock,
        intercept(_request, response) {
          if (clock.sleptMs() >= closedMs) return false;
          arrivals.push(clock.now());
          return Boolean(response.writeHead(429, headers).end('{"code":429,"message":"Too many requests."}'));
        },
      });
      expect(listPageIds(await crawlWholeList(portal.url, clock))).toEqual(ids(75));
      const pauses = arrivals.slice(1).map((ms, index) => ms - (arrivals[index] ?? 0));
      expect(pauses.every((ms, index) => ms >= 1_000 * 2 ** index)).toBe(true);
      expect(arrivals.length).toBeLessThanOrEqual(closedMs === 1_000 ? 1 : 5);
    }
  });
});

describe("a portal that never says how many requests are left", () => {
  it.each([
    ["fixed", true],
    ["fixed", false],
    ["rolling", true],
    ["rolling", false],
  ] as const)(
    "is read completely, with %s windows of few requests, Retry-After: %s",
    async (limiter, namesTime) => {
      const clock = fakeClock(startMs);
      const portal = await openVirtualPortal({
        offers: rawOffers(450),
        limit: 8,
        limiter,
        clock,
        hiddenHeaders: namesTime ? ["x-ratelimit-limit", "x-ratelimit-remaining"] : "all",
      });
      const { crawl, pages } = await crawlWholeList(portal.url, clock);
      expect(listPageIds({ pages })).toEqual(ids(450));
      expect(crawl.doubts).toEqual([]);
    },
  );

  it("is never reported as used by others, however often it refuses", async () => {
    const portal = await openVirtualPortal({
      offers: rawOffers(75),
      hiddenHeaders: "all",
      intercept: (_request, response) => refuse(response, "61"),
    });
    const failure = await crawlWholeList(portal.url, fakeClock(startMs)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "portal_unavailable" });
    expect(String(failure)).toContain("429");
    expect(String(failure)).not.toMatch(/something else|somebody else|of its own/);
  });
});
