import pRetry from "p-retry";
import type { Crawl, Window } from "../core/crawl.ts";
import { ExportError } from "../core/error.ts";
import { redactOffer } from "../core/offer.ts";
import type { Page } from "../core/page.ts";
import { watchRepeats } from "../core/repeat.ts";
import type { Clock } from "./clock.ts";
import { createGate } from "./gate.ts";
import { LostReply, type Portal, RefusedReply } from "./portal.ts";

const mostAtOnce = 8;
/** Bounds a window's memory where the limit is high: 6,000 offers of some kilobytes. */
const mostPages = 400;
/** Four more tries after about 0.5, 1, 2 and 4 s, each with jitter. */
const retry = { retries: 4, minTimeout: 300, factor: 2, randomize: true };

/**
 * Reads pages from the crawl's next one on, several at once, until the list or the window of the rate
 * limit ends. Gives back only pages that follow each other; one that was read beyond a gap is read again.
 */
export async function readWindow(
  portal: Portal,
  clock: Clock,
  { crawl, evidence }: { crawl: Crawl; evidence: boolean },
): Promise<Window> {
  const gate = createGate(crawl.limit, clock);
  const watch = watchRepeats(crawl.repeats);
  const ended = new AbortController();
  const ahead = new Map<number, Page>();
  const pages: Page[] = [];
  const pastPage = crawl.nextPage + mostPages;
  let askedPage = crawl.nextPage;

  const isWanted = () => !ended.signal.aborted;

  function accept(page: Page): void {
    ahead.set(page.number, { ...page, offers: page.offers.map((offer) => redactOffer(offer, evidence)) });
    while (isWanted()) {
      const next = ahead.get(crawl.nextPage + pages.length);
      if (next === undefined) return;
      watch.see(next);
      pages.push(next);
      if (next.isLast) ended.abort();
    }
  }

  /** One request; false when it is no longer wanted, or the window has none left. */
  async function tryPage(number: number): Promise<boolean> {
    if (!(await gate.open(isWanted))) return false;
    const sentMs = clock.now();
    try {
      const reply = await portal.requestPage(number, { nowMs: sentMs, signal: ended.signal });
      accept(reply.page);
      gate.noteAnswer(sentMs, reply.rate);
      return true;
    } catch (error) {
      if (error instanceof RefusedReply) gate.noteRefusal(sentMs, error);
      else if (error instanceof LostReply) gate.noteAnswer(sentMs, error.rate);
      throw error;
    }
  }

  async function readPage(number: number): Promise<boolean> {
    const shouldRetry = ({ error }: { error: Error }) => isWanted() && error instanceof LostReply;
    try {
      return await pRetry(() => tryPage(number), { ...retry, shouldRetry });
    } catch (error) {
      if (!isWanted() || error instanceof RefusedReply) return false;
      throw error instanceof LostReply ? unavailable(error) : error;
    }
  }

  async function work(): Promise<void> {
    let isOpen = true;
    while (isOpen && isWanted() && askedPage < pastPage) {
      const number = askedPage;
      askedPage += 1;
      isOpen = await readPage(number);
    }
  }

  try {
    await Promise.all(Array.from({ length: mostAtOnce }, work));
  } finally {
    ended.abort();
  }
  return { pages, requests: gate.requests(), limit: gate.limit(), repeats: watch.state() };
}

function unavailable(error: LostReply): ExportError {
  const detail = `The portal failed ${retry.retries + 1} times in a row: ${error.message}. Try again later.`;
  return new ExportError("portal", "portal_unavailable", detail, { cause: error });
}
