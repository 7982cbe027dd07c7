import { z } from "zod";
import type { RawOffer } from "./offer.ts";

/** A page of offers as the portal lists them. `isLast` is its own word: `next_page_url` is null. */
export type Page = { number: number; offers: RawOffer[]; isLast: boolean };

/** Only what the crawl relies on; unknown fields are let through, and the next page's address is never followed. */
const Envelope = z.object({
  data: z.array(z.unknown()),
  next_page_url: z.string().nullable(),
});

/** Null when the answer is not a page of the API. */
export function parsePage(number: number, body: unknown): Page | null {
  const parsed = Envelope.safeParse(body);
  if (!parsed.success) return null;
  return { number, offers: parsed.data.data, isLast: parsed.data.next_page_url === null };
}

/** What stands for a page beyond the last, read ahead of time. */
export function emptyPage(number: number): Page {
  return { number, offers: [], isLast: true };
}
