import { createHash } from "node:crypto";
import fc from "fast-check";
import Papa from "papaparse";
import { describe, expect, it, vi } from "vitest";
import { ExportState, locateFile } from "../../../functions/core/export/export-state.ts";
import {
  exportKey,
  filePrefix,
  manifestKey,
  snapshotPrefix,
  missingNamesPrefix,
} from "../../../functions/core/basics/bucket-keys.ts";
import { listKeys, SnapshotManifest } from "../../../functions/core/snapshot/snapshot-manifest.ts";
import { readRegistry } from "../../../functions/app/snapshot/snapshot-store.ts";
import { cancelExport } from "../../../functions/app/export/cancel-export.ts";
import type { AppContext } from "../../../functions/app/context.ts";
import type { Portal } from "../../../local/portal/portal-server.ts";
import { type StaleAttempt, runWithStaleAttempts } from "../../support/stale-attempts.ts";
import { rawOffers } from "../../support/offer-fixtures.ts";
import { queueExport } from "../../support/workflow-runs.ts";
import { makeNumberedOffers, changeOffers } from "../../support/refresh-stack.ts";
import { openVirtualPortal, openVirtualStack } from "../../support/virtual-stack.ts";
import { useWorld } from "../../support/virtual-world.ts";

vi.setConfig({ testTimeout: 60_000 });

async function openHaunted(options: Parameters<typeof openVirtualPortal>[0] = {}) {
  const clock = useWorld().clock;
  const portal = await openVirtualPortal({ offers: rawOffers(150), limit: 6, clock, ...options });
  const { app } = await openVirtualStack(portal, {}, clock);
  const { bucket } = app;
  const begin = async (query = "") => (await queueExport(app, `format=csv&maxAge=0&${query}`)).id;
  const readState = async (id: string) =>
    ExportState.parse(await bucket.readJson(exportKey(id), ExportState));

  /** Runs an export in which no attempt stops, and returns the export's id. */
  async function report(query = "customers=false") {
    const id = await begin(query);
    await runWithStaleAttempts(app, id, { ghosts: [] });
    return id;
  }

  return { app, portal, clock, begin, readState, report };
}

/** Checks that the published file is whole and has each of the portal's offers once. */
async function expectWhole(app: AppContext, portal: Portal, id: string): Promise<void> {
  const state = ExportState.parse(await app.bucket.readJson(exportKey(id), ExportState));
  const { result } = state;
  if (result === null) throw new Error(`no result: ${state.problem?.detail}`);
  const bytes = Buffer.from((await app.bucket.readBytes(locateFile({ id, result }))) ?? []);
  expect(createHash("sha256").update(bytes).digest("hex")).toBe(result.file.sha256);
  const rows = Papa.parse<Record<string, string>>(bytes.toString("utf8").replace(/^\uFEFF/, ""), {
    header: true,
    skipEmptyLines: true,
  }).data;
  const offerColumn = Object.keys(rows[0] ?? {}).find((name) => /offer.?id|offerte-?id/i.test(name)) ?? "";
  const ids = rows.map((row) => row[offerColumn] ?? "").toSorted();
  expect(ids).toEqual(
    portal.offers
      .all()
      .map((offer) => offer.id)
      .toSorted(),
  );
  expect(result.completeness).toBe("complete");
}

/** Checks that the bucket holds only objects of attempts whose results were kept. */
async function expectTidy({ bucket }: AppContext, id: string): Promise<void> {
  const { result } = ExportState.parse(await bucket.readJson(exportKey(id), ExportState));
  expect(await bucket.listKeys(filePrefix(id))).toEqual(result && [locateFile({ id, result })]);
  const manifest = SnapshotManifest.parse(await bucket.readJson(manifestKey(id), SnapshotManifest));
  const keys = (await bucket.listKeys(snapshotPrefix(id))).filter(
    (key) => !key.startsWith(missingNamesPrefix(id)),
  );
  expect(keys.toSorted()).toEqual(listKeys(manifest).toSorted());
}

/** Removes `count` offers that the export has not read before this step. */
function removeFrom(portal: Portal, step: string, count: number): void {
  const place = places[step];
  if (place === undefined) return;
  for (const { id } of portal.offers.all().slice(place, place + count)) portal.offers.remove(id);
}

