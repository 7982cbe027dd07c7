import type { Problem } from "../../core/failure.ts";
import { ExportState, failExport, outliveLease, type Result, succeedExport } from "../../core/export.ts";
import { exportKey, filePrefix } from "../../core/key.ts";
import { endLease } from "../../core/snapshot/register.ts";
import { dateNow } from "../clock.ts";
import { changeExport } from "./exports.ts";
import { logEvent } from "../log/log.ts";
import { tellFigures } from "../log/metric.ts";
import { changeRegister } from "../crawl/register.ts";
import type { World } from "../world.ts";

/**
 * Makes the finished file known: until then nobody is given a link to it. One that nobody wants any more goes.
 * Whether it was this call that did.
 */
export async function publishResult(world: World, id: string, result: Result): Promise<boolean> {
  const now = dateNow(world.clock);
  const published = await changeExport(world, id, (state) => succeedExport(state, result, now));
  if (published === null) await removeUnpublished(world, id);
  return published !== null;
}

/** A step that runs twice may find the export published, by itself. */
export async function removeUnpublished({ bucket }: World, id: string): Promise<void> {
  const state = await bucket.readJson(exportKey(id), ExportState);
  if (state?.result == null) await bucket.removeAll(filePrefix(id));
}

/** Keeps how far the export had come, and gives up what it reads. A file that was not published goes. */
export async function publishFailure(world: World, id: string, problem: Problem): Promise<void> {
  const now = dateNow(world.clock);
  await changeExport(world, id, (state) => outliveLease(state, now));
  const progress = await changeRegister(world, (register) => {
    const { lease } = register;
    if (lease?.holderId !== id) return { after: null, answer: null };
    return { after: endLease(register, problem), answer: lease.progress };
  });
  const failed = await changeExport(world, id, (state) =>
    failExport({ ...state, ...(progress && { progress }) }, problem, now),
  );
  if (failed !== null) {
    await logEvent("failed", { code: problem.code });
    await tellFigures({ ExportsFailed: 1 });
  }
  await removeUnpublished(world, id);
}
