import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DurableSteps } from "../../../functions/adapters/workflow/durable-steps.ts";
import { cancelExport } from "../../../functions/app/export/cancel-export.ts";
import { readExport } from "../../../functions/app/export/export-store.ts";
import { runExport } from "../../../functions/app/workflow/export-workflow.ts";
import { manifestKey, snapshotPrefix, unfinishedKey } from "../../../functions/core/basics/bucket-keys.ts";
import { listKeys, SnapshotManifest } from "../../../functions/core/snapshot/snapshot-manifest.ts";
import { startExport } from "../../support/export-requests.ts";
import { runWithStaleAttempts } from "../../support/stale-attempts.ts";
import { eventually } from "../../support/captured-output.ts";
import { rawOffer } from "../../support/offer-fixtures.ts";
import { openPortalOutage } from "../../support/portal-outage.ts";
import { makeImmediateSteps, queueExport } from "../../support/workflow-runs.ts";

/** The portal fails after this number of answers. The crawl has then read some of its pages. */
const some = 24;

/**
 * Pages near the start of the list. A crawl from the start requests them, and a crawl that resumes a failed crawl
 * does not.
 */
const startPages = [2, 3, 4];

type Outage = Awaited<ReturnType<typeof openPortalOutage>>;

async function failExport(outage: Outage, answered = some, options: Record<string, unknown> = {}) {
  const failed = await outage.run(answered, options);
  expect(failed.status).toBe("failed");
  return failed;
}

/** Returns how an export ended, and which of the pages in `startPages` the export requested. */
function judge({ status, problem, result, pages }: Awaited<ReturnType<Outage["run"]>>) {
  const { completeness, rows } = result ?? {};
  const first = startPages.filter((page) => pages.includes(page));
  return { status, problem, completeness, rows, first };
}

const resumed = { status: "succeeded", problem: null, completeness: "complete", rows: 300, first: [] };
const afresh = { ...resumed, first: startPages };

