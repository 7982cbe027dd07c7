import pLimit from "p-limit";
import type { CrawlState } from "../../core/crawl/crawl-state.ts";
import type { OfferPage, OfferReader } from "../../core/crawl/offer-page.ts";
import { type RawOffer, redactOffer } from "../../core/offer/offer.ts";
import type { RateLimit } from "../../core/rate-limit/rate-limit.ts";
import { maxRequestsAtOnce } from "../../core/rate-limit/request-permits.ts";
import { hashShort } from "../bucket/key-hashes.ts";
import type { Timer } from "../clock/clock.ts";
import type { Random } from "../random/random.ts";
import type { OfferPortal } from "./portal-client.ts";
import { openClientQueue } from "./request-retries.ts";

export type PortalOfferReader = OfferReader & {
  /** The numbers of offers on the pages that the portal has given so far, by the pages' numbers. */
  pageSizes: () => ReadonlyMap<number, number>;
  requests: () => number;
  refusals: () => number;
  limit: () => RateLimit;
  hasWorked: () => boolean;
};

type ReaderOptions = { limit: RateLimit; evidence: boolean; hasWorked?: boolean; random?: Random };

/** A page is accepted after this many reads, even if it still seems wrong, for example too short. */
const maxReads = 3;

/**
 * Opens a reader of the portal's offers. The caller needs every page that it asks for. So all requests of the reader
 * end when one of them has failed and has no retries left.
 */
export function openOfferReader(
  portal: OfferPortal,
  clock: Timer,
  { limit, evidence, hasWorked = false, random }: ReaderOptions,
): PortalOfferReader {
  const queue = openClientQueue(clock, {
    limit,
    isAllOrNothing: true,
    random,
    verified: { key: hasWorked, scope: hasWorked },
  });
  const limitConcurrency = pLimit(maxRequestsAtOnce);
  const redact = (offer: RawOffer) => redactOffer(offer, evidence);
  const pageSizes = new Map<number, number>();

  async function requestPage(number: number): Promise<OfferPage> {
    const page = await queue.send((attempt) => portal.requestPage(number, attempt));
    pageSizes.set(number, page.ids.length);
    return { ...page, ids: page.ids.map(shortenId), offers: page.offers.map(redact) };
  }

  /** Requests the page again while `isWrong` returns true. Accepts the page as it is after `maxReads` reads in all. */
  async function rereadIf(first: OfferPage, isWrong: (page: OfferPage) => boolean): Promise<OfferPage> {
    let page = first;
    for (let reads = 1; reads < maxReads && isWrong(page); reads += 1) page = await requestPage(page.number);
    return page;
  }

  async function readPage(number: number): Promise<OfferPage> {
    return await rereadIf(await requestPage(number), ({ isMiscounted }) => isMiscounted);
  }

  /**
   * Reads the pages, and reads empty and short pages again. All pages of a list except the last one hold the same
   * number of offers, so an empty or a short page is probably wrong.
   */
  async function readPages(numbers: number[]): Promise<OfferPage[]> {
    const readFilled = async (number: number) =>
      await rereadIf(await readPage(number), ({ ids }) => ids.length === 0);
    const pages = await Promise.all(numbers.map((number) => limitConcurrency(readFilled, number)));
    const pageSize = Math.max(0, ...pages.map(({ ids }) => ids.length));
    const isShort = ({ ids, isLast }: OfferPage) => ids.length > 0 && ids.length < pageSize && !isLast;
    return await Promise.all(pages.map((page) => limitConcurrency(rereadIf, page, isShort)));
  }

  async function readOffer(id: string): Promise<RawOffer> {
    const offer = await queue.send((attempt) => portal.requestOffer(id, attempt));
    return offer === null ? null : redact(offer);
  }

  return {
    readPage,
    readPages,
    readOffers: (ids) => Promise.all(ids.map((id) => limitConcurrency(readOffer, id))),
    pageSizes: () => pageSizes,
    left: () => queue.left(),
    requests: () => queue.requests(),
    refusals: () => queue.refusals(),
    limit: () => queue.limit(),
    hasWorked: () => queue.hasWorked(),
  };
}

/** Adds the reader's numbers of requests and refusals to the crawl's. Copies the reader's `limit` and `hasWorked`. */
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

/**
 * Replaces a long id by its hash. Ids must be short, because step results contain them and are stored in the
 * execution's history. An offer without an id gets its whole text as an id, which may be long.
 */
function shortenId(id: string): string {
  return id.length > maxIdLength ? hashShort(id) : id;
}
