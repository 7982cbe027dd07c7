import { describe, expect, it, vi } from "vitest";
import { snapshotPrefix } from "../../../functions/core/basics/bucket-keys.ts";
import { defaultSchedules } from "../../../functions/core/schedule/schedules.ts";
import { readExport } from "../../../functions/app/export/export-store.ts";
import { makeReports } from "../../../functions/app/schedule/scheduled-reports.ts";
import { openContext } from "../../../functions/app/context.ts";
import type { PortalOptions } from "../../../local/portal/portal-server.ts";
import { listSucceededSteps } from "../../support/durable-runner.ts";
import { queueExport } from "../../support/workflow-runs.ts";
import {
  expectSnapshotOfPortal,
  makeNumberedOffers,
  changeOffers,
  offerCount,
  makeNumberedOffer,
  openRefreshStack,
} from "../../support/refresh-stack.ts";
import { openTestWorkflow } from "../../support/test-stack.ts";
import { openVirtualPortal } from "../../support/virtual-stack.ts";

/** Makes a hook that intercepts requests to the portal. The test sets its behaviour later, with `set`. */
function openHook() {
  let act: NonNullable<PortalOptions["intercept"]> = () => false;
  const intercept: NonNullable<PortalOptions["intercept"]> = (...given) => act(...given);
  return { intercept, set: (given: typeof act) => void (act = given) };
}

vi.setConfig({ testTimeout: 120_000 });

/**
 * The offers of 64 pages. With a small rate limit, a refresh or a crawl of them needs many windows of the rate limit.
 */
const few = makeNumberedOffers().slice(0, 950);

describe("a refresh that needs several windows", () => {
  it("continues in the next window without a 429", async () => {
    const shop = await openRefreshStack({ limit: 10, offers: few });
    await shop.report();
    changeOffers(shop.portal);
    const { id, result, requests } = await shop.report();
    expect(result).toMatchObject({ method: "refresh", completeness: "complete", requests });
    expect(requests).toBeGreaterThan(10);
    expect(listSucceededSteps(shop.executions.listEvents(id))).toEqual(
      expect.arrayContaining(["refresh-1-1", "refresh-1-2"]),
    );
    // A 404 confirms that an offer is gone, which a page has shown.
    const refused = shop.portal.requests.filter(({ status }) => status !== 200);
    expect(refused.map(({ status, path }) => `${status} ${path}`)).toEqual([
      "404 /v1/customer-offers/off_000000000000900",
      "404 /v1/customer-offers/off_000000000000867",
    ]);
    await expectSnapshotOfPortal(shop.app, shop.portal);
  });
});

describe("a crawl takes over from a refresh, and its report is complete,", () => {
  it.each([
    ["between two windows", 10],
    ["before the new snapshot is written", 60],
  ])("when the base is removed %s", async (_moment, limit) => {
    const hook = openHook();
    const shop = await openRefreshStack({ limit, offers: few, intercept: hook.intercept });
    const { id: baseId } = await shop.report();
    changeOffers(shop.portal);
    hook.set(async () => {
      hook.set(() => false);
      await shop.app.bucket.removeAll(snapshotPrefix(baseId));
      return false;
    });
    const { result, requests } = await shop.report();
    expect(result).toMatchObject({ method: "full", completeness: "complete", requests });
    expect(requests).toBeGreaterThan(few.length / 15);
    await expectSnapshotOfPortal(shop.app, shop.portal);
    expect((await shop.report()).result?.method).toBe("refresh");
  });

  it("when the portal refuses window after window", async () => {
    const hook = openHook();
    const shop = await openRefreshStack({ intercept: hook.intercept });
    await shop.report();
    changeOffers(shop.portal);
    let refusals = 0;
    hook.set((_request, response) => {
      refusals += 1;
      return refusals <= 3 && Boolean(response.writeHead(429, { "retry-after": "60" }).end());
    });
    const { result, requests } = await shop.report();
    expect(result).toMatchObject({ method: "full", completeness: "complete", requests });
    await expectSnapshotOfPortal(shop.app, shop.portal);
  });
});

describe("a refresh with a refused request", () => {
  it.each(["2", "60"])("waits %s s as the portal asks, and goes on", async (seconds) => {
    const hook = openHook();
    const shop = await openRefreshStack({ intercept: hook.intercept });
    await shop.report();
    changeOffers(shop.portal);
    let asked = 0;
    hook.set((_request, response) => {
      asked += 1;
      return asked === 5 && Boolean(response.writeHead(429, { "retry-after": seconds }).end());
    });
    const { result, requests } = await shop.report();
    expect(result).toMatchObject({ method: "refresh", completeness: "complete", requests });
    expect(requests).toBeLessThan(60);
    await expectSnapshotOfPortal(shop.app, shop.portal);
  });
});

describe("no refresh starts", () => {
  it("from a snapshot that may lack offers", async () => {
    const shop = await openRefreshStack();
    const twin = makeNumberedOffer(1_000);
    shop.portal.offers.insert(twin, 30);
    expect((await shop.report()).result).toMatchObject({ method: "full", completeness: "uncertain" });
    shop.portal.offers.remove(twin.id);
    expect((await shop.report()).result).toMatchObject({ method: "full", completeness: "complete" });
    expect((await shop.report()).result).toMatchObject({ method: "refresh", completeness: "complete" });
  });

  it.each(["portal", "key"])("from a snapshot of another %s", async (differs) => {
    const key = "another-key-of-the-tests";
    const shop = await openRefreshStack({ otherKeys: [key] });
    await shop.report();
    const { clock, webhooks, config } = shop.app;
    const other = await openVirtualPortal({ offers: makeNumberedOffers().slice(1), limit: 60, clock });
    const portal = { ...config.portal, ...(differs === "key" ? { key } : { url: other.url }) };
    const app = openContext({ ...config, portal }, { clock, webhooks });
    const { runner } = await openTestWorkflow(app);
    const { id } = await queueExport(app, "format=csv&customers=false&maxAge=0");
    await runner.start(id, { id });
    await runner.finish(id);
    const offers = differs === "key" ? offerCount : offerCount - 1;
    expect((await readExport(app, id))?.result).toMatchObject({ method: "full", offers });
    expect((await shop.report()).result?.method).toBe("refresh");
  });

  it("for a schedule's reports, which read every offer", async () => {
    const shop = await openRefreshStack();
    await shop.report();
    changeOffers(shop.portal);
    const [schedule] = defaultSchedules;
    if (schedule === undefined) throw new Error("no schedule");
    const before = shop.portal.requests.length;
    const attempts = await makeReports(shop, { schedule, at: Date.now() }, new Date());
    for (const { state } of attempts) await shop.runner.finish(state.id);
    const states = await Promise.all(attempts.map(({ state }) => readExport(shop.app, state.id)));
    expect(states.map((state) => state?.result?.method)).toEqual(attempts.map(() => "full"));
    const paths = new Set(shop.portal.requests.slice(before).map(({ path }) => path));
    expect(paths.size).toBeGreaterThan(offerCount / 15);
  });
});