const places: Record<string, number> = {
  "window-1-1": 20,
  "window-1-2": 80,
  "window-1-3": 125,
  "refresh-1-1": 700,
  "refresh-1-2": 700,
};

describe("an attempt that continues after the attempt that counts", () => {
  const late: [string, StaleAttempt][] = [
    [
      "while a later window is read",
      { step: "window-1-2", freezesAt: /^PUT .*part-/, thawsAt: "window-1-4" },
    ],
    ["before the crawl is verified", { step: "window-1-1", freezesAt: /^PUT .*part-/, thawsAt: "verify-1" }],
    ["before the snapshot is sealed", { step: "window-1-1", freezesAt: /^PUT .*part-/, thawsAt: "seal-1" }],
    ["before the report is written", { step: "window-1-1", freezesAt: /^PUT .*part-/, thawsAt: "report" }],
    ["after all", { step: "window-1-2", freezesAt: /^PUT .*part-/ }],
  ];

  it.each(late)("%s writes a part that nobody reads", async (_when, ghost) => {
    const { app, portal, begin } = await openHaunted();
    const id = await begin("customers=false");
    const { freezes } = await runWithStaleAttempts(app, id, {
      ghosts: [ghost],
      onFrozen: (step) => removeFrom(portal, step, 5),
    });
    expect(freezes).toBe(1);
    await expectWhole(app, portal, id);
    await expectTidy(app, id);
  });

  it.each([
    ["before it has begun to write", /^PUT .*files/],
    ["in the midst of its upload", /^GET .*part-00002/],
    ["before it publishes", /^PUT .*exports\/.*|^GET .*exports/],
  ])(
    "does not change the published report, and leaves no other object, frozen %s",
    async (_when, freezesAt) => {
      const { app, portal, begin, readState } = await openHaunted();
      const id = await begin("customers=false");
      let published: ExportState | null = null;
      const { freezes } = await runWithStaleAttempts(app, id, {
        ghosts: [{ step: "report", freezesAt }],
        onEnd: async () => void (published = await readState(id)),
      });
      expect(freezes).toBe(1);
      expect(await readState(id)).toEqual(published);
      await expectWhole(app, portal, id);
      await expectTidy(app, id);
    },
  );

  it("of a turn step claims no crawl for an export that was deleted", async () => {
    const { app, begin, readState } = await openHaunted();
    const id = await begin("customers=false");
    const { freezes } = await runWithStaleAttempts(app, id, {
      ghosts: [{ step: "turn-1", freezesAt: /^GET .*claims/ }],
      onEnd: async () => await cancelExport(app, await readState(id)),
    });
    expect(freezes).toBe(1);
    expect(await readRegistry(app)).toMatchObject({ lease: null, snapshots: [] });
  });

  it("of a seal step changes no manifest", async () => {
    const { app, portal, begin } = await openHaunted();
    const id = await begin("customers=false");
    let manifest: unknown;
    const read = () => app.bucket.readJson(manifestKey(id), SnapshotManifest);
    await runWithStaleAttempts(app, id, {
      ghosts: [{ step: "seal-1", freezesAt: /^PUT .*manifest/ }],
      onEnd: async () => void (manifest = await read()),
    });
    expect(await read()).toEqual(manifest);
    await expectWhole(app, portal, id);
    await expectTidy(app, id);
  });

  it("of the step for missing offers does not add an offer that was deleted in between", async () => {
    const hidden = { ...rawOffers(1)[0], id: "off_hidden" };
    let isThere = true;
    const { app, portal, begin, readState, report } = await openHaunted({
      offers: [...rawOffers(20), hidden],
      intercept: ({ url }, response) => {
        if (!url.endsWith("/off_hidden") || !isThere) return false;
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(hidden));
        return true;
      },
    });
    await report();
    portal.offers.remove("off_hidden");
    const id = await begin("customers=false");
    const { freezes } = await runWithStaleAttempts(app, id, {
      ghosts: [{ step: "settle-1-1", freezesAt: /^PUT .*part-/ }],
      onFrozen: () => void (isThere = false),
    });
    expect(freezes).toBe(1);
    expect((await readState(id)).result).toMatchObject({ offers: 20 });
    await expectWhole(app, portal, id);
    await expectTidy(app, id);
  });
});

const few = makeNumberedOffers().slice(0, 950);

