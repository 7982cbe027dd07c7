import { addDecimal, formatDecimal, negateDecimal, parseDecimal } from "../basics/decimal.ts";
import {
  countOffer,
  emptyTotalsBy,
  noCurrency,
  type OfferAmount,
  type OfferTotals,
  readCurrencySum,
  sumTotals,
} from "../figures/currency-sums.ts";
import { addRanked, listRanking, openRanking, type Ranking } from "../figures/rankings.ts";
import {
  type ChangedOffer,
  type ChangeKind,
  changeKinds,
  type Changes,
  mapChangeKinds,
} from "./change-kinds.ts";
import { describeOfferVersion, findChangeKinds, type OfferState } from "./change-rules.ts";

/** An offer's states in the two reports. */
type Change = { id: string; before: OfferState | null; after: OfferState | null };

/** The changes between two reports. All are counted; the most valuable of each kind are kept. */
export type ChangeCollector = {
  measures: Record<ChangeKind, OfferTotals>;
  rankings: Record<ChangeKind, Ranking<Change>>;
};

const maxKept = 500;

export function openChangeCollector(): ChangeCollector {
  return { measures: emptyTotalsBy(changeKinds), rankings: mapChangeKinds(() => openRanking(maxKept)) };
}

export function collectChange(collector: ChangeCollector, change: Change): void {
  const { before, after } = change;
  for (const kind of findChangeKinds(before, after)) {
    const worths = kind === "amount" ? listDifference(before, after) : listWorths(after ?? before);
    countWorths(collector.measures[kind], worths);
    const [worth = null] = worths;
    addRanked(collector.rankings[kind], {
      item: change,
      worth: kind === "amount" ? ignoreSign(worth) : worth,
      days: 0,
    });
  }
}

function listWorths(state: OfferState | null): OfferAmount[] {
  if (state === null || state.amount === null) return [];
  return [{ currency: state.currency ?? noCurrency, amount: parseDecimal(state.amount) }];
}

/** The change of the amount. In another currency: the new amount, and the old one negated. */
function listDifference(before: OfferState | null, after: OfferState | null): OfferAmount[] {
  const added = listWorths(after);
  const gone = listWorths(before).map(({ currency, amount }) => ({
    currency,
    amount: negateDecimal(amount),
  }));
  const [now] = added;
  const [then] = gone;
  if (now === undefined || then === undefined || now.currency !== then.currency) return [...added, ...gone];
  addDecimal(now.amount, then.amount);
  return added;
}

/** Changed amounts are ranked by the size of the change, whether it went up or down. */
function ignoreSign(worth: OfferAmount | null): OfferAmount | null {
  if (worth === null || worth.amount.units >= 0n) return worth;
  return { ...worth, amount: negateDecimal(worth.amount) };
}

function countWorths(measure: OfferTotals, worths: OfferAmount[]): void {
  const [first = null, ...others] = worths;
  countOffer(measure, first);
  for (const other of others) countOffer(measure, other);
  measure.offers -= others.length;
}

type Given = {
  since: Changes["since"];
  /** The currency of the report's figures. */
  currency: string | null;
  findName: (customerId: string) => string | null;
};

/** Call it after the last change was collected. */
export function summarizeChanges(
  collector: ChangeCollector,
  { since, currency: main, findName }: Given,
): Changes {
  const currencies = listCurrencies(collector);
  const currency = main ?? currencies[0] ?? null;
  return {
    since,
    currency,
    kinds: mapChangeKinds((kind) => ({
      offers: collector.measures[kind].offers,
      value: formatDecimal(readCurrencySum(collector.measures[kind], currency)),
      rows: listRanking(collector.rankings[kind], currency).map((change) => describeChange(change, findName)),
    })),
    otherCurrencies: currencies
      .filter((other) => other !== currency)
      .map((other) => ({
        currency: other,
        values: mapChangeKinds((kind) => formatDecimal(readCurrencySum(collector.measures[kind], other))),
      })),
  };
}

function listCurrencies({ measures }: ChangeCollector): string[] {
  return [...sumTotals(Object.values(measures)).sums.keys()].toSorted();
}

function describeChange({ id, before, after }: Change, findName: Given["findName"]): ChangedOffer {
  const { offerNumber = null, customerId = null } = after ?? before ?? {};
  return {
    offerNumber,
    offerId: id,
    customerId,
    customerName: customerId === null ? null : findName(customerId),
    before: before && describeOfferVersion(before),
    after: after && describeOfferVersion(after),
  };
}

/** An offer's `readStateFacts` text in two lists. Null means that the list does not have the offer. */
export type OfferPair = { id: string; before: string | null; after: string | null };

/**
 * Pairs the offers of two lists by id. Each list is read once. An offer waits in memory until its counterpart is
 * read. When both lists have the same order, few offers wait: only those that the other list lacks or has not yet
 * reached.
 */
export function openPairing(take: (pair: OfferPair) => void) {
  const before = new Map<string, string>();
  const after = new Map<string, string>();
  return {
    /** Ignores an offer while another one with the same id waits. */
    addBefore(id: string, text: string): void {
      const other = after.get(id);
      if (other !== undefined && after.delete(id)) take({ id, before: text, after: other });
      else if (!before.has(id)) before.set(id, text);
    },
    /** Call it once for each id. */
    addAfter(id: string, text: string): void {
      const other = before.get(id);
      if (other !== undefined && before.delete(id)) take({ id, before: other, after: text });
      else after.set(id, text);
    },
    /** True when the earlier list is to be read next: the list with fewer waiting offers. */
    wantsBefore: () => before.size <= after.size,
    /**
     * Call it after both lists have been read. `isGone` is true for an id that the later list does not have. It is
     * false for a waiting id that occurred twice in the earlier list and was paired once: such an offer is skipped.
     */
    finish(isGone: (id: string) => boolean): void {
      for (const [id, text] of before) if (isGone(id)) take({ id, before: text, after: null });
      for (const [id, text] of after) take({ id, before: null, after: text });
    },
  };
}
