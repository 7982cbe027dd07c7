import type { OfferPage } from "./offer-page.ts";

/** Asks the portal for pages, within its rate limit. */
export interface PageReader {
  /** One page, after all that was asked for before. */
  readPage: (number: number) => Promise<OfferPage>;
  /** Pages that must be there: several at once in any order, given back in theirs; asked again where they are not. */
  readPages: (numbers: number[]) => Promise<OfferPage[]>;
  /** Requests that the rate limit's window has left for this crawl. */
  left: () => number;
}
