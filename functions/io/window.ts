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
const retries = 4;
/** The first pause before a retry; each later one is twice as long, and chance adds up to as much again. */
const firstPauseMs = 300;

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
    try {
      return await pRetry(() => tryPage(number), {
        retries,
        minTimeout: 0,
        async shouldRetry({ error, attemptNumber }) {
          if (!isWanted() || !(error instanceof LostReply)) return false;
          await clock.sleep(drawPauseMs(attemptNumber));
          return true;
        },
      });
    } catch (error) {
      if (!isWanted() || error instanceof RefusedReply) return false;
      throw error instanceof LostReply ? unavailable(error) : error;
    }
  }

  function readNext(): Promise<boolean> {
    askedPage += 1;
    return readPage(askedPage - 1);
  }

  async function work(): Promise<void> {
    let isOpen = true;
    while (isOpen && isWanted() && askedPage < pastPage) isOpen = await readNext();
  }

  try {
    const isOpen = await readNext();
    if (isOpen) await Promise.all(Array.from({ length: mostAtOnce }, work));
  } finally {
    ended.abort();
  }
  return { pages, requests: gate.requests(), limit: gate.limit(), repeats: watch.state() };
}

function drawPauseMs(attempt: number): number {
  return firstPauseMs * 2 ** (attempt - 1) * (1 + Math.random());
}

function unavailable(error: LostReply): ExportError {
  const detail = `The portal failed ${retries + 1} times in a row: ${error.message}. Try again later.`;
  return new ExportError("portal", "portal_unavailable", detail, { cause: error });
}
