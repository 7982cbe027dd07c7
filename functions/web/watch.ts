import { makeButton } from "./act.ts";
import { type App, makeHeading, show } from "./app.ts";
import type { Export, Sighting } from "./client.ts";
import { make } from "./element.ts";
import { follow, isFinished } from "./follow.ts";
import { makeProgress } from "./progress.ts";
import { describeWanted } from "./sentence.ts";
import { wantAgain } from "./wanted.ts";

type Watched = { title: string; isCancellable: boolean; look: () => Promise<Sighting> };

/** Shows how far an export has come, as long as it runs; then its file is awaited. Gives what became of it. */
export async function watchExport(app: App, { title, isCancellable, look }: Watched): Promise<Export> {
  const progress = makeProgress(app);
  let shown: string | null = null;
  return await follow(look, {
    signal: app.signal,
    onSeen(seen) {
      if (isFinished(seen)) return;
      app.memory.awaited.add(seen.id);
      if (shown !== seen.id) showProgress(app, title, seen, progress.element, isCancellable);
      shown = seen.id;
      progress.tell(seen);
    },
    onLost() {
      if (shown === null)
        show(app, title, make("section", { class: "card" }, makeHeading(title), progress.element));
      shown ??= "";
      progress.tellLost();
    },
  });
}

function showProgress(
  app: App,
  title: string,
  seen: Export,
  progress: HTMLElement,
  isCancellable: boolean,
): void {
  const { words } = app.speech;
  show(
    app,
    title,
    make(
      "section",
      { class: "card running" },
      makeHeading(title),
      make("p", { class: "sentence" }, describeWanted(wantAgain(seen), app.speech)),
      progress,
      make("p", { class: "hint" }, words.progress.leave),
      isCancellable ? make("div", { class: "actions" }, makeCancel(app, seen.id)) : null,
    ),
  );
}

function makeCancel(app: App, id: string): HTMLElement {
  const { words } = app.speech;
  return makeButton(app, words.progress.cancel, async () => {
    app.memory.awaited.delete(id);
    await app.client.cancelExport(id);
    app.go("/");
    app.announce(words.progress.cancelled);
  });
}
