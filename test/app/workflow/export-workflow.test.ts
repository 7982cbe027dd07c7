import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { registryKey } from "../../../functions/core/basics/bucket-keys.ts";
import { emptyRegistry, chooseNextAction } from "../../../functions/core/snapshot/crawl-registry.ts";
import { hashPortal } from "../../../functions/adapters/bucket/key-hashes.ts";
import { updateRegistry, readRegistry } from "../../../functions/app/snapshot/snapshot-store.ts";
import type { AppContext } from "../../../functions/app/context.ts";
import type { PortalRequest } from "../../../local/portal/portal-server.ts";
import {
  finishExport as finish,
  jsonHeaders,
  showExport as show,
  startExport,
} from "../../support/export-requests.ts";
import { rawOffer, rawOffers } from "../../support/offer-fixtures.ts";
import { onePageRequests } from "../../support/test-portal.ts";
import { type TestStack } from "../../support/test-stack.ts";
import { listPartKeys, removePart } from "../../support/snapshot-fixtures.ts";
import { eventually } from "../../support/captured-output.ts";
import { openVirtualPortal, openVirtualStack } from "../../support/virtual-stack.ts";
import { useWorld } from "../../support/virtual-world.ts";

/** Starts an export. It leaves out customers' names, because the lookup of names would need further requests. */
const start = (stack: TestStack, options: Record<string, unknown> = {}) =>
  startExport(stack, { customers: false, ...options });

/** The options of twenty different exports. */
const variety = ["2019", "2020", "2021", "2022", "2023"].flatMap((period) =>
  ["xlsx", "csv"].flatMap((format) => ["nl", "en"].map((language) => ({ format, language, period }))),
);

const pageOf = ({ url }: PortalRequest) => Number(new URL(url, "http://portal").searchParams.get("page"));

describe("exports that run at once", () => {
  it("share one crawl: twenty simultaneous exports with different options", async () => {
    const portal = await openVirtualPortal({ offers: rawOffers(300), latencyMs: 20 });
    const stack = await openVirtualStack(portal);
    const ids = await Promise.all(variety.map((options) => start(stack, options)));
    const finished = await Promise.all(ids.map((id) => finish(stack, id)));
    expect(new Set(ids).size).toBe(20);
    expect(finished.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => "succeeded"));
    expect(portal.requests).toHaveLength(finished[0]?.result?.requests ?? 0);
    expect(await stack.app.bucket.listKeys("snapshots/")).toHaveLength(2);
  });

  it("share one crawl although the second has maxAge=0, because the crawl still runs", async () => {
    const hold = Promise.withResolvers<boolean>();
    const portal = await openVirtualPortal({ offers: rawOffers(3), intercept: () => hold.promise });
    const stack = await openVirtualStack(portal);
    const first = await start(stack);
    await eventually(() => expect(portal.requests).toHaveLength(1));
    const second = await start(stack, { format: "csv", maxAge: 0 });
    await eventually(async () => expect(await show(stack, second)).toMatchObject({ status: "running" }));
    hold.resolve(false);
    expect([await finish(stack, first), await finish(stack, second)]).toMatchObject([
      { status: "succeeded" },
      { status: "succeeded" },
    ]);
    expect(portal.requests).toHaveLength(onePageRequests);
    await finish(stack, await start(stack, { format: "csv", maxAge: 0 }));
    expect(portal.requests).toHaveLength(2 * onePageRequests);
  });

  it("fail together when their crawl does", async () => {
    const hold = Promise.withResolvers<void>();
    const portal = await openVirtualPortal({
      intercept: async (_request, response) => {
        await hold.promise;
        return Boolean(response.writeHead(401).end());
      },
    });
    const stack = await openVirtualStack(portal);
    const first = await start(stack);
    await eventually(() => expect(portal.requests).toHaveLength(1));
    const second = await start(stack, { format: "csv" });
    await eventually(async () => expect(await show(stack, second)).toMatchObject({ status: "running" }));
    hold.resolve();
    const problems = [await finish(stack, first), await finish(stack, second)].map(
      ({ problem }) => problem?.code,
    );
    expect(problems).toEqual(["portal_key_refused", "portal_key_refused"]);
    expect(portal.requests).toHaveLength(1);
  });

  it("all show the progress of the crawl that they share", async () => {
    const clock = useWorld().clock;
    const portal = await openVirtualPortal({ offers: rawOffers(1_500), limit: 60, clock });
    const stack = await openVirtualStack(portal, {}, clock);
    const ids = [await start(stack), await start(stack, { format: "csv" })];
    const pages = await eventually(async () => {
      const shown = await Promise.all(ids.map((id) => show(stack, id)));
      const seen = shown.map(({ progress }) => progress.pages);
      if (seen.includes(0)) throw new Error("nothing is read yet");
      return seen;
    });
    expect(new Set(pages).size).toBe(1);
    await Promise.all(ids.map((id) => finish(stack, id)));
  });
});

