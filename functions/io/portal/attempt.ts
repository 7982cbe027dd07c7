import { breakWindow, pauseCrawl } from "../../core/crawl/broken.ts";
import type { Crawl } from "../../core/crawl/crawl.ts";
import { ExportError } from "../../core/error.ts";
import { readWindow, type WindowRead } from "../../core/crawl/window.ts";
import { WindowBroken } from "./gate.ts";
import { unavailable } from "./line.ts";
import { type PortalReader, spendRequests } from "./reader.ts";

/**
 * A window that the rate limit breaks off brings nothing; what it has spent counts all the same. Nor does
 * one in the midst of a crawl whose portal is away: what has been read is not thrown away for some minutes.
 * `pauseMs` is how long to let the portal be.
 */
export async function attemptWindow(
  begun: Crawl,
  reader: PortalReader,
): Promise<WindowRead & { pauseMs: number }> {
  const spend = (crawl: Crawl) => spendRequests(crawl, reader);
  try {
    const { crawl, pages } = await readWindow(begun, reader);
    return { crawl: spend({ ...crawl, brokenWindows: 0 }), pages, pauseMs: 0 };
  } catch (error) {
    if (error instanceof WindowBroken) return { crawl: spend(breakWindow(begun)), pages: [], pauseMs: 0 };
    const paused = error instanceof ExportError && error.code === unavailable ? pauseCrawl(begun) : null;
    if (paused === null) throw error;
    return { crawl: spend(paused.crawl), pages: [], pauseMs: paused.pauseMs };
  }
}