describe("the export after one that failed because of the portal", () => {
  it("does not read the failed export's complete windows again, and has the rows of an undisturbed export", async () => {
    const outage = await openPortalOutage();
    const { stack, run, readUnfinished } = outage;
    const failed = await failExport(outage);
    const unfinished = await readUnfinished(failed.id);
    const { nextPage = 0, startedMs = 0 } = unfinished?.crawl ?? {};
    expect(nextPage).toBeGreaterThan(8);
    const next = await run();
    expect(judge(next)).toEqual(resumed);
    expect(next.pages.filter((page) => page > 1 && page < nextPage - 1)).toEqual([]);
    expect(next.result?.requests).toBe(next.pages.length);
    const { bucket } = stack.app;
    const manifest = SnapshotManifest.parse(await bucket.readJson(manifestKey(next.id), SnapshotManifest));
    expect(Date.parse(manifest.startedAt)).toBe(startedMs);
    const keys = await bucket.listKeys(snapshotPrefix(next.id));
    expect(keys.toSorted()).toEqual(listKeys(manifest).toSorted());
    const undisturbed = await run(Infinity, { freshness: "full" });
    expect(judge(undisturbed)).toEqual(afresh);
    expect(next.result?.["rowsSha256"]).toBe(undisturbed.result?.["rowsSha256"]);
  });

  it("continues with the pages of several exports that failed", async () => {
    const outage = await openPortalOutage();
    await failExport(outage, 14);
    const second = await failExport(outage, 9);
    const third = await failExport(outage, 0);
    expect(third.pages.filter((page) => startPages.includes(page))).toEqual([]);
    const [two, three] = [await outage.readUnfinished(second.id), await outage.readUnfinished(third.id)];
    expect(three?.crawl.nextPage).toBe(two?.crawl.nextPage);
    expect(three?.failedAt).toBe(two?.failedAt);
    expect(judge(await outage.run())).toEqual(resumed);
  });

  it("resumes within an hour after the last window that read new pages, and later begins at the start", async () => {
    const outage = await openPortalOutage();
    const { run, age } = outage;
    // An export that fails takes eight minutes, in which it waits for the portal.
    await age((await failExport(outage)).id, 40);
    // The second export reads no new page. So the hour in which a crawl can be resumed does not begin again.
    const second = await failExport(outage, 0);
    await age(second.id, 4);
    expect(judge(await run())).toEqual(resumed);
    const other = await openPortalOutage();
    await other.age((await failExport(other)).id, 55);
    const { id } = await failExport(other, 0);
    await other.age(id, 6);
    expect(judge(await other.run())).toEqual(afresh);
  });

  it("resumes only a crawl with the same option `evidence`", async () => {
    const outage = await openPortalOutage();
    await failExport(outage);
    expect(judge(await outage.run(Infinity, { evidence: true }))).toEqual(afresh);
    const other = await openPortalOutage();
    await failExport(other, some, { evidence: true });
    expect(judge(await other.run())).toEqual(afresh);
  });

  it("begins at the start when the failed export was deleted", async () => {
    const outage = await openPortalOutage();
    const { id } = await failExport(outage);
    expect((await outage.stack.ask(`exports/${id}`, { method: "DELETE" })).status).toBeLessThan(300);
    expect(await outage.stack.app.bucket.listKeys(snapshotPrefix(id))).toEqual([]);
    expect(judge(await outage.run())).toEqual(afresh);
  });

  it("begins at the start when the other export was cancelled while the portal was away", async () => {
    const outage = await openPortalOutage();
    const { stack, portal, setAnswers } = outage;
    setAnswers(some);
    const id = await startExport(stack, { customers: false, format: "csv", maxAge: 0 });
    await eventually(() => expect(portal.requests.some(({ status }) => status === 502)).toBe(true));
    await stack.ask(`exports/${id}`, { method: "DELETE" });
    await stack.runner.finish(id);
    expect(await stack.app.bucket.exists(unfinishedKey(id))).toBe(false);
    expect(judge(await outage.run())).toEqual(afresh);
  });

  it.each(["removed", "altered"])("begins at the start when a part was %s", async (what) => {
    const outage = await openPortalOutage();
    const { bucket } = outage.stack.app;
    const { id } = await failExport(outage);
    const [key = ""] = await bucket.listKeys(`${snapshotPrefix(id)}part-00002`);
    if (what === "removed") await bucket.remove(key);
    else await bucket.writeBytes(key, "other bytes", { contentType: "application/gzip" });
    expect(judge(await outage.run())).toEqual(afresh);
  });

  it.each([null, 7, {}, { crawl: {}, stored: [] }])(
    "begins at the start when the stored crawl is %j",
    async (kept) => {
      const outage = await openPortalOutage();
      const { id } = await failExport(outage);
      await outage.stack.app.bucket.writeJson(unfinishedKey(id), kept);
      expect(judge(await outage.run())).toEqual(afresh);
    },
  );

  it("begins at the start when another crawl has finished since", async () => {
    const outage = await openPortalOutage();
    await failExport(outage);
    await outage.run(Infinity, { evidence: true });
    expect(judge(await outage.run(Infinity, { freshness: "full" }))).toEqual(afresh);
  });

  it("begins at the start when no window was complete", async () => {
    const outage = await openPortalOutage();
    const { id } = await failExport(outage, 2);
    expect(await outage.readUnfinished(id)).toBeNull();
    expect(judge(await outage.run())).toEqual(afresh);
  });
});

it("an export of an earlier version gets no steps for resuming", async () => {
  const outage = await openPortalOutage();
  const { stack, setAnswers, clock } = outage;
  const { app } = stack;
  /**
   * Runs an export that seems to come from the previous version of the code. In that version, the results of the
   * steps `turn-…` had no `resumeId`.
   */
  async function runLegacy(answers: number) {
    setAnswers(answers);
    const { id } = await queueExport(app, "format=csv&customers=false&maxAge=0");
    const { step, names, wait } = makeImmediateSteps(clock);
    const steps: DurableSteps = {
      wait,
      async step(name, run) {
        const result = JSON.parse(JSON.stringify((await step(name, run)) ?? null));
        if (result !== null && name.startsWith("turn-")) delete result.resumeId;
        return result;
      },
    };
    await runExport(steps, app, id);
    const extra = names.filter((name) => /^(keep|resume)-/.test(name));
    return { status: (await readExport(app, id))?.status, extra };
  }
  expect(await runLegacy(some)).toEqual({ status: "failed", extra: [] });
  await failExport(outage);
  expect(await runLegacy(Infinity)).toEqual({ status: "succeeded", extra: [] });
});

