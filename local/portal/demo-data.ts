import { type DemoCustomer, makeCustomers } from "./demo-customers.ts";
import { addOddities, type DemoOffer, makeOffer } from "./demo-offers.ts";
import { countMonths, makeDayPicker, makeRandom } from "./demo-random.ts";

export type { DemoCustomer, DemoOffer };

/**
 * Options of the demo data. All offers are issued and decided before the day `today`, which has the form `YYYY-MM-DD`.
 */
type DemoOptions = { offers?: number; seed?: number; today: string };

type Demo = { offers: DemoOffer[]; customers: DemoCustomer[] };

const customerCount = 60;

/**
 * Numbers the offers. The oldest offers get digits with leading zeros, as if the numbers came from another program.
 */
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
    // The random number is squared, so that a few customers have many offers and most customers have few.
    const customer = customers[Math.floor(random.unit() ** 2 * customers.length)];
    return makeOffer({ customerId: customer?.id ?? "", issued: pickDay(), today }, random);
  }).toSorted((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
  return { offers: addOddities(numberOffers(offers), random), customers };
}
