import { Temporal } from "temporal-polyfill";
import { readAtom, timeZone, writeAtom } from "./demo-random--moment.ts";
import { acceptOffer, type DemoOffer } from "./demo-offers.ts";
import type { Random } from "./demo-random.ts";

type Oddity = (offer: DemoOffer, random: Random) => DemoOffer;

// With fewer offers than this the odd ones would be the rule.
const fewestOffers = 30;

/** The 31st of the first month, from that of `date` on, that has no such day. */
function makeImpossible(date: string): string {
  let month = Temporal.PlainDate.from(date).toPlainYearMonth();
  while (month.daysInMonth === 31) month = month.add({ months: 1 });
  return `${month.toString()}-31`;
}

const acceptLate: Oddity = (offer, random) => {
  const plainTime = { hour: random.int(8, 20), minute: random.int(0, 59) };
  const day = Temporal.PlainDate.from(offer.expiresAt).add({ days: random.int(1, 12) });
  return acceptOffer({ ...offer, rejectedAt: null }, day.toZonedDateTime({ timeZone, plainTime }), random);
};

/** Moments `firstDays` and `secondDays` after creation, the earlier one being a change of mind. */
const decideTwice =
  (acceptedDays: number, rejectedDays: number): Oddity =>
  (offer, random) => {
    const created = readAtom(offer.createdAt);
    const rejectedAt = writeAtom(created.add({ days: rejectedDays, minutes: 95 }));
    return acceptOffer({ ...offer, rejectedAt }, created.add({ days: acceptedDays, minutes: 20 }), random);
  };

const breakExpiry: Oddity = (offer) => ({ ...offer, expiresAt: makeImpossible(offer.issuedAt) });

const breakIssue: Oddity = (offer) => ({ ...offer, issuedAt: makeImpossible(offer.issuedAt) });

/** Where in the list, from 0 to 1: long enough ago for every moment to have passed. */
const oddities: readonly [number, Oddity][] = [
  [0.2, acceptLate],
  [0.35, decideTwice(4, 9)],
  [0.45, breakExpiry],
  [0.5, breakIssue],
  [0.55, acceptLate],
  [0.62, breakExpiry],
  [0.7, decideTwice(12, 5)],
];

/** The oddities that the documentation shows or allows, one offer each. */
export function addOddities(offers: readonly DemoOffer[], random: Random): DemoOffer[] {
  if (offers.length < fewestOffers) return [...offers];
  const byIndex = new Map(oddities.map(([place, oddity]) => [Math.floor(place * offers.length), oddity]));
  return offers.map((offer, index) => byIndex.get(index)?.(offer, random) ?? offer);
}
