import { makeOfferPage } from "../../functions/core/crawl/offer-page.ts";
import type { Timer } from "../../functions/adapters/clock/clock.ts";
import type { Portal, PortalResponse } from "../../functions/adapters/portal/portal-client.ts";
import { RetryableError } from "../../functions/adapters/portal/response-errors.ts";
import { unknownRateHeaders } from "../../functions/adapters/portal/response-headers.ts";
import { type LimiterKind, makeLimiter } from "../portal/portal-limiter.ts";

export const windowMs = 60_000;
export const perWindow = 60;
const latencyMs = 150;

/** What a portal says of its limit: all in each answer, when it answers again in a 429, or nothing. */
export type Telling = "always" | "in 429s" | "never";

type Still = {
  kind: LimiterKind;
  pages: number;
  clock: Timer;
  hasCustomers?: boolean;
  telling?: Telling;
  limit?: number;
};

/**
 * A portal whose list stands still, an offer a page, with the real limiter. Each offer has a customer of its
 * own, if any, and those are to be asked for one by one.
 */
export function openStillPortal({ kind, pages, clock, hasCustomers = false, ...told }: Still) {
  const { telling = "always", limit = perWindow } = told;
  const limiter = makeLimiter(kind, { limit, windowMs });
  const sentMs: number[] = [];
  let endMs = 0;
  let refusals = 0;

  async function answer<T>(value: T): Promise<PortalResponse<T>> {
    sentMs.push(clock.now());
    await clock.sleep(latencyMs / 2);
    const { allowed, remaining, waitMs } = limiter.take("key", clock.now());
    const retryAtMs = telling === "never" ? null : clock.now() + waitMs;
    await clock.sleep(latencyMs / 2);
    endMs = clock.now();
    const rate = telling === "always" ? { remaining, perWindow: limit } : unknownRateHeaders;
    if (allowed) return { value, rate };
    refusals += 1;
    throw new RetryableError("429", { rate, isRefusal: true, retryAtMs });
  }

  const portal: Portal = {
    requestPage(number) {
      const offer = { id: `off_${number}`, ...(hasCustomers && { customerId: `cst_${number}` }) };
      return answer(makeOfferPage(number, number > pages ? [] : [offer], number >= pages));
    },
    requestOffer: () => Promise.reject(new Error("no single offer is asked for")),
    requestCustomers: (number) => answer({ number, customers: [], isLast: true }),
    requestCustomer: (id) => answer({ id, name: `name of ${id}` }),
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
