import pLimit from "p-limit";
import type { Crawl } from "../../core/crawl/crawl-state.ts";
import type { Limit } from "../../core/rate-limit/rate-limit.ts";
import { type RawOffer, redactOffer } from "../../core/offer/offer.ts";
import type { Page } from "../../core/crawl/offer-page.ts";
import type { Reader } from "../../core/crawl/offer-page--reader.ts";
import type { Timer } from "../clock/clock.ts";
import { hashText } from "../bucket/key-hashes.ts";
import { mostAtOnce, openLine } from "./request-retries.ts";
import type { OfferPortal } from "./portal-client.ts";

export type PortalReader = Reader & {
  /** Single offers, several at once, in the order of the ids; null for one that is gone. */
  readOffers: (ids: string[]) => Promise<RawOffer[]>;
  requests: () => number;
  refusals: () => number;
  limit: () => Limit;
  hasWorked: () => boolean;
};

const mostLooks = 3;

/** Reads the portal's offers: what a window brings is of use only as a whole. */
export function openReader(
  portal: OfferPortal,
  clock: Timer,
  given: { limit: Limit; evidence: boolean; hasWorked?: boolean },
): PortalReader {
  const { limit, hasWorked = false } = given;
  const line = openLine(clock, { limit, isWhole: true, known: { key: hasWorked, scope: hasWorked } });
  const atOnce = pLimit(mostAtOnce);
  const redact = (offer: RawOffer) => redactOffer(offer, given.evidence);

  async function requestPage(number: number): Promise<Page> {
    const page = await line.ask((options) => portal.requestPage(number, options));
    return { ...page, ids: page.ids.map(shortenId), offers: page.offers.map(redact) };
  }

  /** A page that looks wrong is asked for again; if it insists, that is its answer. */
  async function askAgain(first: Page, isWrong: (page: Page) => boolean): Promise<Page> {
    let page = first;
    for (let looks = 1; looks < mostLooks && isWrong(page); looks += 1) page = await requestPage(page.number);
    return page;
  }

  async function readPage(number: number): Promise<Page> {
    return await askAgain(await requestPage(number), ({ isMiscounted }) => isMiscounted);
  }

  /** Pages in the midst of the list hold as many offers as the others. */
  async function readPages(numbers: number[]): Promise<Page[]> {
    const readExpected = async (number: number) =>
      await askAgain(await readPage(number), ({ ids }) => ids.length === 0);
    const pages = await Promise.all(numbers.map((number) => atOnce(readExpected, number)));
    const pageSize = Math.max(0, ...pages.map(({ ids }) => ids.length));
    const isShort = ({ ids, isLast }: Page) => ids.length > 0 && ids.length < pageSize && !isLast;
    return await Promise.all(pages.map((page) => atOnce(askAgain, page, isShort)));
  }

  async function readOffer(id: string): Promise<RawOffer> {
    const offer = await line.ask((options) => portal.requestOffer(id, options));
    return offer === null ? null : redact(offer);
  }

  return {
    readPage,
    readPages,
    readOffers: (ids) => Promise.all(ids.map((id) => atOnce(readOffer, id))),
    left: () => line.left(),
    requests: () => line.requests(),
    refusals: () => line.refusals(),
    limit: () => line.limit(),
    hasWorked: () => line.hasWorked(),
  };
}

/** The crawl with what the reader has spent on it, and learnt of the limit. */
export function spendRequests(crawl: Crawl, reader: PortalReader): Crawl {
  return {
    ...crawl,
    requests: crawl.requests + reader.requests(),
    refusals: crawl.refusals + reader.refusals(),
    limit: reader.limit(),
    hasWorked: reader.hasWorked(),
  };
}

const mostIdLength = 64;

/** Ids go from step to step, and the text of an offer that has none is not for an execution's history. */
function shortenId(id: string): string {
  return id.length > mostIdLength ? hashText(id) : id;
}
