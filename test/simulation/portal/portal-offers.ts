import { createSeededRandom, type SeededRandom } from "../faults/seeded-random.ts";

/** What the portal says about one offer, as JSON. Histories of one process share these objects, and never change them. */
export type OfferVersion = {
  readonly text: string;
  readonly fields: OfferFields;
};

export type OfferFields = {
  id: string;
  customerId: string;
  offerNumber: string;
  issuedAt: string;
  expiresAt: string;
  currency: string;
  amount: string | number;
  acceptedAt: string | boolean | null;
  rejectedAt: string | boolean | null;
  createdAt: string;
};

const dayMs = 86_400_000;
/** An offer each six hours: 3,000 of them are two years, as with a firm of some size. */
const spacingMs = dayMs / 4;
const customers = 60;

export function makeVersion(fields: OfferFields): OfferVersion {
  return { fields, text: JSON.stringify(fields) };
}

const pools = new Map<number, OfferVersion[]>();

/**
 * Returns at least `size` offers, newest first. The newest was made shortly before `endMs`. The offers are made once in
 * a process, because writing them takes longer than most histories take for all their pages.
 */
export function poolOffers(size: number, endMs: number): readonly OfferVersion[] {
  const pool = pools.get(endMs) ?? [];
  pools.set(endMs, pool);
  for (let index = pool.length; index < size; index += 1) pool.push(makePooledOffer(index, endMs));
  return pool;
}

function makePooledOffer(index: number, endMs: number): OfferVersion {
  const random = createSeededRandom(`offer ${index}`);
  const createdMs = endMs - (index + 1) * spacingMs - random.draw(spacingMs / 2);
  const offer = makeOffer(`P${String(index).padStart(6, "0")}`, createdMs, random);
  const decidedMs = createdMs + random.draw(20 * dayMs);
  if (decidedMs >= endMs || random.next() > 0.68) return makeVersion(addOddity(offer, random));
  return makeVersion(addOddity(decideOffer(offer, decidedMs, random.next() < 0.7), random));
}

/** Makes an offer that nobody has decided. */
export function makeOffer(name: string, createdMs: number, random: SeededRandom): OfferFields {
  const validDays = random.pick([30, 30, 30, 14, 60]);
  return {
    id: `off_${name}`,
    customerId: nameCustomer(Math.floor(random.next() ** 2 * customers)),
    offerNumber: `2026-${name}`,
    issuedAt: formatDay(createdMs),
    expiresAt: formatDay(createdMs + validDays * dayMs),
    currency: "EUR",
    amount: `${random.draw(9_000) + 10}.${String(random.draw(100)).padStart(2, "0")}`,
    acceptedAt: null,
    rejectedAt: null,
    createdAt: formatMoment(createdMs),
  };
}

export function decideOffer(offer: OfferFields, atMs: number, isAccepted: boolean): OfferFields {
  return { ...offer, [isAccepted ? "acceptedAt" : "rejectedAt"]: formatMoment(atMs) };
}

/**
 * Changes a field as a person corrects it by hand, or to a value that the portal's documentation does not show. Values
 * like these have been seen in portals.
 */
export function correctOffer(offer: OfferFields, random: SeededRandom): OfferFields {
  const amount = `${random.draw(9_000) + 10}.50`;
  return random.next() < 0.7 ? { ...offer, amount } : addOddity({ ...offer, amount }, random, 1);
}

const oddities: readonly [Oddity, ...Oddity[]] = [
  (offer) => (offer.acceptedAt === null ? { ...offer, acceptedAt: false } : offer),
  (offer) => (offer.rejectedAt === null ? { ...offer, rejectedAt: false } : offer),
  (offer) => (offer.acceptedAt === null ? { ...offer, acceptedAt: "0001-01-01 00:00:00" } : offer),
  (offer) =>
    typeof offer.acceptedAt === "string"
      ? { ...offer, acceptedAt: offer.acceptedAt.slice(0, 19).replace("T", " ") }
      : offer,
  (offer) => ({ ...offer, rejectedAt: offer.rejectedAt ?? offer.acceptedAt }),
  (offer) => ({ ...offer, expiresAt: `${offer.expiresAt}T00:00:00+01:00` }),
  (offer) => ({ ...offer, expiresAt: `${offer.expiresAt.slice(0, 5)}02-30` }),
  (offer) => ({ ...offer, issuedAt: "" }),
  (offer) => ({ ...offer, currency: "eur" }),
  (offer) => ({ ...offer, currency: "USD\n" }),
  (offer) => ({ ...offer, amount: Number(offer.amount) }),
  (offer) => ({ ...offer, amount: "1.234,56" }),
  (offer) => ({ ...offer, offerNumber: `=1+"${offer.offerNumber}"\r\n\u0000é` }),
];
type Oddity = (offer: OfferFields) => OfferFields;

function addOddity(offer: OfferFields, random: SeededRandom, share = 0.01): OfferFields {
  return random.next() < share ? random.pick(oddities)(offer) : offer;
}

function nameCustomer(number: number): string {
  return `cst_${String(number).padStart(6, "0")}`;
}

export type PortalCustomer = { id: string; text: string };

/** Returns the customers of the offers, newest first. The portal has deleted a few of them, which are not listed. */
export function listCustomers(): readonly PortalCustomer[] {
  return allCustomers;
}

const allCustomers = Array.from({ length: customers }, (_, number) => number)
  .filter((number) => number % 20 !== 7)
  .map((number) => {
    const id = nameCustomer(number);
    const fields = { id, companyName: `Crêperie ${number} & Zn.`, city: "Utrecht", countryCode: "NL" };
    return { id, text: JSON.stringify({ ...fields, createdAt: "2023-05-01T10:00:00+02:00" }) };
  })
  .toReversed();

function formatDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** Formats a moment as the portal does, in seconds and with an offset. */
function formatMoment(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}+00:00`;
}
