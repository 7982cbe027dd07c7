import { ApiError, type ExportSighting, type ShownExport } from "../client/api-client.ts";
import { confirmAction, makeButton, makeHomeLink, showMessage } from "../components/feedback.ts";
import { findNoFileReason, rememberDownload, takePendingDownload } from "../components/pending-download.ts";
import { hasFinished, pollExport } from "../components/polling.ts";
import { makeProgress } from "../components/progress-panel.ts";
import { describeExport, repeatRequest } from "../components/request-summary.ts";
import { loadRateLimit, loadSetup } from "../components/setup-panel.ts";
import { makeShares } from "../components/share-panel.ts";
import { make, makeHeading, showView, type ViewContext } from "../components/view-elements.ts";
import type { PageWords } from "../words/page-dutch.ts";
import { openHome } from "./home-view.ts";
import { listActions, makeAnew, showOutcome } from "./outcome-view.ts";

type WatchedExport = {
  title: string;
  /** True for a reader with an access token, who may cancel the export and see the setup check. */
  isOwn: boolean;
  look: () => Promise<ExportSighting>;
};

/** Shows an export's progress until it is finished. Returns the finished export. */
export async function showRunningExport(
  app: ViewContext,
  { title, isOwn, look }: WatchedExport,
): Promise<ShownExport> {
  const { words } = app.locale;
  const progress = makeProgress(app);
  const sentence = make("p", { class: "sentence" });
  const leave = make("p", { class: "hint" }, words.progress.leave);
  const actions = make("div", { class: "actions" });
  const parts = [makeHeading(title), sentence, progress.element, leave, actions];
  let shown: ShownExport | null = null;

  function open(seen: ShownExport | null): void {
    if (actions.parentElement === null)
      showView(app, title, make("section", { class: "card running" }, ...parts));
    if (seen === null || seen.id === shown?.id) return;
    shown = seen;
    sentence.textContent = describeExport(seen, app.locale);
    if (!isOwn) return;
    actions.replaceChildren(makeCancel(app, seen.id), makeHomeLink(app));
    void loadRateLimit(app, progress.setRateLimit);
  }

  return await pollExport(look, {
    signal: app.signal,
    onSeen(seen) {
      if (hasFinished(seen)) return;
      open(seen);
      progress.update(seen);
    },
    onLost() {
      open(null);
      progress.showLost();
    },
  });
}

function makeCancel(app: ViewContext, id: string): HTMLElement {
  const { words } = app.locale;
  const { cancelTitle: title, cancelText: text, confirmCancel: yes, goOn: no } = words.progress;
  return makeButton(app, words.progress.cancel, async () => {
    if (!(await confirmAction(app, { title, text, yes, no }))) return;
    takePendingDownload(id);
    await app.client.removeExport(id);
    app.go("/");
    app.memory.notice = ({ progress }) => progress.cancelled;
    app.announce(words.progress.cancelled);
  });
}

/** Opens the view of an export, which shows the progress and then the outcome. */
export async function openExport(app: ViewContext, id: string): Promise<void> {
  const { words } = app.locale;
  const look = () => app.client.readExport(id);
  // The setup check returns the reports' time zone, which `repeatRequest` needs to recognise a default `asOf`.
  void loadSetup(app);
  const seen = await showRunningExport(app, { title: words.progress.title, isOwn: true, look });
  if (seen.isDeleted && seen.result !== null) return showGoneFile(app, seen);
  showOutcome(
    app,
    seen,
    listActions(app, seen),
    makeShares(app, () => repeatRequest(seen)),
  );
}

/**
 * Starts or finds the export with the options in the address. Shows the form with the errors when an option is wrong.
 */
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

/**
 * Opens an export and downloads its file. Offers a new export with the same options when the file has been cleaned up.
 */
export async function openExportFile(app: ViewContext, id: string): Promise<void> {
  const { seen } = await app.client.readExport(id);
  if (seen.result !== null && !(await app.client.hasFile(id))) return showGoneFile(app, seen);
  rememberDownload(id);
  app.settle(`/exports/${id}`);
  await openExport(app, id);
}

function showGoneFile(app: ViewContext, seen: ShownExport): void {
  const { title, ...texts } = app.locale.words.file;
  showMessage(app, { title, text: texts[findNoFileReason(seen)] }, makeAnew(app, seen, "primary"));
}

/** Opens a permanent link: shows the report's progress, then downloads its file. The link needs no access token. */
export async function openSharedExport(app: ViewContext, token: string): Promise<void> {
  const { words } = app.locale;
  const { visited } = app.memory;
  try {
    const look = () => app.client.readShare(token);
    const seen = await showRunningExport(app, { title: words.share.title, isOwn: false, look });
    if (!visited.has(token)) rememberDownload(seen.id);
    visited.add(token);
    showOutcome(app, seen, [make("a", { class: "primary", href: `/s/${token}` }, words.result.download)]);
  } catch (error) {
    const notice = error instanceof ApiError ? findNotice(error, words) : null;
    if (notice === null) throw error;
    showMessage(app, notice, makeHomeLink(app));
  }
}

function findNotice({ code }: ApiError, { share }: PageWords) {
  if (code === "share_expired") return share.expired;
  return code === "share_not_found" ? share.unknown : null;
}
