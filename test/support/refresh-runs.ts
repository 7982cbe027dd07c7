import type { OfferPage, OfferReader } from "../../functions/core/crawl/offer-page.ts";
import type { Observation } from "../../functions/core/refresh/observation.ts";
import {
  type Observed,
  openRefreshPlan,
  readRefresh,
  type RefreshOptions,
  type RefreshPlan,
} from "../../functions/core/refresh/refresh-plan.ts";
import type { DrawNumber } from "./crawled-list.ts";
import {
  applyRefresh,
  decideOffer,
  editOffer,
  growList,
  type KnownList,
  type ListedOffer,
  readRefreshedList,
  type RefreshedList,
} from "./refreshed-list.ts";

/** The maximum number of changes of each kind between two snapshots. */
export type ListChanges = { made: number; gone: number; decided: number; edited: number };

/** Makes changes that a refresh must find. Only offers that are due for rereading are decided or edited. */
export function changeList(
  listing: RefreshedList,
  { made, gone, decided, edited }: ListChanges,
  draw: DrawNumber,
): void {
  const { offers } = listing;
  repeat(draw(made + 1), () => growList(listing));
  repeat(draw(gone + 1), () => offers.splice(draw(Math.max(1, offers.length)), 1));
  const due = offers.filter(({ acceptedAt }) => acceptedAt === null);
  repeat(draw(decided + 1), () => decideOffer(due[draw(Math.max(1, due.length))]));
  repeat(draw(edited + 1), () => editOffer(due[draw(Math.max(1, due.length))]));
}

/**
 * Makes one random change. Never deletes the offers in `fresh`, which appeared while the list was read, because a
 * refresh may miss an offer that comes and goes between two requests.
 */
export function changeListOnce(
  listing: RefreshedList,
  draw: DrawNumber,
  fresh: ReadonlySet<string> = new Set(),
): void {
  const { offers } = listing;
  const any = () => draw(Math.max(1, offers.length));
  const kind = draw(4);
  if (kind === 0) growList(listing);
  if (kind === 1) removeOffer(offers, any(), fresh);
  if (kind === 2) decideOffer(offers[any()]);
  if (kind === 3) editOffer(offers[any()]);
}

function removeOffer(offers: ListedOffer[], at: number, fresh: ReadonlySet<string>): void {
  if (!fresh.has(offers[at]?.id ?? "")) offers.splice(at, 1);
}

export function repeat(times: number, act: () => void): void {
  for (let time = 0; time < times; time += 1) act();
}

/** `report` is the list after the refresh, or null when the refresh asks for a crawl. */
export type RefreshRunOutcome = { plan: RefreshPlan; observations: Observation[]; report: KnownList | null };

export type RefreshRunOptions = Partial<RefreshOptions> & {
  change?: () => void;
  /** The number of requests in each window of the rate limit. */
  perWindow?: number;
  /** Changes a page before the portal answers with it. */
  twist?: (page: OfferPage) => OfferPage;
};

/** Refreshes the list `before`, in as many windows of the rate limit as needed. */
export async function runRefresh(
  before: KnownList,
  listing: RefreshedList,
  run: RefreshRunOptions = {},
): Promise<RefreshRunOutcome> {
  const { change = () => {}, twist = (page) => page, perWindow: left = Infinity, ...options } = run;
  const refresh = openRefreshPlan(before.base, { rotationPages: 10, maxRequests: Infinity, ...options });
  const seen: Observed = { observations: [], offers: [] };
  for (;;) {
    const plan = await readRefresh(
      refresh,
      seen,
      twistPages(readRefreshedList(listing, { left, change }), twist),
    );
    const { observations, offers } = seen;
    if (plan.kind === "done") return { plan, observations, report: applyRefresh(before, plan.delta, offers) };
    if (plan.kind === "crawl") return { plan, observations, report: null };
  }
}

function twistPages(reader: OfferReader, twist: (page: OfferPage) => OfferPage): OfferReader {
  return {
    ...reader,
    readPage: async (number) => twist(await reader.readPage(number)),
    readPages: async (numbers) => (await reader.readPages(numbers)).map(twist),
  };
}
