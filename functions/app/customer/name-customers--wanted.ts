import * as z from "zod";
import { dateNow } from "../../adapters/clock/clock.ts";
import { manifestKey, missingNamesKey } from "../../core/basics/bucket-keys.ts";
import { wholeNumber } from "../../core/basics/stored-values.ts";
import { isLookupId, readCustomerId } from "../../core/customer/customer.ts";
import { beginSnapshotPass } from "../../core/export/export-state.ts";
import { parseOffer } from "../../core/offer/offer.ts";
import type { Options } from "../../core/options/options.ts";
import { selectByOptions, selectRow } from "../../core/report/report-row.ts";
import type { SnapshotManifest } from "../../core/snapshot/snapshot-manifest.ts";
import type { AppContext } from "../context.ts";
import { changeExport } from "../export/export-store.ts";
import { readParts } from "../snapshot/snapshot-store.ts";

const MissingNames = z.object({
  /** Whom the report shows and whose names were not known. */
  ids: z.array(z.string()),
  /** How many customers the snapshot's offers have. */
  customers: wholeNumber,
});
export type MissingNames = z.infer<typeof MissingNames>;

type Report = { id: string; manifest: SnapshotManifest; options: Options; known: ReadonlySet<string> };

/** Looked for once, and kept beside the snapshot: it takes as long as a window of the rate limit to read a large one. */
export async function obtainMissingNames(world: AppContext, report: Report): Promise<MissingNames> {
  const key = missingNamesKey(report.manifest.id, report.id);
  const kept = await world.bucket.readJson(key, MissingNames);
  if (kept !== null) return kept;
  const wanted = await findWanted(world, report);
  if (wanted.ids.length > 0) await keepWanted(world, report.manifest, { key, wanted });
  return wanted;
}

/** Once: an attempt that comes late changes nothing, and leaves nothing where the snapshot has gone meanwhile. */
async function keepWanted(
  { bucket }: AppContext,
  { id }: SnapshotManifest,
  { key, wanted }: { key: string; wanted: MissingNames },
): Promise<void> {
  await bucket.replaceJson(key, wanted, null);
  if (!(await bucket.exists(manifestKey(id)))) await bucket.remove(key);
}

/** Only offers of customers that are not known are looked at as the report will. */
async function findWanted(world: AppContext, { id, manifest, options, known }: Report): Promise<MissingNames> {
  const { bucket, calendar, clock } = world;
  await changeExport(world, id, (state) => beginSnapshotPass(state, manifest, dateNow(clock)));
  const selection = selectByOptions(options, calendar);
  const wanted = new Set<string>();
  const customers = new Set<string>();
  for await (const offers of readParts(bucket, manifest)) {
    for (const given of offers) {
      const customerId = readCustomerId(given);
      if (customerId === null) continue;
      customers.add(customerId);
      if (known.has(customerId) || wanted.has(customerId) || !isLookupId(customerId)) continue;
      if (selectRow(parseOffer(given, calendar), selection) !== null) wanted.add(customerId);
    }
  }
  return { ids: [...wanted], customers: customers.size };
}
