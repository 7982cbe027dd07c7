import { describe, expect, it } from "vitest";
import { openRateLimit } from "../../../functions/core/rate-limit/rate-limit.ts";
import { makeOfferPage } from "../../../functions/core/crawl/offer-page.ts";
import { WindowBroken } from "../../../functions/adapters/portal/limiter.ts";
import { openClientQueue } from "../../../functions/adapters/portal/request-retries.ts";
import type { OfferPortal } from "../../../functions/adapters/portal/portal-client.ts";
import { openOfferReader } from "../../../functions/adapters/portal/offer-reader.ts";
import { fakeClock } from "../../support/test-portal.ts";

const minuteMs = 60_000;

/**
 * A portal that answers our requests but always reports 0 remaining requests, as when other clients use up the rate
 * limit.
 */
function openBusyPortal(): OfferPortal {
  return {
    requestPage: async (number) => ({
      value: makeOfferPage(number, [{ id: String(number) }], false),
      rate: { remaining: 0, perWindow: 60 },
    }),
    requestOffer: () => Promise.reject(new Error("no single offer is asked for")),
  };
}

describe("the limiter", () => {
  it("ends the window instead of waiting minute after minute while others use the key", async () => {
    const clock = fakeClock();
    const limit = openRateLimit({ windowMs: minuteMs, reserve: 0 });
    const reader = openOfferReader(openBusyPortal(), clock, { limit, evidence: false });
    const numbers = Array.from({ length: 30 }, (_, index) => index + 1);
    await expect(reader.readPages(numbers)).rejects.toBeInstanceOf(WindowBroken);
    expect(clock.sleptMs()).toBeLessThanOrEqual(3 * minuteMs);
  });

  it("waits for no further window when each response counts by itself", async () => {
    const clock = fakeClock();
    const limit = openRateLimit({ windowMs: minuteMs, reserve: 0 });
    const queue = openClientQueue(clock, { limit, isAllOrNothing: false });
    const ask = () => queue.send((attempt) => openBusyPortal().requestPage(1, attempt));
    expect(await ask()).toMatchObject({ number: 1 });
    await expect(ask()).rejects.toBeInstanceOf(WindowBroken);
    expect(clock.sleptMs()).toBe(0);
  });
});
