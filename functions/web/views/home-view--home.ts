import { type ViewContext, makeHeading, showView } from "../components/view-elements--app.ts";
import type { ShownExport } from "../client/api-client.ts";
import { make } from "../components/view-elements.ts";
import { makeForm, showErrors } from "../components/export-form.ts";
import { makeRecent, makeRunning } from "./home-view.ts";
import { mayPassLater, type ApiError } from "../client/api-client--refusal.ts";
import { makeSetup } from "../components/setup-panel.ts";
import { makeShares } from "../components/share-panel.ts";
import { startExport } from "../components/polling--start.ts";

/** Asks what is wanted, and lists what was made before. `refusal` is that of the address's options. */
export async function openHome(app: ViewContext, refusal?: ApiError): Promise<void> {
  const exports = await app.client.listExports().catch(passOver);
  const { words } = app.speech;
  const form = makeForm(app, (wanted) => startExport(app, wanted));
  showView(
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
function passOver(error: unknown): ShownExport[] | null {
  if (mayPassLater(error)) return null;
  throw error;
}
