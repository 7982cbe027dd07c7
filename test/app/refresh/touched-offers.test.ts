import { describe, expect, it } from "vitest";
import { hashPortal } from "../../../functions/adapters/bucket/key-hashes.ts";
import { createFront } from "../../../functions/api/front.ts";
import type { HttpHandler } from "../../../functions/api/http-messages.ts";
import { openPageFiles } from "../../../functions/api/page-route.ts";
import { createApi } from "../../../functions/api/router.ts";
import { readExport } from "../../../functions/app/export/export-store.ts";
import { touchOffers } from "../../../functions/app/snapshot/snapshot-store.ts";
import { touchedOffersKey } from "../../../functions/core/basics/bucket-keys.ts";
import {
  formatPortalWebhookSecrets,
  parsePortalWebhookSecrets,
} from "../../../functions/core/portal-webhooks/portal-webhook.ts";
import { maxTouchedOffers } from "../../../functions/core/portal-webhooks/touched-offers.ts";
import type { Portal } from "../../../local/portal/portal-server.ts";
import type { Item } from "../../../local/portal/portal-store.ts";
import { openPortalWebhooks, readAddress, registerWebhooks } from "../../../local/webhook-registration.ts";
import { startExport } from "../../support/export-requests.ts";
import { markSecret } from "../../support/written-output.ts";
import { captureOutput } from "../../support/captured-output.ts";
import { rawOffer } from "../../support/offer-fixtures.ts";
import { portalKey } from "../../support/test-portal.ts";
import { changeOffers, offerCount, openRefreshStack } from "../../support/refresh-stack.ts";
import { accessToken, type TestStack } from "../../support/test-stack.ts";
import { openVirtualPortal, openVirtualStack, serveVirtualUrl } from "../../support/virtual-stack.ts";
import { useWorld } from "../../support/virtual-world.ts";

const scopes = ["offers.read", "offers.write", "webhooks.write"] as const;
const count = 600;
const perWindow = 30;
const dayMs = 86_400_000;

/** Makes an offer that was accepted long ago. Higher numbers are newer. */
function offerOf(number: number): Item {
  const createdAt = new Date(Date.parse("2020-01-01T09:00:00Z") + number * dayMs).toISOString();
  const offer = rawOffer({ offerNumber: `N-${number}`, createdAt, acceptedAt: createdAt });
  return { ...offer, id: `off_${String(number).padStart(15, "0")}` };
}

/** An accepted offer on a page that the first refresh after a crawl does not read. */
const settled = offerOf(278);

async function openTouchedShop() {
  const clock = useWorld().clock;
  const offers = Array.from({ length: count }, (_, index) => offerOf(count - index));
  const portal = await openVirtualPortal({ offers, limit: perWindow, clock, scopes });
  const stack = await openVirtualStack(portal, {}, clock);
  return { portal, stack };
}

/** Opens a function URL and registers the portal's webhooks for it. The function URL gets the webhooks' secrets. */
async function registerShop({ portal, stack }: { portal: Portal; stack: TestStack }) {
  let handler: HttpHandler = () => Promise.reject(new Error("not deployed yet"));
  const url = serveVirtualUrl((event, context) => handler(event, context));
  const webhooks = openPortalWebhooks({ url: portal.url, key: portalKey });
  const { secrets } = await registerWebhooks(webhooks, readAddress(url));
  portal.webhooks.forEach(({ secret }) => markSecret(secret));
  const noticeSecrets = parsePortalWebhookSecrets(formatPortalWebhookSecrets(secrets));
  if (noticeSecrets === null) throw new Error("these are no secrets");
  const web = openPageFiles("nowhere");
  const loadApi = async () => createApi({ ...stack, web });
  handler = createFront({ accessTokens: [accessToken], noticeSecrets, web, loadApi });
}

