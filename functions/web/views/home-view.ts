import { type ApiError, mayPassLater, type ShownExport } from "../client/api-client.ts";
import { completeDraft, makeForm, showErrors } from "../components/export-form.ts";
import { confirmAction, makeButton, makeLink } from "../components/feedback.ts";
import { beginDownload, download } from "../components/pending-download.ts";
import { hasFinished, pollExport, startExport } from "../components/polling.ts";
import { formatFormAddress, parseFormQuery } from "../components/request-query.ts";
import { describeExport, repeatRequest } from "../components/request-summary.ts";
import { makeSetup } from "../components/setup-panel.ts";
import { makeShares } from "../components/share-panel.ts";
import { make, makeHeading, showView, type ViewContext } from "../components/view-elements.ts";
import type { PageLocale } from "../words/page-format.ts";
import { offerAnew } from "./outcome-view.ts";

/** Lists the running exports, which a returning reader looks for first; null when no export runs. */
export function makeRunning(app: ViewContext, exports: ShownExport[]): HTMLElement | null {
  const running = exports.filter((one) => !hasFinished(one));
  if (running.length === 0) return null;
  const removed = (item: HTMLElement) => {
    const section = item.closest("section");
    item.remove();
    if (section?.querySelector("li") === null) section.remove();
    app.main.querySelector("h1")?.focus();
  };
  return make(
    "section",
    { class: "card recent" },
    make("h2", {}, app.locale.words.recent.running),
    make("ul", { class: "rows" }, ...running.map((one) => makeItem(app, one, removed))),
  );
}

const maxShown = 6;

/**
 * Lists the finished exports, newest first; null when all exports are still running. `exports` is null when the list of
 * exports could not be read.
 */
export function makeRecent(app: ViewContext, exports: ShownExport[] | null): HTMLElement | null {
  const { words } = app.locale;
  const finished = exports?.filter((one) => hasFinished(one) && !isRemoved(one)) ?? [];
  if (finished.length === 0 && exports?.some((one) => !hasFinished(one))) return null;
  const title = make("h2", { tabindex: -1 }, words.recent.title);
  const section = make("section", { class: "card recent" }, title);
  if (exports === null) section.append(make("p", { class: "hint" }, words.recent.unreachable));
  else fillRecent(app, section, title, finished);
  return section;
}

/** True for a deleted export. A cancelled one was never finished, so the list keeps it. */
function isRemoved(one: ShownExport): boolean {
  return one.isDeleted === true && !wasCancelled(one);
}

function wasCancelled({ problem }: ShownExport): boolean {
  return problem?.code === "cancelled";
}

/**
 * Lists the newest of the exports in the section, and the others after a click. Moves the focus to the section's title
 * after an export is deleted.
 */
function fillRecent(
  app: ViewContext,
  section: HTMLElement,
  title: HTMLElement,
  finished: ShownExport[],
): void {
  const { recent: words } = app.locale.words;
  let left = finished;
  let shown = maxShown;

  function fill(): void {
    const items = left.slice(0, shown).map((one) => makeItem(app, one, () => remove(one)));
    const list =
      left.length === 0 ? make("p", { class: "hint" }, words.empty) : make("ul", { class: "rows" }, ...items);
    section.replaceChildren(title, list);
    if (left.length > shown) section.append(makeButton(app, words.all(left.length), showAll));
  }

  async function showAll(): Promise<void> {
    const first = shown;
    shown = Infinity;
    fill();
    section.querySelectorAll("li")[first]?.querySelector<HTMLElement>("a, button")?.focus();
  }

  function remove(one: ShownExport): void {
    left = left.filter(({ id }) => id !== one.id);
    fill();
    title.focus();
  }

  fill();
}

/** Called after the export of the item has been deleted. */
type OnRemoved = (item: HTMLElement) => void;

