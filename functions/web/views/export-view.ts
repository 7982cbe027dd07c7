import { makeButton } from "../components/feedback.ts";
import { type ViewContext, makeHeading, showView } from "../components/view-elements--app.ts";
import { takePendingDownload } from "../components/pending-download--awaited.ts";
import type { ShownExport, ExportSighting } from "../client/api-client.ts";
import { make } from "../components/view-elements.ts";
import { pollExport, hasFinished } from "../components/polling.ts";
import { makeHomeLink } from "../components/feedback--link.ts";
import { makeProgress } from "../components/progress-panel.ts";
import { describeRequest } from "../components/request-summary.ts";
import { loadRateLimit } from "../components/setup-panel.ts";
import { repeatRequest } from "../components/request-summary--wanted.ts";

type Watched = {
  title: string;
  /** Whether who looks on may know of the setup, and cancel. */
  isOwn: boolean;
  look: () => Promise<ExportSighting>;
};

/** Shows how far an export has come, as long as it runs. Gives what became of it. */
export async function showRunningExport(app: ViewContext, { title, isOwn, look }: Watched): Promise<ShownExport> {
  const { words } = app.speech;
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
    sentence.textContent = describeRequest(repeatRequest(seen), app.speech);
    if (!isOwn) return;
    actions.replaceChildren(makeCancel(app, seen.id), makeHomeLink(app));
    void loadRateLimit(app, progress.setPace);
  }

  return await pollExport(look, {
    signal: app.signal,
    onSeen(seen) {
      if (hasFinished(seen)) return;
      open(seen);
      progress.tell(seen);
    },
    onLost() {
      open(null);
      progress.tellLost();
    },
  });
}

function makeCancel(app: ViewContext, id: string): HTMLElement {
  const { words } = app.speech;
  return makeButton(app, words.progress.cancel, async () => {
    takePendingDownload(id);
    await app.client.cancelExport(id);
    app.go("/");
    app.announce(words.progress.cancelled);
  });
}
