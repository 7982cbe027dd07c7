import { describe, expect, it } from "vitest";
import type { ExportState } from "../functions/core/export.ts";
import { readExport } from "../functions/io/exports.ts";
import { createFastClock } from "../local/clock.ts";
import type { Item } from "../local/portal/list.ts";
import { startExport } from "./support/follow.ts";
import { rawOffer } from "./support/offer.ts";
import { openTestPortal } from "./support/portal.ts";
import { openTestStack } from "./support/stack.ts";

const dayMs = 86_400_000;
const startMs = Date.parse("2020-01-01T09:00:00Z");

/** The newest stands first; of those that are long settled the last few are still open. */
function offerOf(number: number, changes: Record<string, unknown> = {}): Item {
  const createdAt = new Date(startMs + number * dayMs).toISOString();
  const id = `off_${String(number).padStart(15, "0")}`;
  const offer = { offerNumber: `N-${number}`, createdAt, acceptedAt: createdAt, ...changes };
  return { ...rawOffer(offer), id };
}

const undecided = { acceptedAt: null, expiresAt: "2099-12-31" };
const count = 1_800;
const isOpen = (number: number) => number > count - 20;

async function openShop() {
  const clock = createFastClock(200);
  const numbers = Array.from({ length: count }, (_, index) => count - index);
  const offers = numbers.map((number) => offerOf(number, isOpen(number) ? undecided : {}));
  const portal = await openTestPortal({ offers, limit: 60, clock });
  const stack = await openTestStack(portal, {}, clock);

  async function report(options: Record<string, unknown> = {}): Promise<ExportState> {
    const id = await startExport(stack, { customers: false, format: "csv", maxAge: 0, ...options });
    await stack.runner.finish(id);
    const state = await readExport(stack.world, id);
    if (state?.result == null) throw new Error(`no result: ${state?.problem?.detail}`);
    return state;
  }

  return { ...stack, portal, report };
}

type Shop = Awaited<ReturnType<typeof openShop>>;

/** Five new ones, some decisions, two that go. */
function liveOn({ portal }: Shop): void {
  for (let number = count + 1; number <= count + 5; number += 1)
    portal.offers.insert(offerOf(number, undecided), 0);
  for (const number of [count, count - 7, count - 19])
    portal.offers.replace(offerOf(number, { acceptedAt: "2026-11-01T09:00:00Z" }));
  for (const number of [900, 17]) portal.offers.remove(offerOf(number).id);
}

describe("a refresh", () => {
  it("gives the offers of a full crawl for a fraction of its requests", async () => {
    const shop = await openShop();
    const first = await shop.report();
    expect(first.result).toMatchObject({ method: "full", requestsSaved: 0, offers: count });
    liveOn(shop);
    const before = shop.portal.requests.length;
    const { result } = await shop.report();
    const requests = shop.portal.requests.length - before;
    expect(result).toMatchObject({
      method: "refresh",
      offers: count + 3,
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