describe("the progress of an export", () => {
  it.each([
    ["from its first page to its file", false],
    ["also when others have used a part of the rate limit", true],
  ])("never goes back, %s", async (_title, isShared) => {
    const clock = useWorld().clock;
    const portal = await openVirtualPortal({ offers: rawOffers(1_500), limit: 60, clock });
    const stack = await openVirtualStack(portal, {}, clock);
    if (isShared) await stack.ask("check");
    const id = await start(stack);
    const seen: number[] = [];
    let status = "queued";
    while (status !== "succeeded") {
      const shown = await show(stack, id);
      seen.push(shown.progress.pages);
      status = shown.status;
      await clock.sleep(500);
    }
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBe(100);
  });

  it("counts the pages of a window that has to wait for its last requests", async () => {
    const portal = await openVirtualPortal({ offers: rawOffers(1_500), limit: 60 });
    const stack = await openVirtualStack(portal);
    // The check takes two requests of the first window.
    await stack.ask("check");
    const id = await start(stack);
    const waiting = await eventually(async () => {
      const shown = await show(stack, id);
      if (shown.progress.waitingUntil === null) throw new Error("it does not wait yet");
      return shown;
    });
    const { pages, offers } = waiting.progress;
    expect(portal.requests).toHaveLength(60);
    expect(pages).toBeGreaterThan(50);
    expect(offers).toBe(pages * 15);
    await finish(stack, id);
  });
});

describe("a crawl after an earlier snapshot", () => {
  it("shows when it will be done, and looks for the end where the earlier list ended", async () => {
    const clock = useWorld().clock;
    const portal = await openVirtualPortal({ offers: rawOffers(1_800), limit: 60, clock });
    const stack = await openVirtualStack(portal, {}, clock);
    const first = await finish(stack, await start(stack, { maxAge: 0 }));
    const id = await start(stack, { maxAge: 0 });
    const { progress } = await eventually(async () => {
      const shown = await show(stack, id);
      if (shown.progress.waitingUntil === null) throw new Error("it does not wait yet");
      return shown;
    });
    const leftMs = Date.parse(progress.estimatedFinishAt ?? "") - Date.parse(progress.waitingUntil ?? "");
    // At most two more windows of the rate limit follow.
    expect(leftMs).toBeGreaterThanOrEqual(0);
    expect(leftMs).toBeLessThanOrEqual(120_000);
    const second = await finish(stack, id);
    expect(second.result?.requests).toBeLessThan(first.result?.requests ?? 0);
  });
});

