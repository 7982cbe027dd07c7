import { expect, it } from "vitest";
import { createWorkflow } from "../functions/workflow.ts";
import { openRunner, readEvents } from "./support/durable.ts";
import { rawOffers } from "./support/offer.ts";
import { fakeClock, openTestPortal } from "./support/portal.ts";
import { queueExport } from "./support/queue.ts";
import {
  listOperations,
  type Objects,
  observeCheckpoints,
  readFiles,
  readObjects,
  restoreObjects,
  writeLog,
} from "./support/replay.ts";
import { openTestStack } from "./support/stack.ts";

/** Long enough for the portal to have forgotten what it was asked. */
const pauseMs = 3_600_000;

async function openExport() {
  const clock = fakeClock(Date.now());
  const portal = await openTestPortal({ offers: rawOffers(240), limit: 8, clock });
  const { world } = await openTestStack(portal, {}, clock);
  const { id } = await queueExport(world, "format=csv&customers=false");
  return { world, clock, id };
}

/** A history that breaks off after so many events, and what the bucket holds then. */
type Cut = { length: number; objects: Objects };

/** Runs an export of several windows; its history may break off after each checkpoint. */
async function recordExport() {
  const { world, clock, id } = await openExport();
  const { bucket } = world;
  const cuts: Cut[] = [];
  let objects = await readObjects(bucket);
  const handler = observeCheckpoints(createWorkflow(world), async ({ Updates = [] }) => {
    const { length } = await readEvents(runner.directory, id);
    // A step that only begins may be writing already: what was there before it is meant.
    if (Updates.some(({ Action }) => Action !== "START")) {
      objects = await readObjects(bucket);
      // A process may die after a step's work, and before its end is told.
      cuts.push({ length: length - 1, objects });
    }
    cuts.push({ length, objects });
  });
  const runner = await openRunner(handler, { clock });
  expect(await runner.complete({ id }, id)).toMatchObject({ status: "SUCCEEDED" });
  return { world, clock, id, cuts, events: await readEvents(runner.directory, id) };
}

/**
 * The bucket goes back to where it was: a step in the history is not run again, so what it wrote must be there,
 * and what later steps wrote must not, or the export would find itself published already.
 */
it("has the same operations from wherever its history breaks off", { timeout: 60_000 }, async () => {
  const { world, clock, id, cuts, events } = await recordExport();
  const operations = listOperations(events);
  const files = await readFiles(world.bucket);
  for (const { length, objects } of cuts) {
    await clock.sleep(pauseMs);
    await restoreObjects(world.bucket, objects);
    const directory = await writeLog(id, events.slice(0, length));
    const { finish } = await openRunner(createWorkflow(world), { clock, directory });
    const told = `${length} of ${events.length} events`;
    expect(await finish(id), `cut after ${told}`).toMatchObject({ status: "SUCCEEDED" });
    expect(listOperations(await readEvents(directory, id)), `cut after ${told}`).toEqual(operations);
    expect(await readFiles(world.bucket), `cut after ${told}`).toEqual(files);
  }
});
