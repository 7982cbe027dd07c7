import * as z from "zod";
import { parseMoment } from "../basics/calendar.ts";
import { isRecord, type RawOffer, readId, redactOffer } from "../offer/offer.ts";

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

export function makeOfferPage(
  number: number,
  offers: RawOffer[],
  isLast: boolean,
  isMiscounted = false,
): OfferPage {
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

/** Asks the portal for pages, within its rate limit. */
export interface PageReader {
  /** One page, after all that was asked for before. */
  readPage: (number: number) => Promise<OfferPage>;
  /** Pages that must be there: several at once in any order, given back in theirs; asked again where they are not. */
  readPages: (numbers: number[]) => Promise<OfferPage[]>;
  /** Requests that the rate limit's window has left for this crawl. */
  left: () => number;
}

/** The boundary behind a page at which the next one began with offers that stood on the page too. */
export type PageOverlap = { page: number; offers: number };

/** More overlaps than that are no few new offers, and would weigh on the crawl's state. */
const maxJoints = 40;

/** Where neighbouring pages overlap; null where pages of different length make that a guess. */
export function listOverlaps(pages: OfferPage[], pageSize: number): PageOverlap[] | null {
  if (pages.some(({ ids }) => ids.length !== pageSize)) return null;
  const joints = pages
    .slice(1)
    .map((page, index) => ({
      page: page.number - 1,
      offers: countOverlap(pages[index]?.ids ?? [], page.ids),
    }))
    .filter(({ offers }) => offers > 0);
  return joints.length > maxJoints ? null : joints;
}

/** How many offers stand both at the end of the one and at the start of the other. */
export function countOverlap(before: string[], after: string[]): number {
  const start = before.lastIndexOf(after[0] ?? "");
  if (start < 0) return 0;
  const tail = before.slice(start);
  return tail.every((id, index) => id === after[index]) ? tail.length : 0;
}

export function sumOverlaps(joints: PageOverlap[]): number {
  return joints.reduce((sum, { offers }) => sum + offers, 0);
}

/**
 * The pages that may lack an offer, when nothing was deleted and new offers entered before: up to the first
 * overlap none had entered, behind the last one all had. The page behind the first one ends no sooner than it
 * would now.
 */
export function listSuspectPages(joints: PageOverlap[]): number[] {
  const first = joints[0]?.page ?? 0;
  const last = joints.at(-1)?.page ?? 0;
  return listPageNumbers(first + 2, last);
}

export function listPageNumbers(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}

/** By so much the portal's clock and ours may differ. */
const toleranceMs = 2 * 60_000;

/** When the offer was created, in ms since 1970; null where the portal does not say it with an offset. */
function readCreatedMs(offer: RawOffer): number | null {
  const text = isRecord(offer) ? offer["createdAt"] : null;
  return typeof text === "string" ? parseMoment(text.trim()) : null;
}

/** Whether the offer surely was there when the reading began. */
export function wasCreatedBefore(offer: RawOffer, startedMs: number | null): boolean {
  const createdMs = readCreatedMs(offer);
  return startedMs !== null && createdMs !== null && createdMs < startedMs - toleranceMs;
}

/** Whether all offers of the page came in the course of the crawl, but for those that were seen before. */
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
