import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { readExport } from "../../functions/app/export/export-store.ts";
import { createFastClock } from "../../local/fast-clock.ts";
import { makeDemo } from "../../local/portal/demo-data.ts";
import type { Portal } from "../../local/portal/portal-server.ts";
import { listSucceededSteps, readEvents } from "../support/durable-runner.ts";
import { finishExport, jsonHeaders, startExport } from "../support/export-requests.ts";
import { runExportProcessUntil } from "../support/export-kills.ts";
import { rawOffer } from "../support/offer-fixtures.ts";
import { openSharedStack } from "../support/shared-stack.ts";
import { openTestPortal } from "../support/test-portal.ts";
import { queueExport } from "../support/workflow-runs.ts";
import { expectSnapshotOfPortal } from "../support/refresh-stack.ts";
import { openTestStack, type TestStack } from "../support/test-stack.ts";

const Answered = z.object({
  id: z.string(),
  result: z.object({
    method: z.string(),
    completeness: z.string(),
    offers: z.number(),
    requests: z.number(),
    rowsSha256: z.string(),
    file: z.object({ url: z.string() }),
  }),
});

const perWindow = 60;
const windowMs = 60_000;
const count = 20_000;
const today = new Date().toISOString().slice(0, 10);

/**
 * Changes the portal's offers as in a few days of business: new offers, decisions on open offers, and two deletions.
 */
function liveOn({ offers }: Portal): void {
  const newest = offers.all().slice(-100);
  const open = newest.filter(({ acceptedAt, rejectedAt }) => acceptedAt === null && rejectedAt === null);
  const now = new Date().toISOString();
  for (const offer of open.slice(0, 13)) offers.replace({ ...offer, acceptedAt: now });
  for (const place of [12_345, 678]) offers.remove(offers.all()[place]?.id ?? "");
  for (const { id, customerId } of newest.slice(0, 15))
    offers.insert({ ...rawOffer({ customerId, createdAt: now }), id: `${id}-new` }, offers.all().length);
}

/** Options for a report with a new snapshot. The fixed day keeps the rows the same when a test runs past midnight. */
const options = { format: "csv", asOf: today, maxAge: 0 };

async function askOnce({ ask }: TestStack) {
  const query = new URLSearchParams({ ...options, maxAge: "0" });
  const response = await ask(`export?${query.toString()}`, {
    headers: { ...jsonHeaders, prefer: "wait=25" },
  });
  expect(response.status).toBe(200);
  return Answered.parse(await response.json());
}

describe("the second export of 20,000 offers", () => {
  it("is finished in the answer to its request, costs one window's requests, and has the rows of a crawl", async () => {
    const clock = createFastClock(300);
    const portal = await openTestPortal({ ...makeDemo({ offers: count, today }), limit: perWindow, clock });
    const stack = await openTestStack(portal, {}, clock);
    const first = await finishExport(stack, await startExport(stack, options));
    expect(first.result).toMatchObject({ method: "full", offers: count });

    liveOn(portal);
    await clock.sleep(windowMs);
    const before = portal.requests.length;
    const { id, result } = await askOnce(stack);
    const asked = portal.requests.slice(before);
    expect(result).toMatchObject({ method: "refresh", completeness: "complete", offers: count + 13 });
    expect(asked.length).toBe(result.requests);
    expect(asked.length).toBeLessThanOrEqual(perWindow);
    expect(asked.filter(({ status }) => status === 429)).toEqual([]);
    const steps = listSucceededSteps(await readEvents(stack.executions, id));
    expect(steps.filter((step) => step.startsWith("refresh-"))).toEqual(["refresh-1-1"]);
    const file = await (await fetch(result.file.url)).text();
    expect(file.trimEnd().split("\r\n")).toHaveLength(1 + count + 13);

    const full = await finishExport(stack, await startExport(stack, { ...options, freshness: "full" }));
    expect(full.result).toMatchObject({ method: "full", rowsSha256: result.rowsSha256 });
  });
});

describe("a refresh that needs several windows", () => {
  const limit = 10;

  it("continues after a kill -9 between its windows, and after another one in its second window", async () => {
    const place = await openSharedStack({ offers: 900, limit, speed: 200 });
    const { app, portal, directory } = place;
    const query = "format=csv&customers=false&maxAge=0";
    await runExportProcessUntil(place, (await queueExport(app, query)).id);
    for (const { id } of [7, 333].map((at) => portal.offers.all()[at] ?? { id: "" }))
      portal.offers.remove(id);
    const before = portal.requests.length;
    const { id } = await queueExport(app, query);
    const killWhen = async (isDue: () => Promise<boolean>): Promise<void> => {
      const hasEnded = await runExportProcessUntil(place, id, async (isOver) => {
        while (!isOver() && !(await isDue())) await sleep(1);
      });
      expect(hasEnded).toBe(false);
    };
    await killWhen(async () => listSucceededSteps(await readEvents(directory, id)).includes("refresh-1-1"));
    const between = portal.requests.length;
    await killWhen(async () => portal.requests.length > between + 2);
    await runExportProcessUntil(place, id);
    const result = (await readExport(app, id))?.result;
    expect(result).toMatchObject({ method: "refresh", completeness: "complete", offers: 898 });
    const requests = portal.requests.length - before;
    // Only the second kill interrupts a window of the rate limit. The result does not count that window's requests.
    expect(between - before).toBe(limit);
    expect(requests - (result?.requests ?? 0)).toBeLessThanOrEqual(limit);
    await expectSnapshotOfPortal(app, portal);
  });
});
