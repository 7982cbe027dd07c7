import type { ExportState } from "../../functions/core/export.ts";
import { parseQuery } from "../../functions/core/http/request.ts";
import { requestExport } from "../../functions/io/export/exports.ts";
import type { World } from "../../functions/io/world.ts";

/** An export whose workflow has not been started. */
export async function queueExport(world: World, query = ""): Promise<ExportState> {
  const request = parseQuery(new URLSearchParams(query), world.calendar.dayOf(Date.now()));
  return await requestExport(world, { start: async () => undefined }, request);
}
