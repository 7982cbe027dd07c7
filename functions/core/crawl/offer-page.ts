import * as z from "zod";
import { parseMoment } from "../basics/calendar.ts";
import { isRecord, type RawOffer, readId, redactOffer } from "../offer/offer.ts";

/**
 * Parses pages of offers, and compares two pages with each other.
 *
 * Example of an overlap: page 1 shows offers A B C. Then offer X appears at the top of page 1, and page 2 shows C D
 * E. Offer C stands on both pages, so the pages overlap by one offer. The crawl has missed no offer between the two
 * pages.
 */

/** A page of offers as the portal lists them. */
export type OfferPage = {
  number: number;
  offers: RawOffer[];
  /**
   * The keys of the offers, in the page's order. A key is unique: the offer's id or, when it has none, the offer as
   * JSON without the signature.
   */
  ids: string[];
  /** True when the portal names no next page. */
  isLast: boolean;
  /** True when the fields `from` and `to` of the portal's answer do not match the number of offers on the page. */
  isMiscounted: boolean;
  /** True when the page is the last one although the portal announces another page after it. */
  isUnclaimed?: boolean;
};

/** A page of any list of the portal, for example of offers or customers. */
export type PortalPage = { items: unknown[]; isLast: boolean; isMiscounted: boolean };

/** The rows of a page. PHP writes an array as an object when its keys have gaps, so both forms are accepted. */
const Rows = z
  .union([z.array(z.unknown()), z.record(z.string().regex(/^\d+$/), z.unknown())])
  .transform((rows) => (Array.isArray(rows) ? rows : listByNumber(rows)));

/**
 * True when the answer announces a next page. On the last page Laravel sends null, `""`, `false` or no field at all.
 */
const Next = z
  .union([z.string(), z.number(), z.boolean()])
  .nullish()
  .transform((next) => (typeof next === "string" ? next.trim() !== "" : Boolean(next)));

/** A number that the portal gives about a page. An unusable value becomes null, so that the page stays readable. */
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

/**
 * The fields that the program uses of the portal's answer. `next_page_url` only shows whether there is a next page,
 * because the program never follows this address.
 */
const Envelope = z.object({
  ...Counts,
  data: Rows,
  next_page_url: Next,
  /**
   * Laravel's resource collections put the paging fields into `links` and `meta`:
   * https://laravel.com/docs/eloquent-resources#pagination
   */
  links: Nested,
  meta: z.object(Counts).nullish().catch(null),
});
type Envelope = z.infer<typeof Envelope>;

/** Parses the answer to a request for page `number`. Returns null when `body` is not a page of the portal's API. */
export function parsePortalPage(number: number, body: unknown): PortalPage | null {
  const { data: envelope } = Envelope.safeParse(body);
  if (envelope === undefined || (envelope.data.length === 0 && !mentionsPages(body))) return null;
  const current = readCount(envelope, "current_page");
  // Some portals answer with an earlier page when the requested page is after the end of the list.
  if (number > 1 && current !== null && current < number) return beyondEnd;
  const isLast = !(envelope.next_page_url || envelope.links?.next === true);
  return { items: envelope.data, isLast, isMiscounted: hasMiscounted(envelope) };
}

/**
 * The fields that describe paging. An answer without rows counts as an empty page only when it has one of these fields.
 */
const paging = ["next_page_url", "current_page", "from", "to", "per_page", "links", "meta"];

function mentionsPages(body: unknown): boolean {
  return isRecord(body) && paging.some((name) => name in body);
}

/** The result for a page after the end of the list. */
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

export function makeOfferPage(
  number: number,
  offers: RawOffer[],
  isLast: boolean,
  isMiscounted = false,
): OfferPage {
  const ids = offers.map((offer) => readId(offer) ?? JSON.stringify(redactOffer(offer, true)));
  return { number, offers, ids, isLast, isMiscounted };
}

/** True when both pages show the same offers in the same order. */
export function isSamePage({ ids }: Pick<OfferPage, "ids">, other: Pick<OfferPage, "ids">): boolean {
  return ids.length === other.ids.length && ids.every((id, index) => id === other.ids[index]);
}

/**
 * True when the portal says that the list ended before this page. It says so with a 404, or with an empty page that
 * announces no next page.
 */
export function isBeyondEnd(page: OfferPage): boolean {
  return page.isLast && page.offers.length === 0;
}

/** Requests pages from the portal, within the portal's rate limit. */
export interface PageReader {
  /** Reads one page, after all earlier requests have been answered. */
  readPage: (number: number) => Promise<OfferPage>;
  /**
   * Reads several pages at once. Each of them should have rows, so a page without rows is requested again. The result
   * has the order of `numbers`.
   */
  readPages: (numbers: number[]) => Promise<OfferPage[]>;
  /** Returns the number of requests that the rate limit still allows in its current window. */
  left: () => number;
}

/** Requests single offers from the portal, and pages as well. */
export type OfferReader = PageReader & {
  /** Reads several offers at once. The result has the order of `ids`, with null for an offer that no longer exists. */
  readOffers: (ids: string[]) => Promise<RawOffer[]>;
};

