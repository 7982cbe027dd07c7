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

/**
 * An offer's state in an earlier report (`before`) and in the current one (`after`). Null stands for a report that
 * does not know the offer.
 */
type Change = { id: string; before: OfferState | null; after: OfferState | null };

/**
 * Collects the changes of offers between two reports. Counts all changes, but keeps only the most valuable ones of
 * each kind.
 */
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

/**
 * Returns the new amount minus the old one. When the currencies differ, returns the new amount and the negated old
 * amount.
 */
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

/** Returns the amount without its sign, so that changes of amounts are ranked by their size, whether up or down. */
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
  /** The currency of the report's figures; null when no row has a readable amount. */
  currency: string | null;
  findName: (customerId: string) => string | null;
};

/** Call this function after the last change has been collected. */
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

/**
 * The results of `readStateFacts` for one offer: `before` from an earlier list, and `after` from a later list. Null
 * means that the list does not have the offer.
 */
export type OfferPair = { id: string; before: string | null; after: string | null };

/**
 * Pairs the offers of an earlier and a later list by id, and passes each pair to `take`. An offer waits in memory
 * until the offer with the same id is added from the other list. When both lists have the same order, few offers
 * wait.
 */
export function openPairing(take: (pair: OfferPair) => void) {
  const before = new Map<string, string>();
  const after = new Map<string, string>();
  return {
    /**
     * Adds an offer of the earlier list. Does nothing while another offer of the earlier list with the same id waits.
     */
    addBefore(id: string, text: string): void {
      const other = after.get(id);
      if (other !== undefined && after.delete(id)) take({ id, before: text, after: other });
      else if (!before.has(id)) before.set(id, text);
    },
    /** Adds an offer of the later list. Call this function at most once for each id. */
    addAfter(id: string, text: string): void {
      const other = before.get(id);
      if (other !== undefined && before.delete(id)) take({ id, before: other, after: text });
      else after.set(id, text);
    },
    /**
     * True when the earlier list should be read next, because it has at most as many waiting offers as the later
     * list.
     */
    wantsBefore: () => before.size <= after.size,
    /**
     * Call this function after both lists have been read. It passes the offers without a counterpart to `take`.
     * `isGone` returns true for an id that the later list lacks. A waiting offer of the earlier list is skipped when
     * the later list has its id. In that case, the earlier list had the id twice, and one of the two offers was
     * paired.
     */
    finish(isGone: (id: string) => boolean): void {
      for (const [id, text] of before) if (isGone(id)) take({ id, before: text, after: null });
      for (const [id, text] of after) take({ id, before: null, after: text });
    },
  };
}
