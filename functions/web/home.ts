import { type App, makeHeading, show } from "./app.ts";
import type { Export } from "./client.ts";
import { make } from "./element.ts";
import { isFinished } from "./follow.ts";
import { makeForm, showErrors } from "./form.ts";
import { makeRecent } from "./recent.ts";
import { isPassing, type Refusal } from "./refusal.ts";
import { makeSetup } from "./setup.ts";
import { makeShares } from "./shares.ts";
import { startExport } from "./start.ts";

/**
 * Asks what is wanted, and lists what was made before. Whoever has only just arrived is led to an export that
 * is still running. `refusal` is that of the address's options.
 */
export async function openHome(app: App, refusal?: Refusal): Promise<void> {
  const exports = await app.client.listExports().catch(passOver);
  const running = exports?.find((one) => !isFinished(one));
  if (app.memory.isArrival && running && !refusal) return app.go(`/exports/${running.id}`);
  const { words } = app.speech;
  const form = makeForm(app, (wanted) => startExport(app, wanted));
  show(
    app,
    words.form.title,
    make("header", { class: "lead" }, makeHeading(words.form.title), make("p", {}, words.form.intro)),
    makeSetup(app),
    form,
    makeRecent(app, exports),
    makeShares(app, () => app.memory.draft),
  );
  if (refusal) showErrors(app, form, refusal);
}

/** The form works without the list. */
function passOver(error: unknown): Export[] | null {
  if (isPassing(error)) return null;
  throw error;
}
