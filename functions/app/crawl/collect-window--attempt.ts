import { interruptWindow, pauseCrawl } from "../../core/crawl/read-window--broken.ts";
import type { CrawlState } from "../../core/crawl/crawl-state.ts";
import { ExportError } from "../../core/basics/errors.ts";
import { readWindow, type WindowResult } from "../../core/crawl/read-window.ts";
import { WindowBroken } from "../../adapters/portal/limiter.ts";
import { mayPass } from "../../adapters/portal/response-errors--loss.ts";
import { type PortalOfferReader, recordSpentRequests } from "../../adapters/portal/offer-reader.ts";

/**
 * A window that the rate limit breaks off brings nothing; what it has spent counts all the same. Nor does
 * one whose portal is away, or answered for, after it has worked: the crawl is not given up for some minutes.
 * `pauseMs` is how long to let the portal be.
 */
export async function attemptWindow(
  begun: CrawlState,
  reader: PortalOfferReader,
): Promise<WindowResult & { pauseMs: number }> {
  const spend = (crawl: CrawlState) => recordSpentRequests(crawl, reader);
  try {
    const { crawl, pages } = await readWindow(begun, reader);
    return { crawl: spend({ ...crawl, brokenWindows: 0 }), pages, pauseMs: 0 };
  } catch (error) {
    if (error instanceof WindowBroken) return { crawl: interruptWindow(spend(begun)), pages: [], pauseMs: 0 };
    if (!mayPass(error)) throw error;
    const paused = pauseCrawl(spend(begun));
    if (paused === null) throw addPauses(error, begun);
    return { ...paused, pages: [] };
  }
}

function addPauses({ code, detail, remedy, cause }: ExportError, { brokenWindows }: CrawlState): ExportError {
  const before = brokenWindows === 1 ? "The window before had" : `The ${brokenWindows} windows before had`;
  const told =
    brokenWindows === 0 ? detail : `${detail} ${before} brought nothing either, pauses between them.`;
  return new ExportError("portal", code, told, { cause, ...(remedy !== null && { remedy }) });
}
