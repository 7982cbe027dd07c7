import * as z from "zod";
import { type RawOffer, readId, redactOffer } from "../offer/offer.ts";

/** A page of offers as the portal lists them. */
export type OfferPage = {
  number: number;
  offers: RawOffer[];
  /** What tells its offers apart, in their order: ids, or the text of an offer without one, save its image. */
  ids: string[];
  /** The portal's own word: it names no next page. */
  isLast: boolean;
  /** Whether the portal's own count, `from` and `to`, is not that of the offers that the page holds. */
  isMiscounted: boolean;
  /** Whether it is the last page although the portal announces another. */
  isUnclaimed?: boolean;
};

/** What a page of any of the portal's lists holds. */
export type PortalPage = { items: unknown[]; isLast: boolean; isMiscounted: boolean };

/** Rows whose keys have gaps come as an object: PHP writes only gapless arrays as lists. */
const Rows = z
  .union([z.array(z.unknown()), z.record(z.string().regex(/^\d+$/), z.unknown())])
  .transform((rows) => (Array.isArray(rows) ? rows : listByNumber(rows)));

/** Laravel says that there is no next page by null, `""` or `false`, or by leaving the field out. */
const Next = z
  .union([z.string(), z.number(), z.boolean()])
  .nullish()
  .transform((next) => (typeof next === "string" ? next.trim() !== "" : Boolean(next)));

/** A count that is of no use is none: it never makes a page unreadable. */
const Count = z
  .union([
    z.int(),
    z
      .string()
      .trim()
      .regex(/^\d{1,15}$/)
      .transform(Number),
  ])
  .nullish()
  .catch(null);

const Counts = { current_page: Count, from: Count, to: Count };
const Nested = z.object({ next: Next }).nullish().catch(null);

/** Only what is relied on; unknown fields are let through, and the next page's address is never followed. */
const Envelope = z.object({
  ...Counts,
  data: Rows,
  next_page_url: Next,
  /** Where a Laravel resource collection has the rest: https://laravel.com/docs/eloquent-resources#pagination */
  links: Nested,
  meta: z.object(Counts).nullish().catch(null),
});
type Envelope = z.infer<typeof Envelope>;

/** Null when the answer is not a page of the API. */
export function parsePortalPage(number: number, body: unknown): PortalPage | null {
  const { data: envelope } = Envelope.safeParse(body);
  if (envelope === undefined || (envelope.data.length === 0 && !mentionsPages(body))) return null;
  const current = readCount(envelope, "current_page");
  // A portal that answers with another page beyond the last one says so.
  if (number > 1 && current !== null && current < number) return beyondEnd;
  const isLast = !(envelope.next_page_url || envelope.links?.next === true);
  return { items: envelope.data, isLast, isMiscounted: hasMiscounted(envelope) };
}

/** Without rows and without one of these an object is no empty list: it may be anything. */
const paging = ["next_page_url", "current_page", "from", "to", "per_page", "links", "meta"];

function mentionsPages(body: unknown): boolean {
  return typeof body === "object" && body !== null && paging.some((name) => name in body);
}

/** The answer for a page that the list does not reach. */
export const beyondEnd: PortalPage = { items: [], isLast: true, isMiscounted: false };

function hasMiscounted(envelope: Envelope): boolean {
  const [from, to] = [readCount(envelope, "from"), readCount(envelope, "to")];
  return from !== null && to !== null && to - from + 1 !== envelope.data.length;
}

function readCount(envelope: Envelope, name: keyof typeof Counts): number | null {
  return envelope[name] ?? envelope.meta?.[name] ?? null;
}

function listByNumber(rows: Record<string, unknown>): unknown[] {
  return Object.entries(rows)
    .toSorted(([a], [b]) => Number(a) - Number(b))
    .map(([, row]) => row);
}

export function makeOfferPage(number: number, offers: RawOffer[], isLast: boolean, isMiscounted = false): OfferPage {
  const ids = offers.map((offer) => readId(offer) ?? JSON.stringify(redactOffer(offer, true)));
  return { number, offers, ids, isLast, isMiscounted };
}

/** Whether both pages show the same offers in the same order. */
export function isSamePage({ ids }: Pick<OfferPage, "ids">, other: Pick<OfferPage, "ids">): boolean {
  return ids.length === other.ids.length && ids.every((id, index) => id === other.ids[index]);
}

/** Whether the page says that the list ended before it: what is read beyond the last page, as empty or as 404. */
export function isBeyondEnd(page: OfferPage): boolean {
  return page.isLast && page.offers.length === 0;
}