describe("a snapshot", () => {
  it("is used by exports of other options while it is younger than maxAge, without a request", async () => {
    const portal = await openVirtualPortal({ offers: rawOffers(20) });
    const stack = await openVirtualStack(portal);
    await finish(stack, await start(stack));
    const requests = portal.requests.length;
    await finish(stack, await start(stack, { format: "csv" }));
    await finish(stack, await start(stack, { language: "en" }));
    expect(portal.requests).toHaveLength(requests);
  });

  it("without evidence serves no export that asks for it, and one with evidence serves both", async () => {
    const portal = await openVirtualPortal({ offers: rawOffers(3) });
    const stack = await openVirtualStack(portal);
    await finish(stack, await start(stack));
    await finish(stack, await start(stack, { evidence: true }));
    expect(portal.requests).toHaveLength(2 * onePageRequests);
    await finish(stack, await start(stack, { evidence: true, format: "csv" }));
    await finish(stack, await start(stack, { language: "en" }));
    expect(portal.requests).toHaveLength(2 * onePageRequests);
  });

  it("that was removed is replaced by a new crawl", async () => {
    const portal = await openVirtualPortal({ offers: rawOffers(3) });
    const stack = await openVirtualStack(portal);
    await finish(stack, await start(stack));
    await stack.app.bucket.removeAll("snapshots/");
    expect(await finish(stack, await start(stack, { format: "csv" }))).toMatchObject({ status: "succeeded" });
    expect(portal.requests).toHaveLength(2 * onePageRequests);
  });

  it("that is partly removed fails one export, but not the next", async () => {
    const portal = await openVirtualPortal({ offers: rawOffers(3) });
    const stack = await openVirtualStack(portal);
    const last = await start(stack);
    await finish(stack, last);
    await removePart(stack.app.bucket, last);
    const next = async () => await finish(stack, await start(stack, { format: "csv" }));
    expect(await next()).toMatchObject({ problem: { code: "snapshot_gone" } });
    expect(await next()).toMatchObject({ status: "succeeded" });
  });
});

describe("a snapshot with a damaged part", () => {
  it("is in no report: one export fails with the reason, but not the next", async () => {
    const portal = await openVirtualPortal({ offers: rawOffers(3) });
    const stack = await openVirtualStack(portal);
    const last = await start(stack);
    await finish(stack, last);
    const [key = ""] = await listPartKeys(stack.app.bucket, last);
    await stack.app.bucket.writeBytes(key, gzipSync("{}\n"), { contentType: "" });
    const next = async () => await finish(stack, await start(stack, { format: "csv" }));
    const { problem } = await next();
    expect(problem).toMatchObject({ code: "snapshot_gone" });
    expect(problem?.detail).toContain("not as they were written");
    expect(await next()).toMatchObject({ status: "succeeded", result: { rows: 3 } });
  });
});