describe("an attempt of a refresh that continues after the attempt that counts", () => {
  it.each<[string, StaleAttempt]>([
    ["with what it saw", { step: "refresh-1-1", freezesAt: /^PUT .*sights-/, thawsAt: "refresh-1-2" }],
    ["with what it saw, after all", { step: "refresh-1-1", freezesAt: /^PUT .*sights-/ }],
    ["with the offers", { step: "refresh-1-2", freezesAt: /^PUT .*(part|sights)-/ }],
    ["with the manifest", { step: "seal-1", freezesAt: /^PUT .*manifest/ }],
    ["after it was read", { step: "refresh-1-1", freezesAt: 4, thawsAt: "seal-1" }],
  ])("changes nothing, %s", async (_what, ghost) => {
    const { app, portal, begin, readState, report } = await openHaunted({ offers: few, limit: 10 });
    await report();
    changeOffers(portal);
    const id = await begin("customers=false");
    const { freezes, names } = await runWithStaleAttempts(app, id, {
      ghosts: [ghost],
      onFrozen: (step) => removeFrom(portal, step, 2),
    });
    expect(freezes).toBe(1);
    expect(names).toContain("refresh-1-2");
    expect((await readState(id)).result?.method).toBe("refresh");
    await expectWhole(app, portal, id);
    await expectTidy(app, id);
  });
});

describe("after an export was deleted, no object of it comes back", () => {
  it.each<[string, string, number | RegExp]>([
    ["part", "window-1-2", /^PUT .*part-/],
    ["manifest", "seal-1", /^PUT .*manifest/],
    ["file", "report", /^PUT .*files/],
    ["file that was read slowly", "report", /^GET .*part-00002/],
    ["list of customers", "names-1", /^PUT .*wanted/],
  ])("by an attempt that still writes: a %s", async (_what, step, freezesAt) => {
    const { app, begin, readState } = await openHaunted();
    const id = await begin();
    const { freezes } = await runWithStaleAttempts(app, id, {
      ghosts: [{ step, freezesAt }],
      onEnd: async () => await cancelExport(app, await readState(id)),
    });
    expect(freezes).toBe(1);
    for (const prefix of [filePrefix(id), snapshotPrefix(id)])
      expect(await app.bucket.listKeys(prefix)).toEqual([]);
  });

  it.each<[string, string, RegExp]>([
    ["sights", "refresh-1-1", /^PUT .*sights-/],
    ["parts", "refresh-1-2", /^PUT .*(part|sights)-/],
    ["its manifest", "seal-1", /^PUT .*manifest/],
  ])("by a refresh: %s", async (_what, step, freezesAt) => {
    const { app, portal, begin, readState, report } = await openHaunted({ offers: few, limit: 10 });
    await report();
    changeOffers(portal);
    const id = await begin("customers=false");
    const { freezes } = await runWithStaleAttempts(app, id, {
      ghosts: [{ step, freezesAt }],
      onEnd: async () => await cancelExport(app, await readState(id)),
    });
    expect(freezes).toBe(1);
    for (const prefix of [filePrefix(id), snapshotPrefix(id)])
      expect(await app.bucket.listKeys(prefix)).toEqual([]);
  });
});

describe("whichever attempts freeze, and whenever they continue,", () => {
  const steps = [
    "turn-1",
    "window-1-1",
    "window-1-2",
    "window-1-3",
    "verify-1",
    "seal-1",
    "names-1",
    "report",
  ];
  const ghost = fc.record({
    step: fc.constantFrom(...steps),
    freezesAt: fc.integer({ min: 1, max: 14 }),
    thawsAt: fc.constantFrom(...steps, "end"),
  });
  const ghosts = fc.array(ghost, { minLength: 1, maxLength: 3 });

  it("the report has the offers of the attempts that count", { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(ghosts, fc.boolean(), async (drawn, isDeleted) => {
        const { app, portal, begin, readState } = await openHaunted({ offers: rawOffers(250) });
        const id = await begin();
        await runWithStaleAttempts(app, id, {
          ghosts: drawn,
          onFrozen: (step) => removeFrom(portal, step, 3),
          onEnd: async () => {
            if (isDeleted) await cancelExport(app, await readState(id));
          },
        });
        if (!isDeleted) {
          await expectWhole(app, portal, id);
          await expectTidy(app, id);
        }
        for (const prefix of isDeleted ? [filePrefix(id), snapshotPrefix(id)] : [])
          expect(await app.bucket.listKeys(prefix)).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });
});
