import { ExportState, failExport, type Result, succeedExport } from "../core/export.ts";
import type { Problem } from "../core/error.ts";
import { exportKey } from "../core/key.ts";
import type { World } from "./world.ts";

/** Makes the finished file known: until then nobody is given a link to it. */
export async function publishResult(
  { bucket }: World,
  state: ExportState,
  result: Result,
): Promise<ExportState> {
  const finished = succeedExport(state, result, new Date());
  await bucket.writeJson(exportKey(state.id), finished);
  return finished;
}

/** Keeps how far the export had come. */
export async function publishFailure(
  { bucket }: World,
  state: ExportState,
  problem: Problem,
): Promise<ExportState> {
  const known = await bucket.readJson(exportKey(state.id), ExportState);
  const finished = failExport(known ?? state, problem, new Date());
  await bucket.writeJson(exportKey(state.id), finished);
  return finished;
}