it("stores nothing of an export that is cancelled while it fails", async () => {
  const { stack, setAnswers, clock } = await openPortalOutage();
  const { app } = stack;
  setAnswers(some);
  const state = await queueExport(app, "format=csv&customers=false&maxAge=0");
  const { step, names, wait } = makeImmediateSteps(clock);
  const steps: DurableSteps = {
    wait,
    async step(name, run) {
      if (name === "keep-1") await cancelExport(app, state);
      return await step(name, run);
    },
  };
  await runExport(steps, app, state.id);
  expect(names).toContain("keep-1");
  expect(await app.bucket.exists(unfinishedKey(state.id))).toBe(false);
});

describe("an attempt to resume that outlives its step", () => {
  it.each(["window-1-2", "end"])("leaves no objects when it continues at %s", async (thawsAt) => {
    const outage = await openPortalOutage();
    const { app } = outage.stack;
    await failExport(outage);
    outage.setAnswers(Infinity);
    const { id } = await queueExport(app, "format=csv&customers=false&maxAge=0");
    const ghosts = [{ step: "resume-1", freezesAt: /^PUT .*part-/, thawsAt }];
    const { freezes } = await runWithStaleAttempts(app, id, { ghosts });
    expect(freezes).toBe(1);
    expect((await readExport(app, id))?.result).toMatchObject({ rows: 300, completeness: "complete" });
    const manifest = SnapshotManifest.parse(await app.bucket.readJson(manifestKey(id), SnapshotManifest));
    const keys = await app.bucket.listKeys(snapshotPrefix(id));
    expect(keys.toSorted()).toEqual(listKeys(manifest).toSorted());
  });

  it("brings no object back after the export was deleted", async () => {
    const outage = await openPortalOutage();
    const { app } = outage.stack;
    await failExport(outage);
    outage.setAnswers(Infinity);
    const state = await queueExport(app, "format=csv&customers=false&maxAge=0");
    const { freezes } = await runWithStaleAttempts(app, state.id, {
      ghosts: [{ step: "resume-1", freezesAt: /^PUT .*part-/ }],
      onEnd: async () => await cancelExport(app, (await readExport(app, state.id)) ?? state),
    });
    expect(freezes).toBe(1);
    expect(await app.bucket.listKeys(snapshotPrefix(state.id))).toEqual([]);
  });
});

it("begins at the start, in the same export, when more offers entered than page 1 shows", async () => {
  const outage = await openPortalOutage();
  await failExport(outage);
  for (let index = 0; index < 20; index += 1) enterOffer(outage);
  const { result, pages } = await outage.run();
  expect(result).toMatchObject({ completeness: "complete", rows: 320 });
  expect(pages).toEqual(expect.arrayContaining(startPages));
});

/** Adds a new offer at the front of the list, and returns its id. */
function enterOffer({ portal: { offers } }: Outage): string {
  const id = `off_new${String(offers.all().length).padStart(12, "0")}${Math.random().toString(36).slice(2, 8)}`;
  offers.insert({ ...rawOffer({ createdAt: new Date().toISOString() }), id }, 0);
  return id;
}

describe("a list that changes while the portal is away", () => {
  const change = fc.oneof(
    fc.record({ kind: fc.constant("insert" as const), count: fc.integer({ min: 1, max: 20 }) }),
    fc.record({
      kind: fc.constant("remove" as const),
      at: fc.integer({ min: 0, max: 220 }),
      count: fc.integer({ min: 1, max: 18 }),
    }),
  );
  const changes = fc.array(change, { minLength: 1, maxLength: 3 });

  it("is complete in the export that resumes", { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(changes, fc.integer({ min: 12, max: 28 }), async (drawn, answered) => {
        const outage = await openPortalOutage();
        const { portal, run, readIds } = outage;
        const { offers } = portal;
        const ever = new Set(offers.all().map(({ id }) => id));
        const failed = await outage.run(answered);
        if (failed.status !== "failed") return;
        expect(await outage.readUnfinished(failed.id)).not.toBeNull();
        for (const { count, ...one } of drawn)
          for (let index = 0; index < count; index += 1)
            if (one.kind === "remove") offers.remove(offers.all()[one.at]?.id ?? offers.all()[0]?.id ?? "");
            else ever.add(enterOffer(outage));
        const { status, result } = await run();
        expect(status).toBe("succeeded");
        const ids = await readIds(result?.file.url ?? "");
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids.filter((id) => !ever.has(id))).toEqual([]);
        const stayed = offers.all().filter(({ id }) => !id.startsWith("off_new"));
        const has = new Set(ids);
        expect(stayed.filter(({ id }) => !has.has(id))).toEqual([]);
        expect(result?.completeness).toBe("complete");
      }),
      { numRuns: 12 },
    );
  });
});
