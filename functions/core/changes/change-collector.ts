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
import { describeOfferVersion, findChangeKinds, type OfferState } from "./offer-state.ts";

/** An offer as two reports have it. */
type Change = { id: string; before: OfferState | null; after: OfferState | null };

/** What happened to offers between two reports: all are counted, the most valuable of each kind are kept. */
export type ChangeCollector = {
  measures: Record<ChangeKind, OfferTotals>;
  rankings: Record<ChangeKind, Ranking<Change>>;
};

const maxKept = 500;

export function openChangeCollector(): ChangeCollector {
  return { measures: emptyTotalsBy(changeKinds), rankings: mapChangeKinds(() => openRanking(maxKept)) };
}

export function collectChange(news: ChangeCollector, change: Change): void {
  const { before, after } = change;
  for (const kind of findChangeKinds(before, after)) {
    const worths = kind === "amount" ? listDifference(before, after) : listWorths(after ?? before);
    countWorths(news.measures[kind], worths);
    const [worth = null] = worths;
    addRanked(news.rankings[kind], {
      item: change,
      worth: kind === "amount" ? ignoreSign(worth) : worth,
      days: 0,
    });
  }
}

function listWorths(standing: OfferState | null): OfferAmount[] {
  if (standing === null || standing.amount === null) return [];
  return [{ currency: standing.currency ?? noCurrency, amount: parseDecimal(standing.amount) }];
}

/** What was added, and in another currency what went. */
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

/** By how much an amount has changed is what it ranks by, up or down. */
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
  /** That of the report's figures. */
  currency: string | null;
  findName: (customerId: string) => string | null;
};

/** Right once the last change has been entered. */
export function summarizeChanges(news: ChangeCollector, { since, currency: main, findName }: Given): Changes {
  const currencies = listCurrencies(news);
  const currency = main ?? currencies[0] ?? null;
  return {
    since,
    currency,
    kinds: mapChangeKinds((kind) => ({
      offers: news.measures[kind].offers,
      value: formatDecimal(readCurrencySum(news.measures[kind], currency)),
      rows: listRanking(news.rankings[kind], currency).map((change) => describeChange(change, findName)),
    })),
    otherCurrencies: currencies
      .filter((other) => other !== currency)
      .map((other) => ({
        currency: other,
        values: mapChangeKinds((kind) => formatDecimal(readCurrencySum(news.measures[kind], other))),
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

/** What two lists tell of an offer; null is the list that has it not. */
export type OfferPair = { id: string; before: string | null; after: string | null };

/**
 * Pairs what two lists tell of offers, each list being walked once. What has not met its other yet is kept: where
 * offers that stay keep their order, no more than have come and gone, and what was read ahead of the later list.
 */
export function openPairing(take: (pair: OfferPair) => void) {
  const before = new Map<string, string>();
  const after = new Map<string, string>();
  return {
    /** The first of an id counts. */
    addBefore(id: string, text: string): void {
      const other = after.get(id);
      if (other !== undefined && after.delete(id)) take({ id, before: text, after: other });
      else if (!before.has(id)) before.set(id, text);
    },
    /** Each id once. */
    addAfter(id: string, text: string): void {
      const other = before.get(id);
      if (other !== undefined && before.delete(id)) take({ id, before: other, after: text });
      else after.set(id, text);
    },
    /** Whether it is the earlier list's turn: the side of which less waits is read on. */
    wantsBefore: () => before.size <= after.size,
    /** Once both have been walked. What waits although the later list has its id has stood twice in the earlier. */
    finish(isGone: (id: string) => boolean): void {
      for (const [id, text] of before) if (isGone(id)) take({ id, before: text, after: null });
      for (const [id, text] of after) take({ id, before: null, after: text });
    },
  };
}
