import { describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { ExportState, locateFile } from "../../../functions/core/export/export-state.ts";
import {
  exportKey,
  fileKey,
  partKey,
  observationsKey,
  snapshotPrefix,
} from "../../../functions/core/basics/bucket-keys.ts";
import { describeExportEvent } from "../../../functions/core/delivery/webhook-event.ts";
import type { DurableSteps } from "../../../functions/adapters/workflow/durable-steps.ts";
import type { Bucket } from "../../../functions/adapters/bucket/bucket.ts";
import type { AppContext } from "../../../functions/app/context.ts";
import { runExport } from "../../../functions/app/workflow/export-workflow.ts";
import { finishExport, startExport } from "../../support/export-requests.ts";
import { rawOffers } from "../../support/offer-fixtures.ts";
import { queueExport } from "../../support/workflow-runs.ts";
import { makeNumberedOffers, changeOffers } from "../../support/refresh-stack.ts";
import { openVirtualPortal, openVirtualStack } from "../../support/virtual-stack.ts";
import { useWorld } from "../../support/virtual-world.ts";

vi.setConfig({ testTimeout: 60_000 });

async function openLegacy(offers: Record<string, unknown>[], limit: number) {
  const clock = useWorld().clock;
  const portal = await openVirtualPortal({ offers, limit, clock });
  return { portal, ...(await openVirtualStack(portal, {}, clock)) };
}

async function move({ readBytes, writeBytes, remove }: Bucket, from: string, to: string): Promise<void> {
  await writeBytes(to, (await readBytes(from)) ?? "", { contentType: "application/gzip" });
  await remove(from);
}

/**
 * Runs an export, and makes the steps in `old` look like steps of an earlier version. In that version, the steps'
 * results and the keys of their objects did not contain the attempt.
 */
async function runLegacy(app: AppContext, id: string, old: string[]) {
  const { bucket, clock } = app;
  const steps: DurableSteps = {
    async step(name, run) {
      const result = JSON.parse(JSON.stringify((await run()) ?? null));
      const number = Number(name.split("-").at(-1));
      if (!old.includes(name)) return result;
      const { part, sights, ...rest } = result;
      if (part) await move(bucket, partKey(id, part.number, part.attempt), partKey(id, part.number));
      if (sights)
        await move(bucket, observationsKey(id, number, sights.attempt), observationsKey(id, number));
      return rest;
    },
    async wait(_name, seconds) {
      await clock.sleep(seconds * 1000);
    },
  };
  await runExport(steps, app, id);
  return ExportState.parse(await bucket.readJson(exportKey(id), ExportState));
}

describe("an export that an earlier version has begun", () => {
  it.each([[["window-1-1"]], [["window-1-1", "window-1-2"]], [["window-1-2"]]])(
    "continues with the parts that the earlier version wrote: %s",
    async (old) => {
      const { app } = await openLegacy(rawOffers(200), 6);
      const { id } = await queueExport(app, "format=csv&customers=false");
      const { result } = await runLegacy(app, id, old);
      expect(result).toMatchObject({ rows: 200, completeness: "complete" });
      expect(await app.bucket.listKeys(`${snapshotPrefix(id)}part-`)).toContainEqual(
        expect.stringMatching(/part-0000\d\.ndjson\.gz$/),
      );
    },
  );

  it("continues with the observations of the earlier version's refresh", async () => {
    const { app, portal } = await openLegacy(makeNumberedOffers().slice(0, 950), 10);
    const query = "format=csv&customers=false&maxAge=0";
    await runLegacy(app, (await queueExport(app, query)).id, []);
    changeOffers(portal);
    const { id } = await queueExport(app, query);
    const { result } = await runLegacy(app, id, ["refresh-1-1"]);
    expect(result).toMatchObject({ method: "refresh", completeness: "complete" });
    expect(result?.rows).toBe(portal.offers.all().length);
  });
});

it("a report that an earlier version has published keeps its link", async () => {
  const { app, ...stack } = await openLegacy(rawOffers(3), 100);
  const { bucket } = app;
  const id = await startExport({ app, ...stack }, { customers: false, format: "csv" });
  await finishExport({ app, ...stack }, id);
  const state = ExportState.parse(await bucket.readJson(exportKey(id), ExportState));
  if (state.result === null) throw new Error("there is no report");
  const { attempt: _attempt, ...file } = state.result.file;
  await move(bucket, locateFile({ id, result: state.result }), fileKey(id, file.name));
  await bucket.writeJson(exportKey(id), { ...state, result: { ...state.result, file } });
  const { headers, status } = await stack.ask(`exports/${id}/file`);
  expect(status).toBe(302);
  expect((await fetch(headers.get("location") ?? "")).status).toBe(200);
});

it("neither an answer nor a webhook reveals which attempt has written a report", async () => {
  const stack = await openLegacy(rawOffers(3), 100);
  const id = await startExport(stack, { customers: false, format: "csv" });
  const { result } = await finishExport(stack, id);
  const known = ["bytes", "name", "sha256", "url", "urlExpiresAt"];
  expect(Object.keys(result?.file ?? {}).toSorted()).toEqual(known);
  const state = ExportState.parse(await stack.app.bucket.readJson(exportKey(id), ExportState));
  expect(state.result?.file.attempt).toMatch(/^[0-9a-f]{8,}$/);
  expect(JSON.stringify(describeExportEvent(state))).not.toContain(state.result?.file.attempt);
  const description = z.json().parse(await (await stack.ask("openapi.json")).json());
  expect(JSON.stringify(description)).not.toContain('"attempt"');
});
