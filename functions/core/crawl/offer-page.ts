import * as z from "zod";
import { parseMoment } from "../basics/calendar.ts";
import { isRecord, type RawOffer, readId, redactOffer } from "../offer/offer.ts";

/**
 * A page of offers: how it is parsed, how pages are asked for, and what two pages show together.
 *
 * Example of an overlap: page 1 shows offers A B C. Then offer X enters, and page 2 shows C D E. Offer C stands on
 * both pages, so the pages overlap by one offer. The crawl has missed nothing between them.
 */

/** A page of offers as the portal lists them. */
export type OfferPage = {
  number: number;
  offers: RawOffer[];
  /** A unique key of each offer, in the page's order: its id, or its text without the signature when it has no id. */
  ids: string[];
  /** True when the portal names no next page. */
  isLast: boolean;
  /** True when the portal's own count, `from` and `to`, differs from the number of offers on the page. */
  isMiscounted: boolean;
  /** True when the page is the last one although the portal announces another. */
  isUnclaimed?: boolean;
};

/** A page of any list of the portal. */
export type PortalPage = { items: unknown[]; isLast: boolean; isMiscounted: boolean };

/** PHP writes an array whose keys have gaps as an object. */
const Rows = z
  .union([z.array(z.unknown()), z.record(z.string().regex(/^\d+$/), z.unknown())])
  .transform((rows) => (Array.isArray(rows) ? rows : listByNumber(rows)));

/** On the last page Laravel sends null, `""`, `false` or no field at all. */
const Next = z
  .union([z.string(), z.number(), z.boolean()])
  .nullish()
  .transform((next) => (typeof next === "string" ? next.trim() !== "" : Boolean(next)));

/** An unusable count becomes null: it must not make a page unreadable. */
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

/** The fields that the program relies on. The next page's address is never followed. */
const Envelope = z.object({
  ...Counts,
  data: Rows,
  next_page_url: Next,
  /** Laravel resource collections put paging here: https://laravel.com/docs/eloquent-resources#pagination */
  links: Nested,
  meta: z.object(Counts).nullish().catch(null),
});
type Envelope = z.infer<typeof Envelope>;

/** Returns null when the body is not a page of the API. */
export function parsePortalPage(number: number, body: unknown): PortalPage | null {
  const { data: envelope } = Envelope.safeParse(body);
  if (envelope === undefined || (envelope.data.length === 0 && !mentionsPages(body))) return null;
  const current = readCount(envelope, "current_page");
  // Some portals answer with a lower page when the requested one is behind the end.
  if (number > 1 && current !== null && current < number) return beyondEnd;
  const isLast = !(envelope.next_page_url || envelope.links?.next === true);
  return { items: envelope.data, isLast, isMiscounted: hasMiscounted(envelope) };
}

/** An object without rows counts as an empty page only when it has one of these fields. */
const paging = ["next_page_url", "current_page", "from", "to", "per_page", "links", "meta"];

function mentionsPages(body: unknown): boolean {
  return typeof body === "object" && body !== null && paging.some((name) => name in body);
}

/** The result for a page behind the end of the list. */
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

/** True when the portal says that the list ended before this page, by an empty page or by 404. */
export function isBeyondEnd(page: OfferPage): boolean {
  return page.isLast && page.offers.length === 0;
}

/** Asks the portal for pages, within its rate limit. */
export interface PageReader {
  /** Reads one page. All earlier requests have been answered by then. */
  readPage: (number: number) => Promise<OfferPage>;
  /**
   * Reads pages that must have rows, several at once. The result has the order of `numbers`. A page without rows is
   * asked for again.
   */
  readPages: (numbers: number[]) => Promise<OfferPage[]>;
  /** Returns the number of requests that are left in the rate limit's window. */
  left: () => number;
}

/** Asks the portal for single offers, too. */
export type OfferReader = PageReader & {
  /** Reads several offers at once. The result has the order of `ids`; null for an offer that no longer exists. */
  readOffers: (ids: string[]) => Promise<RawOffer[]>;
};

/** The number of offers at the start of the page behind `page` that `page` also showed. */
export type PageOverlap = { page: number; offers: number };

/** More overlaps than this are not caused by a few new offers, and would make the crawl's state large. */
const maxOverlaps = 40;

/** Returns the overlaps of neighbouring pages; null when pages differ in length, since overlaps prove nothing then. */
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

export function sumOverlaps(overlaps: PageOverlap[]): number {
  return overlaps.reduce((sum, { offers }) => sum + offers, 0);
}

/**
 * Returns the pages that may lack an offer, in a window in which offers have entered and none was deleted. The
 * pages up to the first overlap were read before any offer entered, and the pages behind the last overlap after all
 * of them had entered. So only the pages between them may lack one. New offers push the list towards higher pages.
 * So the page right behind the first overlap, as it was read, reaches at least as far down the list as the same
 * page does now. The reread starts with the page after it and ends with the page of the last overlap.
 *
 * Example: with overlaps behind pages 10 and 14, pages 12, 13 and 14 are suspect.
 */
export function listSuspectPages(overlaps: PageOverlap[]): number[] {
  const first = overlaps[0]?.page ?? 0;
  const last = overlaps.at(-1)?.page ?? 0;
  return listPageNumbers(first + 2, last);
}

export function listPageNumbers(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}

/** The portal's clock and ours may differ by this much. */
const toleranceMs = 2 * 60_000;

/** Returns when the offer was created, in ms since 1970; null when the portal gives no time with an offset. */
function readCreatedMs(offer: RawOffer): number | null {
  const text = isRecord(offer) ? offer["createdAt"] : null;
  return typeof text === "string" ? parseMoment(text.trim()) : null;
}

/** True when the offer certainly existed when the crawl began. */
export function wasCreatedBefore(offer: RawOffer, startedMs: number | null): boolean {
  const createdMs = readCreatedMs(offer);
  return startedMs !== null && createdMs !== null && createdMs < startedMs - toleranceMs;
}

/** True when every offer of the page that is not in `seenIds` was created during the crawl. */
export function areNewOffers(
  { offers, ids }: OfferPage,
  { startedMs }: { startedMs: number | null },
  seenIds: string[],
): boolean {
  const unseen = offers.filter((_offer, index) => !seenIds.includes(ids[index] ?? ""));
  return unseen.every((offer) => {
    const createdMs = readCreatedMs(offer);
    return startedMs !== null && createdMs !== null && createdMs >= startedMs - toleranceMs;
  });
}
