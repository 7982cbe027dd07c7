import type { CheckedRateLimit } from "../../core/check/setup-check.ts";
import { beginCrawl } from "../../core/crawl/crawl-state.ts";
import { estimateFinishMs } from "../../core/crawl/probe-page--estimate.ts";
import { type RateLimit, readPermit } from "../../core/rate-limit/rate-limit.ts";
import type { AppContext } from "../context.ts";

/** Null as long as the portal has told no limit. `pages` are those that a crawl would read, where anything tells. */
export function describeRateLimit({ clock }: AppContext, limit: RateLimit, pages: number | null): CheckedRateLimit | null {
  const { windowMs, reserve, perWindow, told } = limit;
  if (perWindow === null) return null;
  const nowMs = clock.now();
  const { waitMs } = readPermit(limit, nowMs);
  const finishMs = estimateFinishMs(beginCrawl({ windowMs, reserve, limit, expectedPages: pages }), nowMs);
  return {
    perWindow,
    windowSeconds: windowMs / 1000,
    reserve,
    remaining: told?.remaining ?? null,
    waitingUntil: waitMs ? clock.dateOf(nowMs + waitMs).toISOString() : null,
    pages,
    crawlSeconds: finishMs === null ? null : Math.round((finishMs - nowMs) / 1000),
  };
}
