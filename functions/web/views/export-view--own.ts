import type { App } from "../components/view-elements--app.ts";
import { awaitFile } from "../components/pending-download--awaited.ts";
import { isFinished } from "../components/polling.ts";
import { openHome } from "./home-view--home.ts";
import { showNotice } from "../components/feedback--notice.ts";
import { listActions, makeAnew, showOutcome } from "./outcome-view.ts";
import { Refusal } from "../client/api-client--refusal.ts";
import { learnSetup } from "../components/setup-panel.ts";
import { makeShares } from "../components/share-panel.ts";
import { wantAgain } from "../components/request-summary--wanted.ts";
import { watchExport } from "./export-view.ts";

/** Shows an export of one's own: how far it has come, and what it came to. */
export async function openExport(app: App, id: string): Promise<void> {
  const { words } = app.speech;
  const look = () => app.client.readExport(id);
  // For its calendar, by which a choice is told from what was left to the server.
  void learnSetup(app);
  const seen = await watchExport(app, { title: words.progress.title, isOwn: true, look });
  showOutcome(
    app,
    seen,
    listActions(app, seen),
    makeShares(app, () => wantAgain(seen)),
  );
}

/** The export of the address's options; where they are wrong the form says so. */
export async function openRequest(app: App, query: URLSearchParams): Promise<void> {
  const asked = await app.client.runQuery(query).catch(keepInvalid);
  if (asked instanceof Refusal) return await openHome(app, asked);
  if (query.get("redirect") === "true" || !isFinished(asked.seen)) awaitFile(asked.seen.id);
  app.settle(`/exports/${asked.seen.id}`);
  await openExport(app, asked.seen.id);
}

function keepInvalid(error: unknown): Refusal {
  if (error instanceof Refusal && error.errors.length > 0) return error;
  throw error;
}

/** Downloads the export's file, or offers the same anew where it has been cleaned up. */
export async function openFile(app: App, id: string): Promise<void> {
  const { words } = app.speech;
  const { seen } = await app.client.readExport(id);
  if (seen.result !== null && !(await app.client.hasFile(id)))
    return showNotice(
      app,
      { title: words.file.title, text: words.file.gone },
      makeAnew(app, seen, "primary"),
    );
  awaitFile(id);
  app.settle(`/exports/${id}`);
  await openExport(app, id);
}
