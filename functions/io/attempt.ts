import { breakWindow, type Crawl } from "../core/crawl.ts";
import { readWindow, type WindowRead } from "../core/window.ts";
import { WindowBroken } from "./gate.ts";
import type { PortalReader } from "./reader.ts";

/** Reads the window that is due. One that the rate limit breaks off brings nothing; what it has spent counts all the same. */
export async function attemptWindow(begun: Crawl, reader: PortalReader): Promise<WindowRead> {
  const spend = (crawl: Crawl) => ({
    ...crawl,
    requests: crawl.requests + reader.requests(),
    limit: reader.limit(),
  });
  try {
    const { crawl, pages } = await readWindow(begun, reader);
    return { crawl: spend({ ...crawl, brokenWindows: 0 }), pages };
  } catch (error) {
    if (error instanceof WindowBroken) return { crawl: spend(breakWindow(begun)), pages: [] };
    throw error;
  }
}
