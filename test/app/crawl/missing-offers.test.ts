import { describe, expect, it } from "vitest";
import type { AppContext } from "../../../functions/app/context.ts";
import { commitSnapshot } from "../../../functions/app/crawl/commit-snapshot.ts";
import { resolveMissing, verifyCrawl } from "../../../functions/app/crawl/missing-offers.ts";
import { changeExport, readExport } from "../../../functions/app/export/export-store.ts";
import { requestExport } from "../../../functions/app/export/start-export.ts";
import { publishFailure } from "../../../functions/app/report/publish-report.ts";
import { updateRegistry, writePart } from "../../../functions/app/snapshot/snapshot-store.ts";
import { partKey } from "../../../functions/core/basics/bucket-keys.ts";
import { makeOfferPage, type OfferPage } from "../../../functions/core/crawl/offer-page.ts";
import { beginCrawl } from "../../../functions/core/crawl/crawl-state.ts";
import { parseQuery } from "../../../functions/core/options/export-request.ts";
import { chooseNextAction } from "../../../functions/core/snapshot/crawl-registry.ts";
import type { Portal } from "../../../local/portal/portal-server.ts";
import { openVirtualPortal, openVirtualStack } from "../../support/virtual-stack.ts";

const problem = { code: "portal_key_refused", detail: "Make a new key." };
const begunCrawl = beginCrawl({ windowMs: 60_000, reserve: 0 });

/** Opens an export whose crawl began long ago. Only the lease in the registry shows that the export is alive. */
async function openLongCrawl(given?: Portal): Promise<{ app: AppContext; id: string }> {
  const { app } = await openVirtualStack(given ?? (await openVirtualPortal({})));
  const request = parseQuery(new URLSearchParams(), app.calendar.dayOf(Date.now()));
  const { id } = await requestExport(app, { start: async () => undefined }, request);
  const run = { aliveUntil: new Date(Date.now() - 60_000).toISOString(), snapshotId: id };
  await changeExport(app, id, (state) => ({ ...state, run: { ...state.run, ...run } }));
  const want = { id, evidence: false, isFull: false, notBefore: new Date().toISOString(), joinedId: null };
  await updateRegistry(app, (registry) => ({
    ...chooseNextAction(registry, want, new Date()),
    answer: null,
  }));
  return { app, id };
}

/**
 * Returns a context that records the export after each change of the export or of the registry, as the API shows it.
 * `told` lists the code of the export's problem, or the export's status when there is no problem.
 */
function watch(app: AppContext, id: string): { app: AppContext; told: (string | undefined)[] } {
  const told: (string | undefined)[] = [];
  const update: AppContext["bucket"]["update"] = async (key, schema, change) => {
    const answer = await app.bucket.update(key, schema, change);
    const state = await readExport(app, id);
    told.push(state?.problem?.code ?? state?.status);
    return answer;
  };
  return { app: { ...app, bucket: { ...app.bucket, update } }, told };
}

describe("a crawl of many minutes", () => {
  it("leaves its export alive when it has made its snapshot", async () => {
    const { app, id } = await openLongCrawl();
    const { app: watched, told } = watch(app, id);
    await commitSnapshot(watched, { id, crawl: begunCrawl, window: 1 });
    expect(new Set(told)).toEqual(new Set(["queued"]));
  });

  it("that fails is never shown as interrupted", async () => {
    const { app, id } = await openLongCrawl();
    const { app: watched, told } = watch(app, id);
    await publishFailure(watched, id, problem);
    expect(new Set(told)).toEqual(new Set(["queued", problem.code]));
  });
});

describe("a crawl with void parts", () => {
  it("asks for the offers that only a void part has", async () => {
    const { app, id } = await openLongCrawl();
    const crawl = { ...begunCrawl, parts: 2, voidParts: [1] };
    const list = (ids: string[]) => [
      makeOfferPage(
        1,
        ids.map((offer) => ({ id: offer })),
        true,
      ),
    ];
    const store = async (number: number, attempt: string, pages: OfferPage[]) => {
      const sha256 = await writePart(app.bucket, partKey(id, number, attempt), pages);
      return { number, attempt, sha256 };
    };
    const stored = [
      await store(1, "a".repeat(12), list(["off_1", "off_2"])),
      await store(2, "b".repeat(12), list(["off_2", "off_3"])),
    ];
    const { missing } = await verifyCrawl(app, { id, crawl, stored });
    expect(missing).toEqual(["off_1"]);
  });
});

describe("asking for missing offers", () => {
  const missing = Array.from({ length: 10 }, (_, index) => `off_${index}`);

  it("again after a crash does not exceed the limit, however much of it was used before the crash", async () => {
    const portal = await openVirtualPortal({ limit: 12 });
    const { app, id } = await openLongCrawl(portal);
    const { clock } = app;
    const told = { remaining: 12, sinceMs: clock.now(), atMs: clock.now() };
    const limit = { ...begunCrawl.limit, perWindow: 12, told, hasTold: true };
    const question = { id, crawl: { ...begunCrawl, limit }, missing };
    for (const _ of [1, 2]) await resolveMissing(app, question);
    expect(portal.requests.length).toBeGreaterThan(10);
    expect(portal.requests.filter(({ status }) => status === 429)).toEqual([]);
  });

  it("heeds a pause that an attempt was asked for, although the attempt has not ended", async () => {
    const portal = await openVirtualPortal({
      intercept: ({ n }, response) =>
        n === 3 && Boolean(response.writeHead(429, { "retry-after": "30" }).end("{}")),
    });
    const { app, id } = await openLongCrawl(portal);
    const question = { id, crawl: begunCrawl, missing };
    const first = resolveMissing(app, question);
    await app.clock.sleep(10_000);
    await Promise.all([first, resolveMissing(app, question)]);
    const refusedMs = portal.requests[2]?.atMs ?? Infinity;
    const later = portal.requests.map(({ atMs }) => atMs).filter((atMs) => atMs > refusedMs + 1_000);
    expect(later.length).toBeGreaterThan(0);
    expect(Math.min(...later)).toBeGreaterThanOrEqual(refusedMs + 30_000);
  });
});
