import { makeButton } from "../components/feedback.ts";
import { type App, makeHeading, show } from "../components/view-elements--app.ts";
import { stopAwaiting } from "../components/pending-download--awaited.ts";
import type { Export, Sighting } from "../client/api-client.ts";
import { make } from "../components/view-elements.ts";
import { follow, isFinished } from "../components/polling.ts";
import { makeHomeLink } from "../components/feedback--link.ts";
import { makeProgress } from "../components/progress-panel.ts";
import { describeWanted } from "../components/request-summary.ts";
import { learnPace } from "../components/setup-panel.ts";
import { wantAgain } from "../components/request-summary--wanted.ts";

type Watched = {
  title: string;
  /** Whether who looks on may know of the setup, and cancel. */
  isOwn: boolean;
  look: () => Promise<Sighting>;
};

/** Shows how far an export has come, as long as it runs. Gives what became of it. */
export async function watchExport(app: App, { title, isOwn, look }: Watched): Promise<Export> {
  const { words } = app.speech;
  const progress = makeProgress(app);
  const sentence = make("p", { class: "sentence" });
  const leave = make("p", { class: "hint" }, words.progress.leave);
  const actions = make("div", { class: "actions" });
  const parts = [makeHeading(title), sentence, progress.element, leave, actions];
  let shown: Export | null = null;

  function open(seen: Export | null): void {
    if (actions.parentElement === null)
      show(app, title, make("section", { class: "card running" }, ...parts));
    if (seen === null || seen.id === shown?.id) return;
    shown = seen;
    sentence.textContent = describeWanted(wantAgain(seen), app.speech);
    if (!isOwn) return;
    actions.replaceChildren(makeCancel(app, seen.id), makeHomeLink(app));
    void learnPace(app, progress.setPace);
  }

  return await follow(look, {
    signal: app.signal,
    onSeen(seen) {
      if (isFinished(seen)) return;
      open(seen);
      progress.tell(seen);
    },
    onLost() {
      open(null);
      progress.tellLost();
    },
  });
}

function makeCancel(app: App, id: string): HTMLElement {
  const { words } = app.speech;
  return makeButton(app, words.progress.cancel, async () => {
    stopAwaiting(id);
    await app.client.cancelExport(id);
    app.go("/");
    app.announce(words.progress.cancelled);
  });
}
