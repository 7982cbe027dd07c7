import { crc32, deflateSync } from "node:zlib";
import { Temporal } from "temporal-polyfill";
import { userAgents } from "./demo-customers.ts";
import { type Random, readAtom, timeZone, writeAtom } from "./demo-random.ts";

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

type OfferOptions = { customerId: string; issued: Temporal.PlainDate; today: string };

/** Returns an address that RFC 5737 or RFC 3849 reserves for documentation. */
function makeIp(random: Random): string {
  if (random.unit() < 0.25)
    return `2001:db8:${random.int(1, 65_535).toString(16)}::${random.int(1, 65_535).toString(16)}`;
  return `${random.pick(["192.0.2", "198.51.100", "203.0.113"])}.${random.int(1, 254)}`;
}

/**
 * Returns an amount in euros. Amounts have a log-normal distribution around 1,250, and two in five are multiples of 5.
 */
function makeAmount(random: Random): string {
  const amountCents = Math.round(Math.exp(Math.log(125_000) + 1.1 * random.normal()));
  const clampedCents = Math.min(9_500_000, Math.max(3_500, amountCents));
  const isRound = random.unit() < 0.4;
  return ((isRound ? Math.round(clampedCents / 500) * 500 : clampedCents) / 100).toFixed(2);
}

/**
 * Returns the time of a decision, which is never between midnight and 07:00. About half of all decisions come within
 * six days.
 */
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

function acceptOffer(offer: DemoOffer, at: Temporal.ZonedDateTime, random: Random): DemoOffer {
  return {
    ...offer,
    acceptedAt: writeAtom(at),
    acceptedViaIp: makeIp(random),
    acceptedViaUserAgent: random.pick(userAgents),
    acceptanceSignature: drawSignature(random),
  };
}

/**
 * Makes an offer without an offer number. The numbers follow the order of the finished list, so they are added later.
 */
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

type Oddity = (offer: DemoOffer, random: Random) => DemoOffer;

// Lists with fewer offers get no oddities, because oddities would be too frequent in them.
const fewestOffers = 30;

/**
 * Returns a date that does not exist: the 31st of a month without 31 days. It is the first such month, starting at the
 * month of `date`.
 */
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

/** Accepts an offer `acceptedDays` after its creation and also rejects it `rejectedDays` after its creation. */
const decideTwice =
  (acceptedDays: number, rejectedDays: number): Oddity =>
  (offer, random) => {
    const created = readAtom(offer.createdAt);
    const rejectedAt = writeAtom(created.add({ days: rejectedDays, minutes: 95 }));
    return acceptOffer({ ...offer, rejectedAt }, created.add({ days: acceptedDays, minutes: 20 }), random);
  };

const breakExpiry: Oddity = (offer) => ({ ...offer, expiresAt: makeImpossible(offer.issuedAt) });

const breakIssue: Oddity = (offer) => ({ ...offer, issuedAt: makeImpossible(offer.issuedAt) });

/**
 * The oddities with their positions in the list, from 0 for the oldest offer to 1 for the newest. Offers at these
 * positions are so old that all decisions lie in the past.
 */
const oddities: readonly [number, Oddity][] = [
  [0.2, acceptLate],
  [0.35, decideTwice(4, 9)],
  [0.45, breakExpiry],
  [0.5, breakIssue],
  [0.55, acceptLate],
  [0.62, breakExpiry],
  [0.7, decideTwice(12, 5)],
];

/** Adds the oddities that the portal's documentation shows or allows, at most one to each offer. */
export function addOddities(offers: readonly DemoOffer[], random: Random): DemoOffer[] {
  if (offers.length < fewestOffers) return [...offers];
  const byIndex = new Map(oddities.map(([place, oddity]) => [Math.floor(place * offers.length), oddity]));
  return offers.map((offer, index) => byIndex.get(index)?.(offer, random) ?? offer);
}

const widthPixels = 64;
const heightPixels = 24;
const rowBytes = 1 + widthPixels / 8;

function makeChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const chunk = Buffer.alloc(8 + body.length);
  chunk.writeUInt32BE(data.length, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), 4 + body.length);
  return chunk;
}

function makeHeader(): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(widthPixels, 0);
  header.writeUInt32BE(heightPixels, 4);
  // Sets the bit depth to one bit for each pixel. The colour type stays 0, which means greyscale.
  header.writeUInt8(1, 8);
  return header;
}

/**
 * Draws a random line from left to right and returns the rows of the PNG. A row consists of a filter byte and pixels.
 */
function drawScribble(random: Random): Buffer {
  const rows = Buffer.alloc(heightPixels * rowBytes, 0xff);
  for (let y = 0; y < heightPixels; y += 1) rows[y * rowBytes] = 0;
  let y = heightPixels / 2;
  for (let x = 4; x < widthPixels - 4; x += 1) {
    y = Math.min(heightPixels - 3, Math.max(2, y + random.int(-3, 3)));
    for (const thick of [0, 1]) {
      const at = (y + thick) * rowBytes + 1 + (x >> 3);
      rows[at] = (rows[at] ?? 0) & ~(0x80 >> (x & 7));
    }
  }
  return rows;
}

/** Returns a random signature: a small PNG as a data URI. */
function drawSignature(random: Random): string {
  const png = Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    makeChunk("IHDR", makeHeader()),
    makeChunk("IDAT", deflateSync(drawScribble(random))),
    makeChunk("IEND", Buffer.alloc(0)),
  ]);
  return `data:image/png;base64,${png.toString("base64")}`;
}
