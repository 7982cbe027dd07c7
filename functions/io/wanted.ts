import { isAskable, readCustomerId } from "../core/customer.ts";
import { parseOffer } from "../core/offer.ts";
import type { Options } from "../core/option.ts";
import { selectBy, selectRow } from "../core/report.ts";
import type { Manifest } from "../core/snapshot.ts";
import { readParts } from "./snapshot.ts";
import type { World } from "./world.ts";

export type Wanted = {
  /** Whom the report shows and whose name is not known, or for too long. */
  missing: Set<string>;
  /** How many customers the snapshot's offers have. */
  customers: number;
};

type Report = { manifest: Manifest; options: Options; known: ReadonlySet<string> };

/** Only offers of customers that are not known are looked at as the report will. */
export async function findWanted(
  { bucket, calendar }: World,
  { manifest, options, known }: Report,
): Promise<Wanted> {
  const selection = selectBy(options, calendar);
  const missing = new Set<string>();
  const customers = new Set<string>();
  for await (const offers of readParts(bucket, manifest)) {
    for (const given of offers) {
      const id = readCustomerId(given);
      if (id === null) continue;
      customers.add(id);
      if (known.has(id) || missing.has(id) || !isAskable(id)) continue;
      if (selectRow(parseOffer(given), selection) !== null) missing.add(id);
    }
  }
  return { missing, customers: customers.size };
}
