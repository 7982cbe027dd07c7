import { makePage } from "../../functions/core/crawl/page.ts";
import type { Timer } from "../../functions/io/clock.ts";
import type { Portal } from "../../functions/io/portal/portal.ts";
import type { Reply } from "../../functions/io/portal/reply.ts";
import { type LimiterKind, makeLimiter } from "../portal/limiter.ts";

export const windowMs = 60_000;
export const perWindow = 60;
const latencyMs = 150;

type Still = { kind: LimiterKind; pages: number; clock: Timer; hasCustomers?: boolean };

/**
 * A portal whose list stands still, an offer a page, with the real limiter. Each offer has a customer of its
 * own, if any, and those are to be asked for one by one.
 */
export function openStillPortal({ kind, pages, clock, hasCustomers = false }: Still) {
  const limiter = makeLimiter(kind, { limit: perWindow, windowMs });
  const sentMs: number[] = [];
  let endMs = 0;
  let refusals = 0;

  async function answer<T>(value: T): Promise<Reply<T>> {
    sentMs.push(clock.now());
    await clock.sleep(latencyMs / 2);
    const { allowed, remaining } = limiter.take("key", clock.now());
    await clock.sleep(latencyMs / 2);
    endMs = clock.now();
    if (!allowed) refusals += 1;
    return { value, rate: { remaining, perWindow } };
  }

  const portal: Portal = {
    requestPage(number) {
      const offer = { id: `off_${number}`, ...(hasCustomers && { customerId: `cst_${number}` }) };
      return answer(makePage(number, number > pages ? [] : [offer], number >= pages));
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
