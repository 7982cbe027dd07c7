import type { ParameterError } from "../../core/basics/errors.ts";
import { ApiError, type ListedShare, type CreatedShare, type RequestOptions } from "../client/api-client.ts";
import type { PageLocale } from "../words/page-format.ts";
import { confirmAction, makeButton, runAction } from "./feedback.ts";
import { clearErrorsOnInput, makeInput, makeSelect, markErrors, readField } from "./form-fields.ts";
import { describeShare, listGuides } from "./share-guides.ts";
import { describeRequest } from "./request-summary.ts";
import { make, type ViewContext } from "./view-elements.ts";

/** Shows errors at the fields of the export form. */
type Mark = (errors: ParameterError[]) => void;

/** Shows the list of existing permanent links, and a form that creates a link with the options of `readWanted`. */
export function makeShares(
  app: ViewContext,
  readWanted: () => RequestOptions,
  markWanted?: Mark,
): HTMLElement {
  const { words } = app.locale;
  const sentence = make("p", { class: "sentence" });
  const made = make("div", { class: "made" });
  const { memory } = app;
  const list = makeShareList(app, (id) => {
    if (id !== memory.madeShare?.id) return;
    memory.madeShare = null;
    made.replaceChildren();
  });
  async function create(given: Given): Promise<void> {
    const share = await app.client.createShare({ ...given, options: readWanted() });
    memory.madeShare = share;
    showMade(app, made, share).focus();
    await list.refresh();
  }
  if (memory.madeShare !== null) showMade(app, made, memory.madeShare);
  const form = makeShareForm(app, create, markWanted);
  const intro = make("p");
  const warning = make("p", { class: "warning" });
  function refresh(): void {
    const wanted = readWanted();
    const described = describeShare(wanted, app.locale);
    intro.textContent = described.intro;
    warning.textContent = described.warning;
    warning.hidden = described.warning === null;
    sentence.textContent = describeRequest(wanted, app.locale);
  }
  app.main.addEventListener("input", refresh, { signal: app.signal });
  const element = make(
    "details",
    { class: "card shares" },
    make("summary", {}, make("h2", {}, words.shares.title)),
    intro,
    sentence,
    warning,
    form,
    made,
    list.element,
  );
  element.addEventListener("toggle", () => {
    refresh();
    if (element.open) void list.refresh();
  });
  return element;
}

const expiries = ["30", "90", "365"] as const;

type Given = { name: string; expiresInDays: number };

type Submit = (given: Given) => Promise<void>;

function makeShareForm(app: ViewContext, submit: Submit, markWanted?: Mark): HTMLFormElement {
  const { shares: words } = app.locale.words;
  const button = make("button", { type: "submit", class: "plain" }, words.submit);
  const form = make(
    "form",
    { novalidate: true },
    make(
      "div",
      { class: "pair" },
      makeInput(words.name, {
        name: "name",
        type: "text",
        maxlength: 100,
        placeholder: words.namePlaceholder,
      }),
      makeSelect(
        words.expiry,
        "expiresInDays",
        expiries.map((value) => ({ value, text: words.expiries[value] })),
        "365",
      ),
    ),
    button,
  );
  clearErrorsOnInput(form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void runAction(app, button, () => send(app, form, { submit, markWanted }));
  });
  return form;
}

async function send(
  app: ViewContext,
  form: HTMLFormElement,
  { submit, markWanted }: { submit: Submit; markWanted: Mark | undefined },
): Promise<void> {
  const data = new FormData(form);
  markErrors(form, new Map());
  try {
    await submit({ name: readField(data, "name"), expiresInDays: Number(data.get("expiresInDays")) });
  } catch (error) {
    if (!(error instanceof ApiError) || error.errors.length === 0) throw error;
    const { errors: texts } = app.locale.words.shares;
    const marks = error.errors.map(
      ({ parameter, detail }) => [parameter, texts[parameter] ?? detail] as const,
    );
    const left = markErrors(form, new Map(marks));
    const ofWanted = listOfWanted(error);
    if (ofWanted.length > 0) markWanted?.(ofWanted);
    if (left.length > (markWanted ? ofWanted.length : 0)) throw error;
  }
}