async function makeReport(stack: TestStack) {
  const options = { customers: false, format: "csv", dialect: "machine", maxAge: 0, freshness: "refresh" };
  const id = await startExport(stack, options);
  await stack.runner.finish(id);
  const state = await readExport(stack.app, id);
  if (state?.result == null) throw new Error(`no result: ${state?.problem?.detail}`);
  const link = (await stack.ask(`exports/${id}/file`)).headers.get("location") ?? "";
  const rows = (await (await fetch(link)).text()).split("\r\n");
  return { result: state.result, find: (number: string) => rows.find((row) => row.startsWith(`${number},`)) };
}

/** Rejects the offer `settled` at the portal, as a user of the portal might. */
async function rejectSettled(portal: Portal): Promise<void> {
  const response = await fetch(`${portal.url}/customer-offers/${settled.id}`, {
    method: "PATCH",
    headers: { authorization: `Bearer ${portalKey}`, "content-type": "application/json" },
    body: JSON.stringify({ rejectedAt: new Date().toISOString() }),
  });
  expect(response.status).toBe(200);
  await portal.settle();
}

describe("a decided offer that is changed by hand", () => {
  it("is in the next refreshed report when the portal's webhooks are registered", async () => {
    const output = captureOutput();
    const { portal, stack } = await openTouchedShop();
    await registerShop({ portal, stack });
    const first = await makeReport(stack);
    expect(first.find("N-278")).toContain(",accepted,");
    await rejectSettled(portal);
    const { result, find } = await makeReport(stack);
    expect(result.method).toBe("refresh");
    expect(find("N-278")).toContain(",rejected,");
    expect(portal.webhooks).toHaveLength(4);
    for (const { secret } of portal.webhooks) expect(output()).not.toContain(secret);
  });

  it("is not in that report without webhooks, because nothing else announces the change", async () => {
    const { portal, stack } = await openTouchedShop();
    await makeReport(stack);
    await rejectSettled(portal);
    const { result, find } = await makeReport(stack);
    expect(result.method).toBe("refresh");
    expect(find("N-278")).toContain(",accepted,");
  });
});

describe("a report that is to be refreshed", () => {
  it("is made by a crawl when webhooks named more offers than the bucket remembers", async () => {
    const { portal, stack } = await openTouchedShop();
    await makeReport(stack);
    await rejectSettled(portal);
    const ids = Array.from({ length: maxTouchedOffers + 1 }, (_, index) => `off_${index}`);
    await touchOffers(stack.app, ids);
    const { result, find } = await makeReport(stack);
    expect(result.method).toBe("full");
    expect(find("N-278")).toContain(",rejected,");
  });

  it("is made by a crawl when the list of named offers is unreadable", async () => {
    const { stack } = await openTouchedShop();
    await makeReport(stack);
    await stack.app.bucket.writeJson(touchedOffersKey(hashPortal(stack.app.config)), { shape: "another" });
    expect((await makeReport(stack)).result.method).toBe("full");
  });

  it("sends no requests for named offers that the snapshot does not have", async () => {
    const { portal, stack } = await openTouchedShop();
    await makeReport(stack);
    await touchOffers(stack.app, ["off_nowhere", "off_never"]);
    const { result } = await makeReport(stack);
    expect(result.method).toBe("refresh");
    expect(portal.requests.filter(({ path }) => path.includes("off_"))).toEqual([]);
  });
});

describe("a refresh", () => {
  it("gives the offers of a full crawl for a fraction of its requests", async () => {
    const shop = await openRefreshStack();
    const first = await shop.report();
    expect(first.result).toMatchObject({ method: "full", requestsSaved: 0, offers: offerCount });
    changeOffers(shop.portal);
    const { result, requests } = await shop.report();
    expect(result).toMatchObject({
      method: "refresh",
      offers: offerCount + 3,
      completeness: "complete",
      requests,
    });
    expect(requests).toBeLessThan(60);
    const full = await shop.report({ freshness: "full" });
    expect(full.result?.method).toBe("full");
    expect(result?.rowsSha256).toBe(full.result?.rowsSha256);
    expect(result?.requestsSaved).toBeGreaterThan(60);
  });
});
