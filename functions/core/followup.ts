import type { Day } from "./calendar.ts";
import { compareDecimals } from "./decimal.ts";
import { clipText } from "./fit.ts";
import { countOffer, emptyMeasure, type Measure, type Worth } from "./measure.ts";
import type { Row } from "./row.ts";
import { enterShortlist, openShortlist, readShortlist, type Shortlist } from "./shortlist.ts";

/** An offer to act on. `days` are those until its last valid day, or since. */
export type Due = Pick<
  Row,
  "offerNumber" | "offerId" | "customerId" | "customerName" | "currency" | "amount"
> & {
  expiresAt: Day;
  days: number;
};

type Entry = { due: Due; worth: Worth | null };

/** All are counted; the most valuable of each currency are kept. */
export type DueList = { total: Measure; byCurrency: Map<string | null, Shortlist<Entry>> };

/** Open offers about to expire, and expired ones that may still be won. */
export type FollowUp = { expiring: DueList; expired: DueList };

export const dueDays = 14;
const mostDue = 500;

export function emptyFollowUp(): FollowUp {
  const empty = (): DueList => ({ total: emptyMeasure(), byCurrency: new Map() });
  return { expiring: empty(), expired: empty() };
}

export function countDue(
  followUp: FollowUp,
  row: Row,
  { asOf, worth }: { asOf: Day; worth: Worth | null },
): void {
  const { status, expiresAt } = row;
  if (expiresAt === null || Math.abs(expiresAt - asOf) > dueDays) return;
  if (status === "open")
    enterDue(followUp.expiring, { due: makeDue(row, expiresAt, expiresAt - asOf), worth });
  if (status === "expired")
    enterDue(followUp.expired, { due: makeDue(row, expiresAt, asOf - expiresAt), worth });
}

function makeDue(row: Row, expiresAt: Day, days: number): Due {
  return {
    offerNumber: clipText(row.offerNumber),
    offerId: clipText(row.offerId),
    customerId: clipText(row.customerId),
    customerName: clipText(row.customerName),
    currency: clipText(row.currency),
    amount: clipText(row.amount),
    expiresAt,
    days,
  };
}

function enterDue({ total, byCurrency }: DueList, entry: Entry): void {
  countOffer(total, entry.worth);
  const currency = entry.worth?.currency ?? null;
  const list = byCurrency.get(currency) ?? openShortlist(mostDue, compareEntries);
  byCurrency.set(currency, list);
  enterShortlist(list, entry);
}

function compareEntries(a: Entry, b: Entry): number {
  if (a.worth === null || b.worth === null) return a.due.days - b.due.days;
  return compareDecimals(b.worth.amount, a.worth.amount) || a.due.days - b.due.days;
}

/** The most valuable first: those in the main currency, then the others, those without an amount last. */
export function listDue({ byCurrency }: DueList, main: string | null): Due[] {
  const rank = (currency: string | null) => (currency === main ? 0 : Number(currency === null) + 1);
  return [...byCurrency]
    .toSorted(([a], [b]) => rank(a) - rank(b) || ((a ?? "") < (b ?? "") ? -1 : 1))
    .flatMap(([, list]) => readShortlist(list).map(({ due }) => due))
    .slice(0, mostDue);
}
