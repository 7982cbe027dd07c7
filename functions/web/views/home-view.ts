import { type ApiError, mayPassLater, type ShownExport } from "../client/api-client.ts";
import { makeForm, showErrors } from "../components/export-form.ts";
import { makeButton, makeLink } from "../components/feedback.ts";
import { beginDownload, download } from "../components/pending-download.ts";
import { hasFinished, pollExport, startExport } from "../components/polling.ts";
import { describeRequest, repeatRequest } from "../components/request-summary.ts";
import { makeSetup } from "../components/setup-panel.ts";
import { makeShares } from "../components/share-panel.ts";
import { make, makeHeading, showView, type ViewContext } from "../components/view-elements.ts";
import type { PageLocale } from "../words/page-format.ts";
import { offerAnew } from "./outcome-view.ts";

/** Lists the running exports, which a returning reader looks for first; null when no export runs. */
export function makeRunning(app: ViewContext, exports: ShownExport[]): HTMLElement | null {
  const running = exports.filter((one) => !hasFinished(one));
  if (running.length === 0) return null;
  return make(
    "section",
    { class: "card recent" },
    make("h2", {}, app.locale.words.recent.running),
    make("ul", { class: "rows" }, ...running.map((one) => makeItem(app, one))),
  );
}

const maxShown = 6;

/**
 * Lists the finished exports, newest first; null when all exports are still running. `exports` is null when the list of
 * exports could not be read.
 */
export function makeRecent(app: ViewContext, exports: ShownExport[] | null): HTMLElement | null {
  const { words } = app.locale;
  const finished = exports?.filter(hasFinished) ?? [];
  if (exports !== null && exports.length > 0 && finished.length === 0) return null;
  const list = make("ul", { class: "rows" });
  const section = make("section", { class: "card recent" }, make("h2", {}, words.recent.title));
  if (exports === null || exports.length === 0) {
    section.append(
      make("p", { class: "hint" }, exports === null ? words.recent.unreachable : words.recent.empty),
    );
    return section;
  }
  list.append(...finished.slice(0, maxShown).map((one) => makeItem(app, one)));
  section.append(list);
  const rest = finished.slice(maxShown);
  if (rest.length > 0) section.append(makeMore(app, list, finished.length, rest));
  return section;
}

function makeMore(app: ViewContext, list: HTMLElement, count: number, rest: ShownExport[]): HTMLElement {
  return makeButton(app, app.locale.words.recent.all(count), async (button) => {
    const items = rest.map((one) => makeItem(app, one));
    list.append(...items);
    button.remove();
    items[0]?.querySelector<HTMLElement>("a, button")?.focus();
  });
}

function makeItem(app: ViewContext, one: ShownExport): HTMLElement {
  const facts = make("small", {}, ...listFacts(one, app.locale));
  const item = make(
    "li",
    {},
    make("div", {}, make("span", { id: one.id }, describeRequest(repeatRequest(one), app.locale)), facts),
    make("div", { class: "actions" }, ...listActions(app, one).map((action) => describeBy(action, one.id))),
  );
  if (!hasFinished(one)) followItem(app, one, { item, facts }).catch(ignore);
  return item;
}

/** Keeps a running export's progress up to date. Starts its download when this tab has marked it for download. */
async function followItem(
  app: ViewContext,
  { id }: ShownExport,
  { item, facts }: { item: HTMLElement; facts: HTMLElement },
): Promise<void> {
  const seen = await pollExport(() => app.client.readExport(id), {
    signal: app.signal,
    onSeen: (now) => facts.replaceChildren(...listFacts(now, app.locale)),
    onLost: () => undefined,
  });
  const next = makeItem(app, seen);
  const hadFocus = item.contains(document.activeElement);
  item.replaceWith(next);
  if (hadFocus) next.querySelector<HTMLElement>("a, button")?.focus();
  if (beginDownload(seen)) app.announce(app.locale.words.result.downloading);
}

/** Ignores an error while an export of the list is followed. The list keeps showing the last known state. */
function ignore(): void {}

function listFacts(one: ShownExport, { words, format }: PageLocale): (HTMLElement | string)[] {
  const state = one.problem?.code === "cancelled" ? "cancelled" : one.status;
  const age = format.age(one.createdAt, Date.now());
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
  const form = makeForm(app, (options) => startExport(app, options));
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

/**
 * Returns null for an error that may be temporary, because the form works without the list of exports. Throws any other
 * error.
 */
function passOver(error: unknown): ShownExport[] | null {
  if (mayPassLater(error)) return null;
  throw error;
}