function makeItem(app: ViewContext, one: ShownExport, onRemoved: OnRemoved): HTMLElement {
  const facts = make("small", {}, ...listFacts(one, app.locale));
  const actions = make("div", { class: "actions" });
  const item = make(
    "li",
    {},
    make("div", {}, make("span", { id: one.id }, describeExport(one, app.locale)), facts),
    actions,
  );
  const removal = isRemovable(one) ? [makeRemoval(app, one, () => onRemoved(item))] : [];
  actions.append(...[...listActions(app, one), ...removal].map((action) => describeBy(action, one.id)));
  if (!hasFinished(one)) followItem(app, one, { item, facts, onRemoved }).catch(ignore);
  return item;
}

/** Keeps a running export's progress up to date. Starts its download when this tab has marked it for download. */
async function followItem(
  app: ViewContext,
  { id }: ShownExport,
  { item, facts, onRemoved }: { item: HTMLElement; facts: HTMLElement; onRemoved: OnRemoved },
): Promise<void> {
  const seen = await pollExport(() => app.client.readExport(id), {
    signal: app.signal,
    onSeen: (now) => facts.replaceChildren(...listFacts(now, app.locale)),
    onLost: () => undefined,
  });
  const next = makeItem(app, seen, onRemoved);
  const hadFocus = item.contains(document.activeElement);
  item.replaceWith(next);
  if (hadFocus) next.querySelector<HTMLElement>("a, button")?.focus();
  if (beginDownload(seen)) app.announce(app.locale.words.result.downloading);
}

/** True when the reader can delete the export. A cancelled export has nothing left to delete. */
function isRemovable(one: ShownExport): boolean {
  return hasFinished(one) && !wasCancelled(one);
}

function makeRemoval(app: ViewContext, one: ShownExport, onRemoved: () => void): HTMLElement {
  const { recent: words, shares } = app.locale.words;
  return makeButton(app, words.remove, async () => {
    const text = words.confirmRemove(describeExport(one, app.locale));
    const question = { title: words.removeTitle, text, yes: words.remove, no: shares.keep };
    if (!(await confirmAction(app, question))) return;
    await app.client.removeExport(one.id);
    onRemoved();
    app.announce(words.removed);
  });
}

/** Ignores an error while an export of the list is followed. The list keeps showing the last known state. */
function ignore(): void {}

function listFacts(one: ShownExport, { words, format }: PageLocale): (HTMLElement | string)[] {
  const state = one.problem?.code === "cancelled" ? "cancelled" : one.status;
  const age = hasFinished(one) ? format.age(one.finishedAt ?? one.createdAt, Date.now()) : null;
  const count = one.result?.rows ?? (hasFinished(one) ? null : one.progress.offers);
  return [
    make("span", { class: `state ${state}` }, words.recent[age === null ? "justNow" : "states"][state]),
    age === null ? "" : ` ${age}`,
    count === null ? "" : ` · ${words.result.offers(count, format.count(count))}`,
  ];
}

/** Tells screen readers which export an action belongs to, because all exports have the same actions. */
function describeBy(action: HTMLElement, id: string): HTMLElement {
  action.setAttribute("aria-describedby", id);
  return action;
}

function listActions(app: ViewContext, one: ShownExport): HTMLElement[] {
  const { words } = app.locale;
  const path = `/exports/${one.id}`;
  if (!hasFinished(one)) return [makeLink(app, words.recent.follow, path, "button")];
  if (one.result === null)
    return [makeButton(app, words.recent.again, () => startExport(app, repeatRequest(one)))];
  const fetchFile = makeButton(app, words.recent.download, async (button) => {
    if (!(await download(app, one.id))) offerAnew(app, one, button);
  });
  return [fetchFile, makeLink(app, words.recent.look, path, "button")];
}

/**
 * Opens the start page with the form and the exports. `refusal` is the API's answer to wrong options in the address.
 */
export async function openHome(app: ViewContext, refusal?: ApiError): Promise<void> {
  const exports = await app.client.listExports().catch(passOver);
  const { words } = app.locale;
  const misread = readDraft(app);
  const form = makeForm(app, (options) => startExport(app, options));
  showView(
    app,
    words.form.title,
    make("header", { class: "lead" }, makeHeading(words.form.title), make("p", {}, words.form.intro)),
    makeSetup(app),
    makeRunning(app, exports ?? []),
    refusal === undefined ? makeMisread(misread, form, app.locale) : null,
    form,
    makeRecent(app, exports),
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