/**
 * Returns the errors about the link's options. Each has the name of the form's field: `format`, not `options.format`.
 */
function listOfWanted({ errors }: ApiError): ParameterError[] {
  return errors
    .filter(({ parameter }) => parameter.startsWith(within))
    .map(({ parameter, detail }) => ({ parameter: parameter.slice(within.length), detail }));
}

const within = "options.";

/** Shows the new link, and returns its field. It cannot be shown again later, because the server keeps only a hash of the link's token. */
function showMade(app: ViewContext, place: HTMLElement, { url, options }: CreatedShare): HTMLElement {
  const { shares: words } = app.locale.words;
  const { warning } = describeShare(options, app.locale);
  const field = make("input", {
    id: "made-link",
    readonly: true,
    value: url,
    "aria-describedby": "made-once",
  });
  field.addEventListener("focus", () => field.select());
  const copy = makeButton(app, words.copy, async (button) => {
    await navigator.clipboard.writeText(url);
    button.textContent = words.copied;
    app.announce(words.copied);
  });
  place.replaceChildren(
    make("label", { for: "made-link" }, words.made),
    make("div", { class: "copy" }, field, copy),
    make("p", { class: "hint", id: "made-once" }, words.once),
    warning === null ? "" : make("p", { class: "warning" }, warning),
    makeGuides(app.locale, options),
  );
  return field;
}

/** Creates the list of permanent links, each with a button to revoke it. Calls `onRevoked` with a revoked link's id. */
export function makeShareList(
  app: ViewContext,
  onRevoked: (id: string) => void,
): { element: HTMLElement; refresh: () => Promise<void> } {
  const { words } = app.locale;
  const element = make("div", { class: "share-list", tabindex: -1 });
  async function refresh(): Promise<void> {
    const shares = await app.client.listShares().catch(() => null);
    if (shares === null)
      return element.replaceChildren(make("p", { class: "complaint" }, words.recent.unreachable));
    element.replaceChildren();
    if (shares.length === 0) return;
    const items = shares.map((share) => makeItem(app, share, revoked));
    element.append(make("h3", {}, words.shares.list), make("ul", { class: "rows" }, ...items));
  }
  async function revoked({ id, name }: ListedShare): Promise<void> {
    onRevoked(id);
    await refresh();
    element.prepend(make("p", { class: "done" }, words.shares.revoked(name)));
    element.focus();
    app.announce(words.shares.revoked(name));
  }
  return { element, refresh };
}

function makeItem(
  app: ViewContext,
  share: ListedShare,
  revoked: (share: ListedShare) => Promise<void>,
): HTMLElement {
  const { words, format } = app.locale;
  const revoke = makeButton(app, words.shares.revoke, async () => {
    const { confirmTitle: title, confirm, revoke: yes, keep: no } = words.shares;
    if (!(await confirmAction(app, { title, text: confirm(share.name), yes, no }))) return;
    await app.client.revokeShare(share.id);
    await revoked(share);
  });
  revoke.setAttribute("aria-label", `${words.shares.revoke}: ${share.name}`);
  return make(
    "li",
    {},
    make(
      "div",
      {},
      make("strong", {}, share.name),
      make("span", {}, describeRequest(share.options, app.locale)),
      make("small", {}, words.shares.until(format.date(share.expiresAt))),
    ),
    revoke,
  );
}

/** Shows how to use a permanent link as a bookmark, in Excel and in Google Sheets. */
function makeGuides(locale: PageLocale, options: RequestOptions): HTMLElement {
  const guides = listGuides(options, locale).map(({ title, steps }) =>
    make(
      "details",
      {},
      make("summary", {}, title),
      make("ol", {}, ...steps.map((step) => make("li", {}, step))),
    ),
  );
  return make("div", { class: "guides" }, ...guides);
}
