import * as z from "zod";
import { dateNow } from "../../adapters/clock/clock.ts";
import { manifestKey, wantedKey } from "../../core/basics/bucket-keys.ts";
import { count } from "../../core/basics/stored-values.ts";
import { isAskable, readCustomerId } from "../../core/customer/customer.ts";
import { beginPass } from "../../core/export/export-state.ts";
import { parseOffer } from "../../core/offer/offer.ts";
import type { Options } from "../../core/options/options.ts";
import { selectBy, selectRow } from "../../core/report/report-row.ts";
import type { Manifest } from "../../core/snapshot/snapshot-manifest.ts";
import type { World } from "../context.ts";
import { changeExport } from "../export/export-store.ts";
import { readParts } from "../snapshot/snapshot-store.ts";

const Wanted = z.object({
  /** Whom the report shows and whose names were not known. */
  ids: z.array(z.string()),
  /** How many customers the snapshot's offers have. */
  customers: count,
});
export type Wanted = z.infer<typeof Wanted>;

type Report = { id: string; manifest: Manifest; options: Options; known: ReadonlySet<string> };

/** Looked for once, and kept beside the snapshot: it takes as long as a window of the rate limit to read a large one. */
export async function obtainWanted(world: World, report: Report): Promise<Wanted> {
  const key = wantedKey(report.manifest.id, report.id);
  const kept = await world.bucket.readJson(key, Wanted);
  if (kept !== null) return kept;
  const wanted = await findWanted(world, report);
  if (wanted.ids.length > 0) await keepWanted(world, report.manifest, { key, wanted });
  return wanted;
}

/** Once: an attempt that comes late changes nothing, and leaves nothing where the snapshot has gone meanwhile. */
async function keepWanted(
  { bucket }: World,
  { id }: Manifest,
  { key, wanted }: { key: string; wanted: Wanted },
): Promise<void> {
  await bucket.replaceJson(key, wanted, null);
  if (!(await bucket.exists(manifestKey(id)))) await bucket.remove(key);
}

/** Only offers of customers that are not known are looked at as the report will. */
async function findWanted(world: World, { id, manifest, options, known }: Report): Promise<Wanted> {
  const { bucket, calendar, clock } = world;
  await changeExport(world, id, (state) => beginPass(state, manifest, dateNow(clock)));
  const selection = selectBy(options, calendar);
  const wanted = new Set<string>();
  const customers = new Set<string>();
  for await (const offers of readParts(bucket, manifest)) {
    for (const given of offers) {
      const customerId = readCustomerId(given);
      if (customerId === null) continue;
      customers.add(customerId);
      if (known.has(customerId) || wanted.has(customerId) || !isAskable(customerId)) continue;
      if (selectRow(parseOffer(given, calendar), selection) !== null) wanted.add(customerId);
    }
  }
  return { ids: [...wanted], customers: customers.size };
}
