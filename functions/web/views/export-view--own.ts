import type { ViewContext } from "../components/view-elements--app.ts";
import { rememberDownload } from "../components/pending-download--awaited.ts";
import { hasFinished } from "../components/polling.ts";
import { openHome } from "./home-view--home.ts";
import { showMessage } from "../components/feedback--notice.ts";
import { listActions, makeAnew, showOutcome } from "./outcome-view.ts";
import { ApiError } from "../client/api-client--refusal.ts";
import { loadSetup } from "../components/setup-panel.ts";
import { makeShares } from "../components/share-panel.ts";
import { repeatRequest } from "../components/request-summary--wanted.ts";
import { showRunningExport } from "./export-view.ts";

/** Shows an export of one's own: how far it has come, and what it came to. */
export async function openExport(app: ViewContext, id: string): Promise<void> {
  const { words } = app.speech;
  const look = () => app.client.readExport(id);
  // For its calendar, by which a choice is told from what was left to the server.
  void loadSetup(app);
  const seen = await showRunningExport(app, { title: words.progress.title, isOwn: true, look });
  showOutcome(
    app,
    seen,
    listActions(app, seen),
    makeShares(app, () => repeatRequest(seen)),
  );
}

/** The export of the address's options; where they are wrong the form says so. */
export async function openRequest(app: ViewContext, query: URLSearchParams): Promise<void> {
  const asked = await app.client.runQuery(query).catch(keepInvalid);
  if (asked instanceof ApiError) return await openHome(app, asked);
  if (query.get("redirect") === "true" || !hasFinished(asked.seen)) rememberDownload(asked.seen.id);
  app.settle(`/exports/${asked.seen.id}`);
  await openExport(app, asked.seen.id);
}

function keepInvalid(error: unknown): ApiError {
  if (error instanceof ApiError && error.errors.length > 0) return error;
  throw error;
}

/** Downloads the export's file, or offers the same anew where it has been cleaned up. */
export async function openExportFile(app: ViewContext, id: string): Promise<void> {
  const { words } = app.speech;
  const { seen } = await app.client.readExport(id);
  if (seen.result !== null && !(await app.client.hasFile(id)))
    return showMessage(
      app,
      { title: words.file.title, text: words.file.gone },
      makeAnew(app, seen, "primary"),
    );
  rememberDownload(id);
  app.settle(`/exports/${id}`);
  await openExport(app, id);
}
