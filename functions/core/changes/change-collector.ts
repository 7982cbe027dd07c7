import { byKind, type ChangedOffer, type ChangeKind, changeKinds, type Changes } from "./change-kinds.ts";
import { addDecimal, formatDecimal, negateDecimal, parseDecimal } from "../basics/decimal.ts";
import {
  countOffer,
  emptyMeasures,
  type Measure,
  noCurrency,
  readSum,
  sumMeasures,
  type Worth,
} from "../figures/currency-sums.ts";
import { enterRanking, listRanking, openRanking, type Ranking } from "../figures/rankings.ts";
import { describeVersion, findKinds, type Standing } from "./offer-state.ts";

/** An offer as two reports have it. */
type Change = { id: string; before: Standing | null; after: Standing | null };

/** What happened to offers between two reports: all are counted, the most valuable of each kind are kept. */
export type News = { measures: Record<ChangeKind, Measure>; rankings: Record<ChangeKind, Ranking<Change>> };

const mostKept = 500;

export function openNews(): News {
  return { measures: emptyMeasures(changeKinds), rankings: byKind(() => openRanking(mostKept)) };
}

export function enterChange(news: News, change: Change): void {
  const { before, after } = change;
  for (const kind of findKinds(before, after)) {
    const worths = kind === "amount" ? listDifference(before, after) : listWorths(after ?? before);
    countWorths(news.measures[kind], worths);
    const [worth = null] = worths;
    enterRanking(news.rankings[kind], {
      item: change,
      worth: kind === "amount" ? ignoreSign(worth) : worth,
      days: 0,
    });
  }
}

function listWorths(standing: Standing | null): Worth[] {
  if (standing === null || standing.amount === null) return [];
  return [{ currency: standing.currency ?? noCurrency, amount: parseDecimal(standing.amount) }];
}

/** What was added, and in another currency what went. */
function listDifference(before: Standing | null, after: Standing | null): Worth[] {
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
function ignoreSign(worth: Worth | null): Worth | null {
  if (worth === null || worth.amount.units >= 0n) return worth;
  return { ...worth, amount: negateDecimal(worth.amount) };
}

function countWorths(measure: Measure, worths: Worth[]): void {
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
export function drawChanges(news: News, { since, currency: main, findName }: Given): Changes {
  const currencies = listCurrencies(news);
  const currency = main ?? currencies[0] ?? null;
  return {
    since,
    currency,
    kinds: byKind((kind) => ({
      offers: news.measures[kind].offers,
      value: formatDecimal(readSum(news.measures[kind], currency)),
      rows: listRanking(news.rankings[kind], currency).map((change) => describeChange(change, findName)),
    })),
    otherCurrencies: currencies
      .filter((other) => other !== currency)
      .map((other) => ({
        currency: other,
        values: byKind((kind) => formatDecimal(readSum(news.measures[kind], other))),
      })),
  };
}

function listCurrencies({ measures }: News): string[] {
  return [...sumMeasures(Object.values(measures)).sums.keys()].toSorted();
}

function describeChange({ id, before, after }: Change, findName: Given["findName"]): ChangedOffer {
  const { offerNumber = null, customerId = null } = after ?? before ?? {};
  return {
    offerNumber,
    offerId: id,
    customerId,
    customerName: customerId === null ? null : findName(customerId),
    before: before && describeVersion(before),
    after: after && describeVersion(after),
  };
}
