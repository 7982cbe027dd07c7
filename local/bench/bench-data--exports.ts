import { randomBytes } from "node:crypto";
import { type ExportState, newExportState } from "../../functions/core/export/export-state.ts";
import { formatExportId } from "../../functions/core/export/export-state--id.ts";
import { exportKey } from "../../functions/core/basics/bucket-keys.ts";
import { parseQuery } from "../../functions/core/options/export-request.ts";
import type { AppContext } from "../../functions/app/context.ts";

/** An export that is about to begin. */
export async function prepareExport(world: AppContext, format = "xlsx"): Promise<ExportState> {
  const now = new Date();
  const request = parseQuery(new URLSearchParams({ format }), world.calendar.dayOf(now.getTime()));
  const chance = randomBytes(6).toString("hex");
  const state = newExportState(
    formatExportId({ startedMs: now.getTime(), optionsKey: "0".repeat(12) }, chance),
    request,
    now,
  );
  await world.bucket.writeJson(exportKey(state.id), state);
  return state;
}