describe("a crawl", () => {
  /** Writes the lease of another export that has begun to crawl. Its last heartbeat was `silentMs` ago. */
  async function leaveLease(app: AppContext, silentMs: number): Promise<void> {
    const want = {
      id: "a-dead-export",
      evidence: false,
      isFull: false,
      notBefore: new Date().toISOString(),
      joinedId: null,
    };
    const { after } = chooseNextAction(emptyRegistry, want, new Date(Date.now() - silentMs));
    await app.bucket.writeJson(registryKey(hashPortal(app.config)), after);
  }

  it("is taken over from an export that died silently", async () => {
    const portal = await openVirtualPortal({ offers: rawOffers(3) });
    const stack = await openVirtualStack(portal);
    await leaveLease(stack.app, 4 * 60_000 - 1_500);
    const id = await start(stack);
    await stack.app.clock.sleep(500);
    expect(portal.requests).toEqual([]);
    expect(await finish(stack, id)).toMatchObject({ status: "succeeded" });
    expect(portal.requests).toHaveLength(onePageRequests);
  });

  it("that another export has taken over makes no snapshot, and the first export uses the other's snapshot", async () => {
    const hold = Promise.withResolvers<boolean>();
    const portal = await openVirtualPortal({
      offers: rawOffers(3),
      intercept: ({ n }) => n === 1 && hold.promise,
    });
    const stack = await openVirtualStack(portal);
    const slow = await start(stack);
    await eventually(() => expect(portal.requests).toHaveLength(1));
    await updateRegistry(stack.app, (registry) => ({ after: { ...registry, lease: null }, answer: null }));
    const quick = await start(stack, { format: "csv" });
    await finish(stack, quick);
    hold.resolve(false);
    expect(await finish(stack, slow)).toMatchObject({ status: "succeeded" });
    expect((await readRegistry(stack.app)).snapshots[0]?.snapshotId).toBe(quick);
    expect(portal.requests).toHaveLength(2 * onePageRequests);
  });

  it("continues after its export is cancelled when another export waits for it", async () => {
    const hold = Promise.withResolvers<boolean>();
    const portal = await openVirtualPortal({ offers: rawOffers(300), intercept: () => hold.promise });
    const stack = await openVirtualStack(portal);
    const first = await start(stack);
    await eventually(() => expect(portal.requests).toHaveLength(1));
    const second = await start(stack, { format: "csv" });
    await eventually(async () => expect((await readRegistry(stack.app)).lease?.wantedUntil).not.toBe(null));
    await stack.ask(`exports/${first}`, { method: "DELETE", headers: jsonHeaders });
    hold.resolve(false);
    const finished = await finish(stack, second);
    expect(finished).toMatchObject({ status: "succeeded" });
    expect(await show(stack, first)).toMatchObject({ status: "failed", problem: { code: "cancelled" } });
    expect(portal.requests).toHaveLength(finished.result?.requests ?? 0);
  });

  it("waits for a portal that fails for minutes in the middle of the crawl", async () => {
    const clock = useWorld().clock;
    let awayUntilMs = 0;
    const portal = await openVirtualPortal({
      offers: rawOffers(1_500),
      limit: 60,
      clock,
      intercept: (request, response) => {
        if (pageOf(request) === 70 && awayUntilMs === 0) awayUntilMs = clock.now() + 90_000;
        return clock.now() < awayUntilMs && Boolean(response.writeHead(503).end());
      },
    });
    const stack = await openVirtualStack(portal, {}, clock);
    expect(await finish(stack, await start(stack))).toMatchObject({
      status: "succeeded",
      result: { offers: 1_500, completeness: "complete" },
    });
  });

  it.each(["200000", "40000000", "999999999999"])(
    "fails when the portal asks for an extreme pause, which does not bind the next export: %s s",
    async (seconds) => {
      const portal = await openVirtualPortal({
        offers: rawOffers(60),
        intercept: ({ n }, response) =>
          n === 3 && Boolean(response.writeHead(429, { "retry-after": seconds }).end()),
      });
      const stack = await openVirtualStack(portal);
      const id = await start(stack);
      await eventually(async () =>
        expect(await show(stack, id)).toMatchObject({ problem: { code: "portal_closed" } }),
      );
      expect((await readRegistry(stack.app)).lease).toBe(null);
      expect(await finish(stack, await start(stack))).toMatchObject({ status: "succeeded" });
    },
  );

  it.each([
    [503, { "retry-after": "900" }],
    [429, { "retry-after": "900" }],
  ])("waits as long as the portal asked another export to wait: %i", async (status, pause) => {
    const clock = useWorld().clock;
    const arrivals: number[] = [];
    const portal = await openVirtualPortal({
      offers: rawOffers(60),
      clock,
      intercept: ({ n }, response) => {
        arrivals.push(clock.now());
        return n === 2 && Boolean(response.writeHead(status, pause).end());
      },
    });
    const stack = await openVirtualStack(portal, {}, clock);
    const id = await start(stack);
    await eventually(async () => expect((await show(stack, id)).progress.waitingUntil).not.toBe(null));
    await stack.ask(`exports/${id}`, { method: "DELETE" });
    expect(await finish(stack, await start(stack))).toMatchObject({ status: "succeeded" });
    expect((arrivals[2] ?? 0) - (arrivals[1] ?? 0)).toBeGreaterThanOrEqual(900_000);
  });

  it.each([
    ["a web page", 200, "text/html", "<h1>One moment</h1>"],
    ["a refusal of the limit as JSON", 200, "application/json", '{"code":429}'],
    ["a redirect", 302, "text/html", ""],
    ["a refusal in HTML", 403, "text/html", "<h1>Blocked</h1>"],
    ["a conflict", 409, "application/json", '{"code":409}'],
    ["too early", 425, "text/plain", ""],
  ])("survives one unexpected answer after good ones: %s", async (_title, status, type, body) => {
    const clock = useWorld().clock;
    const portal = await openVirtualPortal({
      offers: rawOffers(150),
      clock,
      intercept: ({ n }, response) =>
        n === 5 && Boolean(response.writeHead(status, { "content-type": type }).end(body)),
    });
    const stack = await openVirtualStack(portal, {}, clock);
    const finished = await finish(stack, await start(stack));
    expect(finished).toMatchObject({
      status: "succeeded",
      result: { offers: 150, completeness: "complete", requests: portal.requests.length },
    });
  });

  it("fails when the unexpected answer persists, and reports the answer", async () => {
    const clock = useWorld().clock;
    const portal = await openVirtualPortal({
      offers: rawOffers(150),
      clock,
      intercept: ({ n }, response) =>
        n >= 5 && Boolean(response.writeHead(403, { "content-type": "text/html" }).end("<h1>Blocked</h1>")),
    });
    const stack = await openVirtualStack(portal, {}, clock);
    const { status, problem } = await finish(stack, await start(stack));
    expect({ status, code: problem?.code }).toEqual({ status: "failed", code: "portal_not_api" });
    expect(problem?.detail).toContain("answered 403 with text/html 5 times");
    expect(problem?.detail).not.toMatch(/new key|lacks the scope/);
  });

  it("fails at once when the portal is away before anything has been read", async () => {
    const clock = useWorld().clock;
    const portal = await openVirtualPortal({
      clock,
      intercept: (_request, response) => Boolean(response.writeHead(503).end()),
    });
    const stack = await openVirtualStack(portal, {}, clock);
    expect(await finish(stack, await start(stack))).toMatchObject({
      problem: { code: "portal_unavailable" },
    });
    expect(portal.requests).toHaveLength(5);
  });
});

