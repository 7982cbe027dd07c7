import pLimit from "p-limit";
import pRetry from "p-retry";
import { ExportError } from "../core/error.ts";
import type { Limit } from "../core/limit.ts";
import { redactOffer } from "../core/offer.ts";
import { isBeyond, type Page } from "../core/page.ts";
import type { Reader } from "../core/reader.ts";
import type { Clock } from "./clock.ts";
import { createGate } from "./gate.ts";
import { LostReply, type Portal, RefusedReply } from "./portal.ts";

export type PortalReader = Reader & { requests: () => number; limit: () => Limit };

const mostAtOnce = 8;
const retries = 4;
const mostLooks = 3;
/** The first pause before a retry; each later one is twice as long, and chance adds up to as much again. */
const firstPauseMs = 300;

/** Reads the portal's pages one attempt at a time through the gate, so that every retry is paid for. */
export function openReader(
  portal: Portal,
  clock: Clock,
  given: { limit: Limit; evidence: boolean },
): PortalReader {
  const gate = createGate(given.limit, clock);
  const failed = new AbortController();
  const atOnce = pLimit(mostAtOnce);

  async function tryPage(number: number): Promise<Page> {
    await gate.open(failed.signal);
    const sentMs = clock.now();
    try {
      const { page, rate } = await portal.requestPage(number, { nowMs: sentMs, signal: failed.signal });
      gate.noteAnswer(sentMs, rate);
      return { ...page, offers: page.offers.map((offer) => redactOffer(offer, given.evidence)) };
    } catch (error) {
      if (error instanceof RefusedReply) gate.noteRefusal(sentMs, error);
      else gate.noteAnswer(sentMs, error instanceof LostReply ? error.rate : unknown);
      throw error;
    }
  }

  /** The pauses go by the clock, so they are ours; counting the tries and giving up are the library's. */
  async function readPage(number: number): Promise<Page> {
    try {
      return await pRetry(() => tryPage(number), {
        retries,
        minTimeout: 0,
        async shouldRetry({ error, attemptNumber }) {
          if (failed.signal.aborted || !(error instanceof LostReply)) return false;
          if (!(error instanceof RefusedReply)) await clock.sleep(drawPauseMs(attemptNumber));
          return true;
        },
      });
    } catch (error) {
      failed.abort();
      throw error instanceof LostReply ? describeLoss(error) : error;
    }
  }

  /** A page that says the list ended before it is asked for again; if it insists, that is its answer. */
  async function readExpected(number: number): Promise<Page> {
    let page = await readPage(number);
    for (let tries = 1; tries < mostLooks && isBeyond(page); tries += 1) page = await readPage(number);
    return page;
  }

  return {
    readPage,
    readPages: (numbers) => Promise.all(numbers.map((number) => atOnce(readExpected, number))),
    left: () => gate.left(),
    requests: () => gate.requests(),
    limit: () => gate.limit(),
  };
}

const unknown = { remaining: null, perWindow: null };

function drawPauseMs(attempt: number): number {
  return firstPauseMs * 2 ** (attempt - 1) * (1 + Math.random());
}

function describeLoss(error: LostReply): ExportError {
  const detail = `The portal failed ${retries + 1} times in a row: ${error.message}. Try again later.`;
  return new ExportError("portal", "portal_unavailable", detail, { cause: error });
}
