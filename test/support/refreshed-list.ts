import type { ListDirection } from "../../functions/core/crawl/crawl-state.ts";
import { makeOfferPage, type OfferPage, type OfferReader } from "../../functions/core/crawl/offer-page.ts";
import { isRecord, type RawOffer } from "../../functions/core/offer/offer.ts";
import type { Baseline } from "../../functions/core/refresh/baseline.ts";
import type { RefreshDelta } from "../../functions/core/refresh/delta.ts";
import { fingerprintOffer } from "../../functions/core/refresh/observation.ts";
import type { DrawNumber } from "./crawled-list.ts";

/** An offer of the list. `amount` changes with each edit. */
export type ListedOffer = { id: string; acceptedAt: string | null; amount: string };

/** A portal's list that grows at one end. */
export type RefreshedList = {
  offers: ListedOffer[];
  grows: ListDirection;
  pageSize: number;
  made: number;
  requests: number;
};

export type RefreshedListSettings = {
  size: number;
  pageSize: number;
  grows: ListDirection;
  duePerMille: number;
};

const decided = "2026-01-02T03:04:05+00:00";

/** Makes a list. Undecided offers are due for rereading. The newest quarter of the list has a larger share of them. */
export function openRefreshedList(
  { size, pageSize, grows, duePerMille }: RefreshedListSettings,
  draw: DrawNumber,
): RefreshedList {
  const listing: RefreshedList = { offers: [], grows, pageSize, made: 0, requests: 0 };
  const offers = Array.from({ length: size }, (_, age) => ({
    id: `a${age}`,
    acceptedAt: draw(1000) < (age * 4 < size ? duePerMille * 3 : duePerMille / 3) ? null : decided,
    amount: "1",
  }));
  listing.offers = grows === "near" ? offers : offers.toReversed();
  return listing;
}

function copyOffer(offer: ListedOffer): ListedOffer {
  return { ...offer };
}

function isListed(offer: RawOffer): offer is ListedOffer {
  return isRecord(offer) && typeof offer["id"] === "string";
}

export function addOffer({ offers, grows, ...listing }: RefreshedList, id = `b${listing.made}`): void {
  const offer = { id, acceptedAt: null, amount: "1" };
  if (grows === "near") offers.unshift(offer);
  else offers.push(offer);
}

export function growList(listing: RefreshedList): void {
  addOffer(listing);
  listing.made += 1;
}

export function editOffer(offer: ListedOffer | undefined): void {
  if (offer !== undefined) offer.amount = String(Number(offer.amount) + 1);
}

export function decideOffer(offer: ListedOffer | undefined): void {
  if (offer !== undefined) offer.acceptedAt = decided;
}

/** A list as an earlier crawl or refresh has read it: its offers, and the baseline that a refresh needs. */
export type KnownList = { offers: ListedOffer[]; base: Baseline };

/** Returns the result that a crawl of the list would have at this moment. */
export function crawlRefreshedList({ offers, grows }: RefreshedList): KnownList {
  return makeKnownList(offers.map(copyOffer), { grows, heads: [] });
}

export function makeKnownList(offers: ListedOffer[], facts: Pick<Baseline, "grows" | "heads">): KnownList {
  const due = offers.flatMap(({ acceptedAt }, place) => (acceptedAt === null ? [place] : []));
  return {
    offers,
    base: { ids: offers.map(({ id }) => id), fingerprints: offers.map(fingerprintOffer), due, ...facts },
  };
}

/** Applies the delta of a refresh to the known list. `shown` holds the offers of each observation. */
export function applyRefresh(
  { offers, base }: KnownList,
  delta: RefreshDelta,
  shown: RawOffer[][],
): KnownList {
  const find = ({ observation, at }: { observation: number; at: number }) => {
    const offer = shown[observation]?.[at];
    if (!isListed(offer)) throw new Error("the refresh names an offer that it was not shown");
    return offer;
  };
  const read = new Map(delta.read.map((found) => [found.place, find(found)]));
  const gone = new Set(
    delta.gone.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, at) => from + at)),
  );
  const kept = offers.flatMap((offer, place) => (gone.has(place) ? [] : [read.get(place) ?? offer]));
  const insertions = delta.insertions.map(find);
  const all = base.grows === "near" ? [...insertions, ...kept] : [...kept, ...insertions];
  return makeKnownList(all, { grows: base.grows, heads: delta.heads });
}

export function showOfferPage({ offers, pageSize }: RefreshedList, number: number): OfferPage {
  const shown = offers.slice((number - 1) * pageSize, number * pageSize).map(copyOffer);
  return makeOfferPage(number, shown, number * pageSize >= offers.length);
}

/** Opens a reader of a list that changes before each request. The window of the rate limit allows `left` requests. */
export function readRefreshedList(
  listing: RefreshedList,
  { left = Infinity, change = () => {} } = {},
): OfferReader {
  const ask = <T>(show: () => T): T => {
    left -= 1;
    listing.requests += 1;
    change();
    return show();
  };
  const readPage = async (number: number) => ask(() => showOfferPage(listing, number));
  const find = (id: string) => listing.offers.find((offer) => offer.id === id);
  return {
    readPage,
    readPages: (numbers) => Promise.all(numbers.map(readPage)),
    readOffers: async (ids) =>
      ids.map((id) =>
        ask(() => {
          const offer = find(id);
          return offer === undefined ? null : copyOffer(offer);
        }),
      ),
    left: () => left,
  };
}
