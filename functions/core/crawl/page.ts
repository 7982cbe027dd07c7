import * as z from "zod";
import { type RawOffer, readId, redactOffer } from "../offer/offer.ts";

/** A page of offers as the portal lists them. */
export type Page = {
  number: number;
  offers: RawOffer[];
  /** What tells its offers apart, in their order: ids, or the text of an offer without one, save its image. */
  ids: string[];
  /** The portal's own word: `next_page_url` is null. */
  isLast: boolean;
  /** Whether the portal's own count, `from` and `to`, is not that of the offers that the page holds. */
  isMiscounted: boolean;
  /** Whether it is the last page although the portal announces another. */
  isUnclaimed?: boolean;
};

/** What a page of any of the portal's lists holds. */
export type Listing = { items: unknown[]; isLast: boolean };

/** Only what is relied on; unknown fields are let through, and the next page's address is never followed. */
const Envelope = z.object({
  current_page: z.int().optional(),
  data: z.array(z.unknown()),
  next_page_url: z.string().nullable(),
});

/** Null when the answer is not a page of the API. */
export function parseListing(number: number, body: unknown): Listing | null {
  const parsed = Envelope.safeParse(body);
  if (!parsed.success) return null;
  const { current_page: current = number, data, next_page_url: next } = parsed.data;
  const isLast = next === null;
  // A portal that answers with its last page beyond it says so.
  return { items: current < number && isLast ? [] : data, isLast };
}

export function makePage(number: number, offers: RawOffer[], isLast: boolean, isMiscounted = false): Page {
  const ids = offers.map((offer) => readId(offer) ?? JSON.stringify(redactOffer(offer, true)));
  return { number, offers, ids, isLast, isMiscounted };
}

/** Whether both pages show the same offers in the same order. */
export function isSamePage({ ids }: Pick<Page, "ids">, other: Pick<Page, "ids">): boolean {
  return ids.length === other.ids.length && ids.every((id, index) => id === other.ids[index]);
}

/** Whether the page says that the list ended before it: what is read beyond the last page, as empty or as 404. */
export function isBeyond(page: Page): boolean {
  return page.isLast && page.offers.length === 0;
}
