import type { ExportState } from "../../functions/core/export/export-state.ts";
import { parseQuery } from "../../functions/core/options/export-request.ts";
import { requestExport } from "../../functions/app/export/export-store.ts";
import type { AppContext } from "../../functions/app/context.ts";

/** An export whose workflow has not been started. */
export async function queueExport(world: AppContext, query = ""): Promise<ExportState> {
  const request = parseQuery(new URLSearchParams(query), world.calendar.dayOf(Date.now()));
  return await requestExport(world, { start: async () => undefined }, request);
}
