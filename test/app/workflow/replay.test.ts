import { expect, it } from "vitest";
import { createExportWorkflow } from "../../../functions/app/workflow/export-workflow.ts";
import { rawOffersTo, rawCustomers } from "../../support/offer-fixtures.ts";
import { openRunner, readEvents } from "../../support/durable-runner.ts";
import { fakeClock } from "../../support/test-portal.ts";
import { queueExport } from "../../support/workflow-runs.ts";
import {
  listOperations,
  type BucketObjects,
  observeCheckpoints,
  readReportFiles,
  readBucketObjects,
  restoreBucket,
  writeExecutionLog,
} from "../../support/execution-replay.ts";
import { openVirtualPortal, openVirtualStack } from "../../support/virtual-stack.ts";

/** The pause before a broken-off export continues. It is long enough for the rate limit to reset. */
const pauseMs = 3_600_000;

async function openExport(query: string) {
  const clock = fakeClock(Date.now());
  const customers = rawCustomers(240);
  const portal = await openVirtualPortal({ offers: rawOffersTo(customers), customers, limit: 8, clock });
  const { app } = await openVirtualStack(portal, {}, clock);
  const { id } = await queueExport(app, query);
  return { app, clock, id };
}

/** A point at which an execution breaks off: the number of events in the history so far, and the bucket's objects. */
type Cut = { length: number; objects: BucketObjects };

/** Runs an export that needs several windows of the rate limit. Returns a cut at each checkpoint. */
async function recordExport(query: string) {
  const { app, clock, id } = await openExport(query);
  const { bucket } = app;
  const cuts: Cut[] = [];
  let objects = await readBucketObjects(bucket);
  const handler = observeCheckpoints(createExportWorkflow(app), async ({ Updates = [] }) => {
    const { length } = await readEvents(runner.directory, id);
    // Does not read the bucket when the checkpoint only starts steps, because a started step may already have written
    // an object.
    if (Updates.some(({ Action }) => Action !== "START")) {
      objects = await readBucketObjects(bucket);
      // Adds a cut without this checkpoint, because a process may die after a step's work and before the checkpoint
      // with the step's result.
      cuts.push({ length: length - 1, objects });
    }
    cuts.push({ length, objects });
  });
  const runner = await openRunner(handler, { clock });
  expect(await runner.complete({ id }, id)).toMatchObject({ status: "SUCCEEDED" });
  return { app, clock, id, cuts, events: await readEvents(runner.directory, id) };
}

/**
 * Continues the export from a point at which its history breaks off. The bucket gets the objects that it had at that
 * point. It must contain the objects of steps in the history, because these steps do not run again. It must not
 * contain the objects of later steps, because the export would already be published.
 */
async function resumeExport({ app, clock, id, events }: Recorded, { length, objects }: Cut) {
  await clock.sleep(pauseMs);
  await restoreBucket(app.bucket, objects);
  const directory = await writeExecutionLog(id, events.slice(0, length));
  const { finish } = await openRunner(createExportWorkflow(app), { clock, directory });
  const told = `${length} of ${events.length} events`;
  expect(await finish(id), `cut after ${told}`).toMatchObject({ status: "SUCCEEDED" });
  return { told, operations: listOperations(await readEvents(directory, id)) };
}

type Recorded = Awaited<ReturnType<typeof recordExport>>;

it("an export has the same operations wherever its history breaks off", { timeout: 60_000 }, async () => {
  const recorded = await recordExport("format=csv&customers=false");
  const { app, cuts, events } = recorded;
  const files = await readReportFiles(app.bucket);
  for (const cut of cuts) {
    const { told, operations } = await resumeExport(recorded, cut);
    expect(operations, `cut after ${told}`).toEqual(listOperations(events));
    expect(await readReportFiles(app.bucket), `cut after ${told}`).toEqual(files);
  }
});

/**
 * After the pause, the lookup of names may need other windows of the rate limit, so its later operations may differ.
 * Therefore this test compares only the operations before the point at which the history breaks off.
 */
it("an export has the same names wherever their lookup breaks off", { timeout: 60_000 }, async () => {
  const recorded = await recordExport("format=csv");
  const { app, cuts, events } = recorded;
  const files = await readReportFiles(app.bucket);
  expect(Buffer.from(files[0]?.[1] ?? []).toString()).toContain("Bakkerij 240");
  const isName = (name = "") => /^nam(es|ing)-/.test(name);
  const firstLength = events.findIndex(
    (event) => event.kind === "checkpoint" && event.updates.some(({ Name }) => isName(Name)),
  );
  for (const cut of cuts.filter(({ length }) => length > firstLength)) {
    const { told, operations } = await resumeExport(recorded, cut);
    const known = listOperations(events.slice(0, cut.length));
    expect(operations.slice(0, known.length), `cut after ${told}`).toEqual(known);
    expect(await readReportFiles(app.bucket), `cut after ${told}`).toEqual(files);
  }
});
