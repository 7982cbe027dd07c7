import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { findLease, chooseNextAction } from "../../../functions/core/snapshot/crawl-registry.ts";
import { keepHeartbeat } from "../../../functions/app/crawl/crawl-progress.ts";
import { updateRegistry, readRegistry } from "../../../functions/app/snapshot/snapshot-store.ts";
import { openTestPortal } from "../../support/test-portal.ts";
import { openTestStack } from "../../support/test-stack.ts";

describe("a heartbeat", () => {
  it("keeps the crawl's lease alive while its window lasts, and no longer", async () => {
    const { app } = await openTestStack(await openTestPortal({}));
    const want = {
      id: "one",
      evidence: false,
      isFull: false,
      notBefore: new Date().toISOString(),
      joinedId: null,
    };
    const begun = new Date(Date.now() - 3 * 60_000);
    await updateRegistry(app, (registry) => ({ ...chooseNextAction(registry, want, begun), answer: null }));
    const findAliveMs = async () => Date.parse(findLease(await readRegistry(app), "one")?.aliveUntil ?? "");
    const before = await findAliveMs();
    expect(await keepHeartbeat(app, "one", () => setTimeout(300, "done"), 50)).toBe("done");
    const after = await findAliveMs();
    expect(after - before).toBeGreaterThanOrEqual(3 * 60_000);
    // Waits, because a heartbeat that began before the end of the work may arrive later.
    await setTimeout(500);
    const last = await findAliveMs();
    await setTimeout(200);
    expect(await findAliveMs()).toBe(last);
  });
});
