import { type DemoCustomer, makeCustomers } from "./demo-customers.ts";
import { addOddities, type DemoOffer, makeOffer } from "./demo-offers.ts";
import { countMonths, makeDayPicker, makeRandom } from "./demo-random.ts";

export type { DemoCustomer, DemoOffer };

/** `today` is `YYYY-MM-DD`. Offers are issued and decided before that day. */
type DemoOptions = { offers?: number; seed?: number; today: string };

type Demo = { offers: DemoOffer[]; customers: DemoCustomer[] };

const customerCount = 60;

/** The oldest offers seem to come from another program, whose numbers are digits with leading zeros. */
function numberOffers(offers: readonly DemoOffer[]): DemoOffer[] {
  const oldCount = Math.floor(offers.length * 0.06);
  const counts = new Map<string, number>();
  return offers.map((offer, index) => {
    if (index < oldCount) return { ...offer, offerNumber: String(871 + index).padStart(6, "0") };
    const year = offer.issuedAt.slice(0, 4);
    const count = (counts.get(year) ?? 0) + 1;
    counts.set(year, count);
    return { ...offer, offerNumber: `${year}-${String(count).padStart(4, "0")}` };
  });
}

/** Makes realistic offers and customers, both oldest first. The same options give the same data. */
export function makeDemo({ offers: offerCount = 347, seed = 1, today }: DemoOptions): Demo {
  const span = { today, months: countMonths(offerCount) };
  const customers = makeCustomers(customerCount, span, makeRandom(seed));
  const random = makeRandom(seed + 0x9e3779b9);
  const pickDay = makeDayPicker(span, random);
  const offers = Array.from({ length: offerCount }, () => {
    // Squared, so a few customers have many offers and most have few.
    const customer = customers[Math.floor(random.unit() ** 2 * customers.length)];
    return makeOffer({ customerId: customer?.id ?? "", issued: pickDay(), today }, random);
  }).toSorted((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
  return { offers: addOddities(numberOffers(offers), random), customers };
}