/** `offers` is the number of offers that stand both at the end of page `page` and at the start of the next page. */
export type PageOverlap = { page: number; offers: number };

/**
 * The overlaps of a window are used when there are at most this many. A few new offers cause fewer, and a longer list
 * would make the stored state of the crawl large.
 */
const maxOverlaps = 40;

/**
 * Returns the overlaps of neighbouring pages; null when there are too many. Also returns null when a page does not have
 * `pageSize` offers, because overlaps prove nothing then.
 */
export function listOverlaps(pages: OfferPage[], pageSize: number): PageOverlap[] | null {
  if (pages.some(({ ids }) => ids.length !== pageSize)) return null;
  const overlaps = pages
    .slice(1)
    .map((page, index) => ({
      page: page.number - 1,
      offers: countOverlap(pages[index]?.ids ?? [], page.ids),
    }))
    .filter(({ offers }) => offers > 0);
  return overlaps.length > maxOverlaps ? null : overlaps;
}

/** Returns the number of offers that stand both at the end of `before` and at the start of `after`. */
export function countOverlap(before: string[], after: string[]): number {
  const start = before.lastIndexOf(after[0] ?? "");
  if (start < 0) return 0;
  const tail = before.slice(start);
  return tail.every((id, index) => id === after[index]) ? tail.length : 0;
}

/** Returns the number of different ids that `known` does not have. */
export function countUnseen(ids: readonly string[], known: ReadonlySet<string>): number {
  return new Set(ids.filter((id) => !known.has(id))).size;
}

export function sumOverlaps(overlaps: PageOverlap[]): number {
  return overlaps.reduce((sum, { offers }) => sum + offers, 0);
}

/**
 * Returns the pages of a window that may lack an offer. During the window, offers must have appeared on page 1, and
 * none may have been deleted. The pages up to the first overlap were read before the first new offer appeared. The
 * pages after the last overlap were read after the last new offer had appeared. So only the pages between these two
 * overlaps may lack an offer. The page right after the first overlap is complete too: new offers push the list towards
 * higher pages, so this page reached at least as far down the list when it was read as it does now. So the result
 * starts with the page after it, and ends with the page of the last overlap.
 *
 * Example: pages 10 and 11 overlap, and so do pages 14 and 15. Then pages 12, 13 and 14 may lack an offer.
 */
export function listSuspectPages(overlaps: PageOverlap[]): number[] {
  const first = overlaps[0]?.page ?? 0;
  const last = overlaps.at(-1)?.page ?? 0;
  return listPageNumbers(first + 2, last);
}

export function listPageNumbers(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}

/** The portal's clock and this program's clock may differ by at most this much. */
const toleranceMs = 2 * 60_000;

/** Returns when the offer was created, in ms since 1970; null when the portal gives no time with a UTC offset. */
function readCreatedMs(offer: RawOffer): number | null {
  const text = isRecord(offer) ? offer["createdAt"] : null;
  return typeof text === "string" ? parseMoment(text.trim()) : null;
}

/** True when the offer certainly existed when the crawl began. */
export function wasCreatedBefore(offer: RawOffer, startedMs: number | null): boolean {
  const createdMs = readCreatedMs(offer);
  return startedMs !== null && createdMs !== null && createdMs < startedMs - toleranceMs;
}

/** An offer with a later time of creation than this after the crawl's start has a wrong time. */
const maxCrawlMs = 24 * 3_600_000;

/** True when the offer was certainly created after the crawl began. */
export function wasCreatedAfter(offer: RawOffer, startedMs: number | null): boolean {
  const createdMs = readCreatedMs(offer);
  if (startedMs === null || createdMs === null) return false;
  return createdMs > startedMs + toleranceMs && createdMs < startedMs + maxCrawlMs;
}

/** True when an offer that was created after the crawl began stands between older offers of the pages. */
export function hasIntruder(pages: OfferPage[], startedMs: number | null): boolean {
  const offers = [...new Map(pages.flatMap(zipOffers)).values()];
  const isOld = offers.map((offer) => wasCreatedBefore(offer, startedMs));
  return offers
    .slice(Math.max(0, isOld.indexOf(true)), Math.max(0, isOld.lastIndexOf(true)))
    .some((offer) => wasCreatedAfter(offer, startedMs));
}

function zipOffers({ ids, offers }: OfferPage): [string, RawOffer][] {
  return ids.map((id, index) => [id, offers[index]]);
}

/**
 * True when all unseen offers of the page were created during the crawl. An offer is unseen when its id is not in
 * `seenIds`.
 */
export function areNewOffers(
  { offers, ids }: Pick<OfferPage, "offers" | "ids">,
  { startedMs }: { startedMs: number | null },
  seenIds: string[],
): boolean {
  const unseen = offers.filter((_offer, index) => !seenIds.includes(ids[index] ?? ""));
  return unseen.every((offer) => {
    const createdMs = readCreatedMs(offer);
    return startedMs !== null && createdMs !== null && createdMs >= startedMs - toleranceMs;
  });
}
