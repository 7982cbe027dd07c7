import type { ViewContext } from "./view-elements--app.ts";
import { rememberDownload } from "./pending-download--awaited.ts";
import type { ExportSighting, RequestOptions } from "../client/api-client.ts";
import { mayPassLater } from "../client/api-client--refusal.ts";

const mostTries = 4;

/** Starts an export and opens it; a start whose answer was lost is repeated, which starts nothing twice. */
export async function startExport(app: ViewContext, wanted: RequestOptions): Promise<void> {
  const key = crypto.randomUUID();
  const { seen } = await insist(() => app.client.startExport(wanted, key));
  rememberDownload(seen.id);
  app.go(`/exports/${seen.id}`);
}

async function insist(ask: () => Promise<ExportSighting>): Promise<ExportSighting> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (tries === mostTries || !mayPassLater(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** tries));
    }
  }
}
