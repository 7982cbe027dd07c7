import pLimit from "p-limit";
import pRetry from "p-retry";
import type { Crawl } from "../core/crawl.ts";
import { ExportError } from "../core/error.ts";
import type { Limit } from "../core/limit.ts";
import { type RawOffer, redactOffer } from "../core/offer.ts";
import { isBeyond, type Page } from "../core/page.ts";
import type { Reader } from "../core/reader.ts";
import type { Timer } from "./clock.ts";
import { createGate } from "./gate.ts";
import { hashText } from "./hash.ts";
import type { Attempt, OfferPortal } from "./portal.ts";
import { LostReply, type Reply, unknownRate } from "./reply.ts";

export type PortalReader = Reader & {
  /** Single offers, several at once, in the order of the ids; null for one that is gone. */
  readOffers: (ids: string[]) => Promise<RawOffer[]>;
  requests: () => number;
  limit: () => Limit;
};

const mostAtOnce = 10;
const retries = 4;
const mostLooks = 3;
/** The first pause before a retry; each later one is twice as long, and chance adds up to as much again. */
const firstPauseMs = 300;

/** Asks the portal one attempt at a time through the gate, so that every retry is paid for. */
export function openReader(
  portal: OfferPortal,
  clock: Timer,
  given: { limit: Limit; evidence: boolean },
): PortalReader {
  const gate = createGate(given.limit, clock);
  const failed = new AbortController();
  const atOnce = pLimit(mostAtOnce);

  async function attempt<T>(ask: (options: Attempt) => Promise<Reply<T>>): Promise<T> {
    await gate.open(failed.signal);
    const sentMs = clock.now();
    try {
      const { value, rate } = await ask({ now: () => clock.now(), signal: failed.signal });
      gate.noteAnswer(sentMs, rate);
      return value;
    } catch (error) {
      if (error instanceof LostReply && error.isClosed) gate.noteRefusal(sentMs, error);
      else gate.noteAnswer(sentMs, error instanceof LostReply ? error.rate : unknownRate);
      throw error;
    }
  }

  /** The pauses go by the clock, so they are ours; counting the tries and giving up are the library's. */
  async function persist<T>(ask: (options: Attempt) => Promise<Reply<T>>): Promise<T> {
    try {
      return await pRetry(() => attempt(ask), {
        retries,
        minTimeout: 0,
        async shouldRetry({ error, attemptNumber }) {
          if (failed.signal.aborted || !(error instanceof LostReply)) return false;
          if (!error.isClosed) await clock.sleep(drawPauseMs(attemptNumber));
          return true;
        },
      });
    } catch (error) {
      failed.abort();
      throw error instanceof LostReply ? describeLoss(error) : error;
    }
  }

  const redact = (offer: RawOffer) => redactOffer(offer, given.evidence);

  async function readPage(number: number): Promise<Page> {
    const page = await persist((options) => portal.requestPage(number, options));
    return { ...page, ids: page.ids.map(shortenId), offers: page.offers.map(redact) };
  }

  /** A page that says the list ended before it is asked for again; if it insists, that is its answer. */
  async function readExpected(number: number): Promise<Page> {
    let page = await readPage(number);
    for (let tries = 1; tries < mostLooks && isBeyond(page); tries += 1) page = await readPage(number);
    return page;
  }

  async function readOffer(id: string): Promise<RawOffer> {
    const offer = await persist((options) => portal.requestOffer(id, options));
    return offer === null ? null : redact(offer);
  }

  return {
    readPage,
    readPages: (numbers) => Promise.all(numbers.map((number) => atOnce(readExpected, number))),
    readOffers: (ids) => Promise.all(ids.map((id) => atOnce(readOffer, id))),
    left: () => gate.left(),
    requests: () => gate.requests(),
    limit: () => gate.limit(),
  };
}

/** The crawl with what the reader has spent on it, and learnt of the limit. */
export function spendRequests(crawl: Crawl, reader: PortalReader): Crawl {
  return { ...crawl, requests: crawl.requests + reader.requests(), limit: reader.limit() };
}

const mostIdLength = 64;

/** Ids go from step to step, and the text of an offer that has none is not for an execution's history. */
function shortenId(id: string): string {
  return id.length > mostIdLength ? hashText(id) : id;
}

/** The code of a portal that failed for some seconds: it may be back in some minutes. */
export const unavailable = "portal_unavailable";

function drawPauseMs(attempt: number): number {
  return firstPauseMs * 2 ** (attempt - 1) * (1 + Math.random());
}

function describeLoss(error: LostReply): ExportError {
  const detail = `The portal failed ${retries + 1} times in a row: ${error.message}. Try again later.`;
  return new ExportError("portal", unavailable, detail, { cause: error });
}