describe("an offer of the last snapshot that is missing now", () => {
  it("is requested, and counts as deleted when the portal says so", async () => {
    const portal = await openVirtualPortal({ offers: rawOffers(40) });
    const stack = await openVirtualStack(portal);
    await finish(stack, await start(stack, { maxAge: 0 }));
    const [, gone = { id: "" }] = portal.offers.all();
    portal.offers.remove(gone.id);
    const before = portal.requests.length;
    const { result } = await finish(stack, await start(stack, { maxAge: 0 }));
    expect(result).toMatchObject({ offers: 39, completeness: "complete" });
    expect(portal.requests.slice(before).map(({ path }) => path)).toContain(`/v1/customer-offers/${gone.id}`);
    expect(portal.requests.slice(before)).toHaveLength(result?.requests ?? 0);
  });

  it("is in the report when the portal still has it, and the report is uncertain", async () => {
    const hidden = rawOffer({ id: "off_hidden" });
    const portal = await openVirtualPortal({
      offers: [...rawOffers(20), hidden],
      intercept: ({ url }, response) => {
        if (!url.endsWith("/off_hidden")) return false;
        return Boolean(
          response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(hidden)),
        );
      },
    });
    const stack = await openVirtualStack(portal);
    await finish(stack, await start(stack, { maxAge: 0 }));
    portal.offers.remove("off_hidden");
    const { result } = await finish(stack, await start(stack, { maxAge: 0, language: "en" }));
    expect(result).toMatchObject({ offers: 21, rows: 21, completeness: "uncertain" });
    expect(result?.remarks[0]).toContain("it still exists");
  });

  it("is not requested when the last snapshot is partly removed", async () => {
    const portal = await openVirtualPortal({ offers: rawOffers(5) });
    const stack = await openVirtualStack(portal);
    const last = await start(stack, { maxAge: 0 });
    await finish(stack, last);
    await removePart(stack.app.bucket, last);
    portal.offers.remove(portal.offers.all()[0]?.id ?? "");
    const next = await finish(stack, await start(stack, { maxAge: 0 }));
    expect(next).toMatchObject({ status: "succeeded", result: { offers: 4, requests: onePageRequests } });
  });

  it("is requested only as part of a sample when many are missing", async () => {
    const portal = await openVirtualPortal({ offers: rawOffers(300) });
    const stack = await openVirtualStack(portal);
    await finish(stack, await start(stack, { maxAge: 0 }));
    const gone = portal.offers.all().slice(0, 285);
    for (const { id } of gone) portal.offers.remove(id);
    const before = portal.requests.length;
    const { result } = await finish(stack, await start(stack, { maxAge: 0 }));
    expect(result).toMatchObject({ offers: 15, completeness: "complete" });
    const asked = portal.requests.slice(before).filter(({ path }) => !path.includes("page="));
    expect(asked).toHaveLength(40);
    expect(asked.map(({ path }) => path.split("/").at(-1))).toEqual(
      expect.arrayContaining([gone[0]?.id, gone.at(-1)?.id]),
    );
  });
});
