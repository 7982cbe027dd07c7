import { type ApiError, mayPassLater, type ShownExport } from "../client/api-client.ts";
import { completeDraft, makeForm, showErrors } from "../components/export-form.ts";
import { startExport } from "../components/polling.ts";
import { formatFormAddress, parseFormQuery } from "../components/request-query.ts";
import { makeSetup } from "../components/setup-panel.ts";
import { makeShares } from "../components/share-panel.ts";
import { make, makeHeading, showView, type ViewContext } from "../components/view-elements.ts";
import type { PageLocale } from "../words/page-format.ts";
import { makeExportLists } from "./export-list.ts";

/**
 * Opens the start page with the form and the exports. `refusal` is the API's answer to wrong options in the address.
 */
export async function openHome(app: ViewContext, refusal?: ApiError): Promise<void> {
  const exports = await app.client.listExports().catch(passOver);
  const { words } = app.locale;
  const misread = readDraft(app);
  const { notice } = app.memory;
  const lists = makeExportLists(app, exports);
  const form = makeForm(app, (options) => startExport(app, options));
  showView(
    app,
    words.form.title,
    make("header", { class: "lead" }, makeHeading(words.form.title), make("p", {}, words.form.intro)),
    notice === null ? null : make("p", { class: "card praise" }, notice(words)),
    makeSetup(app),
    lists.running,
    refusal === undefined ? makeMisread(misread, form, app.locale) : null,
    form,
    lists.recent,
    makeShares(
      app,
      () => completeDraft(app),
      (errors) => showErrors(app, form, { errors }),
    ),
  );
  if (refusal) showErrors(app, form, refusal);
  else if (misread.length === 0 && hasChoices(app)) app.settle(formatFormAddress(app.memory.draft));
}

function hasChoices({ memory }: ViewContext): boolean {
  return formatFormAddress(memory.draft) !== "/";
}

/**
 * Reads the form's options from an address that has other options than the form had. Returns the parts of the address
 * that were not understood.
 */
function readDraft({ memory }: ViewContext): string[] {
  if (location.search === "" || formatFormAddress(memory.draft) === location.pathname + location.search)
    return [];
  const { request, misread } = parseFormQuery(new URLSearchParams(location.search));
  memory.draft = request;
  return misread;
}

const maxMisreadLength = 60;

/** Says which parts of the address were left out, until the reader changes the form and so the address. */
function makeMisread(misread: string[], form: HTMLElement, { words }: PageLocale): HTMLElement | null {
  if (misread.length === 0) return null;
  const parts = misread.map((part) =>
    part.length > maxMisreadLength ? `${part.slice(0, maxMisreadLength)}…` : part,
  );
  const notice = make("p", { class: "card misread", role: "alert" }, words.form.misread(parts.join(", ")));
  form.addEventListener("input", () => notice.remove());
  return notice;
}

/**
 * Returns null for an error that may be temporary, because the form works without the list of exports. Throws any other
 * error.
 */
function passOver(error: unknown): ShownExport[] | null {
  if (mayPassLater(error)) return null;
  throw error;
}
