import { beginCrawl } from "../../functions/core/crawl.ts";
import { waitForWindow } from "../../functions/core/limit.ts";
import { makePage } from "../../functions/core/page.ts";
import { requestsDue } from "../../functions/core/far.ts";
import { readWindow } from "../../functions/core/window.ts";
import type { Clock } from "../../functions/io/clock.ts";
import type { Portal } from "../../functions/io/portal.ts";
import { openReader } from "../../functions/io/reader.ts";
import { type LimiterKind, makeLimiter } from "../portal/limiter.ts";
import { atMost, type Figure } from "./figure.ts";
import { createVirtualClock } from "./virtual.ts";

const windowMs = 60_000;
const perWindow = 60;
const latencyMs = 150;

/** Crawls at the portal's 60 requests a minute, on a virtual clock: the time over the optimum, and the requests. */
export async function benchPace(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const kind of ["fixed", "rolling"] as const) {
    for (const pages of [100, 1_000, 10_000]) figures.push(...(await measure(kind, pages)));
  }
  return figures;
}

async function measure(kind: LimiterKind, pages: number): Promise<Figure[]> {
  const { tookMs, requests, refusals, burstMs } = await crawl(kind, pages);
  const bestMs = windowMs * (Math.ceil(requests / perWindow) - 1) + burstMs;
  const name = `crawl of ${pages.toLocaleString("en")} pages, ${kind} windows`;
  return [
    atMost(`${name}, time over the optimum (${refusals} 429s)`, tookMs / bestMs, { most: 1.05, unit: "" }),
    atMost(`${name}, requests`, requests, { most: 1.04 * pages + 10, unit: "" }),
  ];
}

async function crawl(kind: LimiterKind, pages: number) {
  const clock = createVirtualClock();
  const { portal, facts } = openStillPortal({ kind, pages, clock });
  let state = beginCrawl({ windowMs, reserve: 0 });
  let burstMs = 0;
  while (!state.done) {
    const startedMs = clock.now();
    const reader = openReader(portal, clock, { limit: state.limit, evidence: false });
    const read = await readWindow(state, reader);
    state = { ...read.crawl, limit: reader.limit() };
    burstMs = clock.now() - startedMs;
    const waitMs = state.done ? 0 : waitForWindow(state.limit, clock.now(), requestsDue(state));
    await clock.sleep(Math.ceil(waitMs / 1000) * 1000);
  }
  if (state.nextPage !== pages + 1 || state.doubts.length > 0) throw new Error("the crawl is not complete");
  return { tookMs: clock.now(), burstMs, ...facts() };
}

/** A portal whose list stands still, with the real limiter. */
function openStillPortal({ kind, pages, clock }: { kind: LimiterKind; pages: number; clock: Clock }) {
  const limiter = makeLimiter(kind, { limit: perWindow, windowMs });
  let requests = 0;
  let refusals = 0;
  const portal: Portal = {
    async requestPage(number) {
      await clock.sleep(latencyMs / 2);
      const { allowed, remaining } = limiter.take("key", clock.now());
      await clock.sleep(latencyMs / 2);
      requests += 1;
      if (!allowed) refusals += 1;
      const offers = number > pages ? [] : [{ id: `off_${number}` }];
      return { page: makePage(number, offers, number >= pages), rate: { remaining, perWindow } };
    },
  };
  return { portal, facts: () => ({ requests, refusals }) };
}
