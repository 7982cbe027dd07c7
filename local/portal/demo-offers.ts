import { Temporal } from "temporal-polyfill";
import { timeZone, writeAtom } from "./demo-random--moment.ts";
import type { Random } from "./demo-random.ts";
import { drawSignature } from "./demo-offers--signature.ts";
import { userAgents } from "./demo-customers--words.ts";

export type DemoOffer = {
  id: string;
  customerId: string;
  offerNumber: string;
  issuedAt: string;
  expiresAt: string;
  currency: string;
  amount: string;
  acceptedAt: string | null;
  acceptedViaIp?: string;
  acceptedViaUserAgent?: string;
  acceptanceSignature: string | null;
  rejectedAt: string | null;
  createdAt: string;
  links: { customer: { href: string; type: string } };
};

export type OfferOptions = { customerId: string; issued: Temporal.PlainDate; today: string };

/** Addresses that RFC 5737 and RFC 3849 keep for documentation. */
function makeIp(random: Random): string {
  if (random.unit() < 0.25)
    return `2001:db8:${random.int(1, 65_535).toString(16)}::${random.int(1, 65_535).toString(16)}`;
  return `${random.pick(["192.0.2", "198.51.100", "203.0.113"])}.${random.int(1, 254)}`;
}

/** Log-normal around 1,250 euro; two in five are priced in fives. */
function makeAmount(random: Random): string {
  const amountCents = Math.round(Math.exp(Math.log(125_000) + 1.1 * random.normal()));
  const clampedCents = Math.min(9_500_000, Math.max(3_500, amountCents));
  const isRound = random.unit() < 0.4;
  return ((isRound ? Math.round(clampedCents / 500) * 500 : clampedCents) / 100).toFixed(2);
}

/** Nobody decides in the dead of night; half of all decisions fall within six days. */
function pickDecision(
  sent: Temporal.ZonedDateTime,
  validDays: number,
  random: Random,
): Temporal.ZonedDateTime {
  let hours = Infinity;
  while (hours > (validDays - 1) * 24) hours = Math.exp(Math.log(144) + 1.1 * random.normal());
  const moment = sent.add({ minutes: Math.round(hours * 60), seconds: random.int(0, 59) });
  return moment.hour < 7 ? moment.add({ hours: 8 }) : moment;
}

export function acceptOffer(offer: DemoOffer, at: Temporal.ZonedDateTime, random: Random): DemoOffer {
  return {
    ...offer,
    acceptedAt: writeAtom(at),
    acceptedViaIp: makeIp(random),
    acceptedViaUserAgent: random.pick(userAgents),
    acceptanceSignature: drawSignature(random),
  };
}

/** Not numbered yet: numbers follow the order of the list. */
export function makeOffer({ customerId, issued, today }: OfferOptions, random: Random): DemoOffer {
  const plainTime = { hour: random.int(8, 17), minute: random.int(0, 59), second: random.int(0, 59) };
  const sent = issued.toZonedDateTime({ timeZone, plainTime });
  const draftDays = random.unit() < 0.06 ? random.int(1, 3) : 0;
  const validDays = random.unit() < 0.85 ? 30 : random.pick([14, 60]);
  const offer: DemoOffer = {
    id: `off_${random.text(15)}`,
    customerId,
    offerNumber: "",
    issuedAt: issued.toString(),
    expiresAt: issued.add({ days: validDays }).toString(),
    currency: "EUR",
    amount: makeAmount(random),
    acceptedAt: null,
    acceptanceSignature: null,
    rejectedAt: null,
    createdAt: writeAtom(sent.subtract({ days: draftDays })),
    links: {
      customer: {
        href: `https://api.mijnklantportaal.nl/v1/customers/${customerId}`,
        type: "application/json",
      },
    },
  };
  const decided = pickDecision(sent, validDays, random);
  const fate = random.unit();
  if (decided.toPlainDate().toString() >= today || fate > 0.68) return offer;
  return fate < 0.5 ? acceptOffer(offer, decided, random) : { ...offer, rejectedAt: writeAtom(decided) };
}
