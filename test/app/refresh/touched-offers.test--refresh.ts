import { describe, expect, it } from "vitest";
import { liveOn, offerCount, openShop } from "../../support/shop.ts";

describe("a refresh", () => {
  it("gives the offers of a full crawl for a fraction of its requests", async () => {
    const shop = await openShop();
    const first = await shop.report();
    expect(first.result).toMatchObject({ method: "full", requestsSaved: 0, offers: offerCount });
    liveOn(shop.portal);
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
