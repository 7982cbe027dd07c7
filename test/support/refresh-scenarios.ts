import type { OfferPage } from "../../functions/core/crawl/offer-page.ts";
import { isPageObservation } from "../../functions/core/refresh/observation.ts";
import { createRandom } from "./crawled-list.ts";
import { runRefresh } from "./refresh-runs.ts";
import { crawlRefreshedList, growList, openRefreshedList, type RefreshedList } from "./refreshed-list.ts";

/** A list of `size` decided offers, and its refresh. */
export type RefreshScenario = {
  size: number;
  grows?: "near" | "far";
  pageSize?: number;
  rotationPages?: number;
  maxRequests?: number;
  perWindow?: number;
  touchedIds?: string[];
  /** Of a thousand offers this many are undecided. */
  duePerMille?: number;
  /** Changes the list between the crawl and the refresh. */
  play?: Change;
  /** Changes that are made right before the request with this number, counted from 1. */
  changes?: Record<number, Change>;
  /** Changes what the portal answers to a request for a page. */
  twist?: (page: OfferPage, listing: RefreshedList) => OfferPage;
};

/**
 * Refreshes the list. `rounds` has the pages and the ids of offers of each round of requests. `wrong` are the ids of
 * offers that the report lacks, misplaces or has with an old value.
 */
export async function runRefreshScenario(scenario: RefreshScenario) {
  const {
    size,
    grows = "near",
    pageSize = 5,
    duePerMille = 0,
    play,
    changes = {},
    twist,
    ...options
  } = scenario;
  const listing = openRefreshedList({ size, pageSize, grows, duePerMille }, createRandom(1));
  const before = crawlRefreshedList(listing);
  play?.(listing);
  const { plan, observations, report } = await runRefresh(before, listing, {
    rotationPages: 0,
    ...options,
    change: () => changes[listing.requests]?.(listing),
    ...(twist === undefined ? {} : { twist: (page: OfferPage) => twist(page, listing) }),
  });
  const rounds = new Map<number, string[]>();
  for (const observation of observations)
    rounds.set(observation.round, [
      ...(rounds.get(observation.round) ?? []),
      isPageObservation(observation) ? String(observation.number) : observation.id,
    ]);
  const shown = [...rounds.values()].map((asked) => asked.join(" "));
  if (plan.kind !== "done") return { rounds: shown, plan: plan.kind === "crawl" ? plan.reason : plan };
  const { insertions, gone, read, heads, offers, requests } = plan.delta;
  const isWrong = (index: number) =>
    JSON.stringify(report?.offers[index]) !== JSON.stringify(listing.offers[index]);
  return {
    rounds: shown,
    insertions: insertions.map(({ id }) => id).join(" "),
    gone: gone.map(({ from, to }) => `${from}-${to - 1}`).join(" "),
    read: read.map(({ place }) => place).join(" "),
    heads: heads.map(({ at, until }) => `${at}-${until}`).join(" "),
    wrong: listing.offers.filter((_offer, index) => isWrong(index)).map(({ id }) => id),
    isCounted: offers === report?.offers.length && requests === observations.length,
    tooMany: (report?.offers ?? []).slice(listing.offers.length).map(({ id }) => id),
  };
}

/** Changes the list of a scenario. */
export type Change = (list: RefreshedList) => void;

export const grow =
  (times = 1): Change =>
  (list) => {
    for (let made = 0; made < times; made += 1) growList(list);
  };

export const remove =
  (...places: number[]): Change =>
  ({ offers }) => {
    for (const place of places.toSorted((a, b) => b - a)) offers.splice(place, 1);
  };

export const both =
  (...changes: Change[]): Change =>
  (list) => {
    for (const change of changes) change(list);
  };

/** What a refresh has found at its end when the list has not changed. */
export const done = {
  insertions: "",
  gone: "",
  read: "",
  heads: "",
  wrong: [],
  isCounted: true,
  tooMany: [],
};
