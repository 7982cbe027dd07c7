import { makePage } from "../../functions/core/page.ts";
import type { Timer } from "../../functions/io/clock.ts";
import type { OfferPortal } from "../../functions/io/portal.ts";
import { type LimiterKind, makeLimiter } from "../portal/limiter.ts";

export const windowMs = 60_000;
export const perWindow = 60;
const latencyMs = 150;

type Still = { kind: LimiterKind; pages: number; clock: Timer };

/** A portal whose list stands still, an offer a page, with the real limiter. */
export function openStillPortal({ kind, pages, clock }: Still) {
  const limiter = makeLimiter(kind, { limit: perWindow, windowMs });
  const sentMs: number[] = [];
  let endMs = 0;
  let refusals = 0;
  const portal: OfferPortal = {
    async requestPage(number) {
      sentMs.push(clock.now());
      await clock.sleep(latencyMs / 2);
      const { allowed, remaining } = limiter.take("key", clock.now());
      await clock.sleep(latencyMs / 2);
      endMs = clock.now();
      if (!allowed) refusals += 1;
      const offers = number > pages ? [] : [{ id: `off_${number}` }];
      return { value: makePage(number, offers, number >= pages), rate: { remaining, perWindow } };
    },
    requestOffer: () => Promise.reject(new Error("no single offer is asked for")),
  };
  const facts = () => ({
    requests: sentMs.length,
    refusals,
    tookMs: endMs - (sentMs[0] ?? endMs),
    burstMs: endMs - findBurst(sentMs),
  });
  return { portal, facts };
}

/** When the last requests that follow each other without a wait began. */
function findBurst(sentMs: number[]): number {
  const begins = sentMs.filter((ms, index) => ms - (sentMs[index - 1] ?? -Infinity) > windowMs / 6);
  return begins.at(-1) ?? 0;
}
