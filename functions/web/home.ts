import { type App, makeHeading, show } from "./app.ts";
import type { Export } from "./client.ts";
import { make } from "./element.ts";
import { makeForm, showErrors } from "./form.ts";
import { makeRecent, makeRunning } from "./recent.ts";
import { isPassing, type Refusal } from "./refusal.ts";
import { makeSetup } from "./setup.ts";
import { makeShares } from "./shares.ts";
import { startExport } from "./start.ts";

/** Asks what is wanted, and lists what was made before. `refusal` is that of the address's options. */
export async function openHome(app: App, refusal?: Refusal): Promise<void> {
  const exports = await app.client.listExports().catch(passOver);
  const { words } = app.speech;
  const form = makeForm(app, (wanted) => startExport(app, wanted));
  show(
    app,
    words.form.title,
    make("header", { class: "lead" }, makeHeading(words.form.title), make("p", {}, words.form.intro)),
    makeSetup(app),
    makeRunning(app, exports ?? []),
    form,
    makeRecent(app, exports),
    makeShares(
      app,
      () => app.memory.draft,
      (errors) => showErrors(app, form, { errors }),
    ),
  );
  if (refusal) showErrors(app, form, refusal);
}

/** The form works without the list. */
function passOver(error: unknown): Export[] | null {
  if (isPassing(error)) return null;
  throw error;
}
