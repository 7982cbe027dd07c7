import { describe, expect, it } from "vitest";
import { beginCrawl } from "../../../functions/core/crawl/crawl-state.ts";
import { parseQuery } from "../../../functions/core/options/export-request.ts";
import { chooseNextAction } from "../../../functions/core/snapshot/crawl-registry.ts";
import { changeExport, readExport, requestExport } from "../../../functions/app/export/export-store.ts";
import { publishFailure } from "../../../functions/app/report/publish-report.ts";
import { updateRegistry } from "../../../functions/app/snapshot/snapshot-store--register.ts";
import { commitSnapshot } from "../../../functions/app/crawl/finish-crawl--seal.ts";
import type { AppContext } from "../../../functions/app/context.ts";
import { openTestPortal } from "../../support/portal.ts";
import { openTestStack } from "../../support/stack.ts";

const problem = { code: "portal_key_refused", detail: "Make a new key." };
const crawl = beginCrawl({ windowMs: 60_000, reserve: 0 });

/** An export that began to crawl so long ago that its lease alone tells that it lives. */
async function openLongCrawl(): Promise<{ world: AppContext; id: string }> {
  const { world } = await openTestStack(await openTestPortal({}));
  const request = parseQuery(new URLSearchParams(), world.calendar.dayOf(Date.now()));
  const { id } = await requestExport(world, { start: async () => undefined }, request);
  const run = { aliveUntil: new Date(Date.now() - 60_000).toISOString(), snapshotId: id };
  await changeExport(world, id, (state) => ({ ...state, run: { ...state.run, ...run } }));
  const want = { id, evidence: false, isFull: false, notBefore: new Date().toISOString(), joinedId: null };
  await updateRegistry(world, (register) => ({ ...chooseNextAction(register, want, new Date()), answer: null }));
  return { world, id };
}

/** A world that notes what a reader of the export is told after each change to it or to the register. */
function watch(world: AppContext, id: string): { world: AppContext; told: (string | undefined)[] } {
  const told: (string | undefined)[] = [];
  const update: AppContext["bucket"]["update"] = async (key, schema, change) => {
    const answer = await world.bucket.update(key, schema, change);
    const state = await readExport(world, id);
    told.push(state?.problem?.code ?? state?.status);
    return answer;
  };
  return { world: { ...world, bucket: { ...world.bucket, update } }, told };
}

describe("a crawl of many minutes", () => {
  it("leaves its export alive when it has made its snapshot", async () => {
    const { world, id } = await openLongCrawl();
    const { world: watched, told } = watch(world, id);
    await commitSnapshot(watched, { id, crawl, window: 1 });
    expect(new Set(told)).toEqual(new Set(["queued"]));
  });

  it("that fails is never told as interrupted", async () => {
    const { world, id } = await openLongCrawl();
    const { world: watched, told } = watch(world, id);
    await publishFailure(watched, id, problem);
    expect(new Set(told)).toEqual(new Set(["queued", problem.code]));
  });
});
