import { makeOfferPage } from "../../functions/core/crawl/offer-page.ts";
import type { Timer } from "../../functions/adapters/clock/clock.ts";
import type { Portal, PortalResponse } from "../../functions/adapters/portal/portal-client.ts";
import { RetryableError } from "../../functions/adapters/portal/portal-errors.ts";
import { unknownRateHeaders } from "../../functions/adapters/portal/response-headers.ts";
import { type LimiterKind, makeLimiter } from "../portal/portal-limiter.ts";

export const windowMs = 60_000;
export const perWindow = 60;
const latencyMs = 150;

/**
 * Where a portal states its rate limit: in every answer, only in 429s, or never. With "in 429s", the portal states only
 * the time of the next try.
 */
export type LimitDisclosure = "always" | "in 429s" | "never";

type StaticPortalOptions = {
  kind: LimiterKind;
  pages: number;
  clock: Timer;
  hasCustomers?: boolean;
  disclosure?: LimitDisclosure;
  limit?: number;
};

/**
 * Opens a portal whose list of offers never changes. Each page has one offer, and the rate limiter is the demo
 * portal's. With `hasCustomers`, each offer has a different customer. The list of customers is empty, so customers must
 * be requested one by one.
 */
export function openStaticPortal({
  kind,
  pages,
  clock,
  hasCustomers = false,
  ...options
}: StaticPortalOptions) {
  const { disclosure = "always", limit = perWindow } = options;
  const limiter = makeLimiter(kind, { limit, windowMs });
  const sentMs: number[] = [];
  let endMs = 0;
  let refusals = 0;

  async function answer<T>(value: T): Promise<PortalResponse<T>> {
    sentMs.push(clock.now());
    await clock.sleep(latencyMs / 2);
    const { allowed, remaining, waitMs } = limiter.take("key", clock.now());
    const retryAtMs = disclosure === "never" ? null : clock.now() + waitMs;
    await clock.sleep(latencyMs / 2);
    endMs = clock.now();
    const rate = disclosure === "always" ? { remaining, perWindow: limit } : unknownRateHeaders;
    if (allowed) return { value, rate };
    refusals += 1;
    throw new RetryableError("429", { rate, isRefusal: true, retryAtMs });
  }

  const portal: Portal = {
    requestPage(number) {
      const offer = { id: `off_${number}`, ...(hasCustomers && { customerId: `cst_${number}` }) };
      return answer(makeOfferPage(number, number > pages ? [] : [offer], number >= pages));
    },
    requestOffer: () => Promise.reject(new Error("the benchmark requests no single offer")),
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

/**
 * Returns the time at which the last burst of requests began. In a burst, at most a sixth of the rate limit's window
 * passes between one request and the next.
 */
function findBurst(sentMs: number[]): number {
  const begins = sentMs.filter((ms, index) => ms - (sentMs[index - 1] ?? -Infinity) > windowMs / 6);
  return begins.at(-1) ?? 0;
}
