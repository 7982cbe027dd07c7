import type { App } from "./view-elements--app.ts";
import { awaitFile } from "./pending-download--awaited.ts";
import type { Sighting, Wanted } from "../client/api-client.ts";
import { isPassing } from "../client/api-client--refusal.ts";

const mostTries = 4;

/** Starts an export and opens it; a start whose answer was lost is repeated, which starts nothing twice. */
export async function startExport(app: App, wanted: Wanted): Promise<void> {
  const key = crypto.randomUUID();
  const { seen } = await insist(() => app.client.startExport(wanted, key));
  awaitFile(seen.id);
  app.go(`/exports/${seen.id}`);
}

async function insist(ask: () => Promise<Sighting>): Promise<Sighting> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (tries === mostTries || !isPassing(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** tries));
    }
  }
}
