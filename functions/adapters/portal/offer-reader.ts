import pLimit from "p-limit";
import type { CrawlState } from "../../core/crawl/crawl-state.ts";
import type { OfferPage, OfferReader } from "../../core/crawl/offer-page.ts";
import { type RawOffer, redactOffer } from "../../core/offer/offer.ts";
import type { RateLimit } from "../../core/rate-limit/rate-limit.ts";
import { hashShort } from "../bucket/key-hashes.ts";
import type { Timer } from "../clock/clock.ts";
import type { OfferPortal } from "./portal-client.ts";
import { maxRequestsAtOnce, openClientQueue } from "./request-retries.ts";

export type PortalOfferReader = OfferReader & {
  requests: () => number;
  refusals: () => number;
  limit: () => RateLimit;
  hasWorked: () => boolean;
};

const maxLooks = 3;

/** Reads the portal's offers: what a window brings is of use only as a whole. */
export function openOfferReader(
  portal: OfferPortal,
  clock: Timer,
  given: { limit: RateLimit; evidence: boolean; hasWorked?: boolean },
): PortalOfferReader {
  const { limit, hasWorked = false } = given;
  const queue = openClientQueue(clock, { limit, isWhole: true, known: { key: hasWorked, scope: hasWorked } });
  const atOnce = pLimit(maxRequestsAtOnce);
  const redact = (offer: RawOffer) => redactOffer(offer, given.evidence);

  async function requestPage(number: number): Promise<OfferPage> {
    const page = await queue.ask((options) => portal.requestPage(number, options));
    return { ...page, ids: page.ids.map(shortenId), offers: page.offers.map(redact) };
  }

  /** A page that looks wrong is asked for again; if it insists, that is its answer. */
  async function askAgain(first: OfferPage, isWrong: (page: OfferPage) => boolean): Promise<OfferPage> {
    let page = first;
    for (let looks = 1; looks < maxLooks && isWrong(page); looks += 1) page = await requestPage(page.number);
    return page;
  }

  async function readPage(number: number): Promise<OfferPage> {
    return await askAgain(await requestPage(number), ({ isMiscounted }) => isMiscounted);
  }

  /** Pages in the midst of the list hold as many offers as the others. */
  async function readPages(numbers: number[]): Promise<OfferPage[]> {
    const readExpected = async (number: number) =>
      await askAgain(await readPage(number), ({ ids }) => ids.length === 0);
    const pages = await Promise.all(numbers.map((number) => atOnce(readExpected, number)));
    const pageSize = Math.max(0, ...pages.map(({ ids }) => ids.length));
    const isShort = ({ ids, isLast }: OfferPage) => ids.length > 0 && ids.length < pageSize && !isLast;
    return await Promise.all(pages.map((page) => atOnce(askAgain, page, isShort)));
  }

  async function readOffer(id: string): Promise<RawOffer> {
    const offer = await queue.ask((options) => portal.requestOffer(id, options));
    return offer === null ? null : redact(offer);
  }

  return {
    readPage,
    readPages,
    readOffers: (ids) => Promise.all(ids.map((id) => atOnce(readOffer, id))),
    left: () => queue.left(),
    requests: () => queue.requests(),
    refusals: () => queue.refusals(),
    limit: () => queue.limit(),
    hasWorked: () => queue.hasWorked(),
  };
}

/** The crawl with what the reader has spent on it, and learnt of the limit. */
export function recordSpentRequests(crawl: CrawlState, reader: PortalOfferReader): CrawlState {
  return {
    ...crawl,
    requests: crawl.requests + reader.requests(),
    refusals: crawl.refusals + reader.refusals(),
    limit: reader.limit(),
    hasWorked: reader.hasWorked(),
  };
}

const maxIdLength = 64;

/** Ids go from step to step, and the text of an offer that has none is not for an execution's history. */
function shortenId(id: string): string {
  return id.length > maxIdLength ? hashShort(id) : id;
}
