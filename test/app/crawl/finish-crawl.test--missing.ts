import { describe, expect, it } from "vitest";
import { beginCrawl } from "../../../functions/core/crawl/crawl-state.ts";
import { resolveMissing } from "../../../functions/app/crawl/finish-crawl--missing.ts";
import { fakeClock, openTestPortal } from "../../support/portal.ts";
import { openTestStack } from "../../support/stack.ts";

describe("asking for missing offers", () => {
  it("once more after a crash overdraws no limit, whatever the crash has spent of it", async () => {
    const clock = fakeClock();
    const portal = await openTestPortal({ limit: 12, clock });
    const { world } = await openTestStack(portal, {}, clock);
    const crawl = beginCrawl({ windowMs: 60_000, reserve: 0 });
    const told = { remaining: 12, sinceMs: clock.now(), atMs: clock.now() };
    const missing = Array.from({ length: 10 }, (_, index) => `off_${index}`);
    const question = {
      id: "one",
      crawl: { ...crawl, limit: { ...crawl.limit, perWindow: 12, told } },
      missing,
    };
    for (const _ of [1, 2]) await resolveMissing(world, question);
    expect(portal.requests.filter(({ status }) => status === 429)).toEqual([]);
  });
});
