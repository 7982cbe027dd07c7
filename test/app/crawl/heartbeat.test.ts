import { describe, expect, it } from "vitest";
import { findLease, chooseNextAction } from "../../../functions/core/snapshot/crawl-registry.ts";
import { keepHeartbeat } from "../../../functions/app/crawl/crawl-progress.ts";
import { updateRegistry, readRegistry } from "../../../functions/app/snapshot/snapshot-store.ts";
import { openVirtualPortal, openVirtualStack } from "../../support/virtual-stack.ts";

describe("a heartbeat", () => {
  it("keeps the crawl's lease alive while its window lasts, and no longer", async () => {
    const { app } = await openVirtualStack(await openVirtualPortal({}));
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
    const work = () => app.clock.sleep(300).then(() => "done");
    const before = await findAliveMs();
    expect(await keepHeartbeat(app, "one", work, 50)).toBe("done");
    const after = await findAliveMs();
    expect(after - before).toBeGreaterThanOrEqual(3 * 60_000);
    // Waits, because a heartbeat that began before the end of the work may arrive later.
    await app.clock.sleep(500);
    const last = await findAliveMs();
    await app.clock.sleep(200);
    expect(await findAliveMs()).toBe(last);
  });
});
