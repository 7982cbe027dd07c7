import type { ShownExport } from "../client/api-client.ts";
import { browserStorage } from "../client/browser-storage.ts";
import { confirmAction, makeButton, makeLink } from "../components/feedback.ts";
import { beginDownload, download } from "../components/pending-download.ts";
import { hasFinished, pollExport, startExport } from "../components/polling.ts";
import { describeExport, repeatRequest } from "../components/request-summary.ts";
import { make, type ViewContext } from "../components/view-elements.ts";
import type { PageLocale } from "../words/page-format.ts";
import { offerAnew } from "./outcome-view.ts";

/**
 * The lists of exports on the start page. `running` is above the form, because a returning reader looks for it first.
 * It also tells what has finished since the page was opened.
 */
export type ExportLists = { running: HTMLElement; recent: HTMLElement };

/** Creates both lists, newest first. `exports` is null when the list of exports could not be read. */
export function makeExportLists(app: ViewContext, exports: ShownExport[] | null): ExportLists {
  const { recent: words } = app.locale.words;
  const running = make("div", { class: "begun-list" });
  const recent = makeRecent(app, exports);
  const left = exports?.filter((one) => !hasFinished(one)) ?? [];
  if (left.length === 0) return { running, recent: recent.section };
  const items = left.map((one) => makeRunningItem(app, one, settle));
  const section = make(
    "section",
    { class: "card recent" },
    make("h2", {}, words.running),
    make("ul", { class: "rows" }, ...items),
  );
  running.append(section);
  recent.section.hidden = recent.isEmpty();

  /** Moves an export that has finished from the one list to the other, and tells the reader. */
  function settle(item: HTMLElement, seen: ShownExport): void {
    const hadFocus = item.contains(document.activeElement);
    item.remove();
    if (section.querySelector("li") === null) section.remove();
    recent.add(seen);
    recent.section.hidden = false;
    const notice = makeNotice(app, seen);
    running.append(notice);
    if (hadFocus) notice.focus();
  }
  return { running, recent: recent.section };
}

function makeRunningItem(
  app: ViewContext,
  one: ShownExport,
  settle: (item: HTMLElement, seen: ShownExport) => void,
): HTMLElement {
  const facts = make("small", {}, ...listFacts(one, app.locale));
  const item = makeItem(app, one, facts, listActions(app, one));
  const onSeen = (now: ShownExport) => facts.replaceChildren(...listFacts(now, app.locale));
  const follow = async () => {
    const polling = { signal: app.signal, onSeen, onLost: () => undefined };
    settle(item, await pollExport(() => app.client.readExport(one.id), polling));
  };
  follow().catch(ignore);
  return item;
}

/** Ignores an error while an export of the list is followed. The list keeps showing the last known state. */
function ignore(): void {}

/**
 * Says that an export has just finished, in the place where it was listed as running. Starts its download when this tab
 * has marked it for download.
 */
function makeNotice(app: ViewContext, seen: ShownExport): HTMLElement {
  const { words } = app.locale;
  const outcome = seen.result?.rows === 0 ? words.result.nothing : words.recent.states[findState(seen)];
  const facts = `${outcome}: ${describeExport(seen, app.locale)}.`;
  const text = beginDownload(seen) ? `${facts} ${words.result.downloading}` : facts;
  app.announce(text);
  return make(
    "section",
    { class: "card praise finished", tabindex: -1 },
    make("p", {}, text),
    make("div", { class: "actions" }, ...listActions(app, seen)),
  );
}

const maxShown = 6;

type RecentList = { section: HTMLElement; isEmpty: () => boolean; add: (seen: ShownExport) => void };

/**
 * Lists the newest of the finished exports, and the others after a click. Moves the focus to the section's title after
 * an export is deleted.
 */
function makeRecent(app: ViewContext, exports: ShownExport[] | null): RecentList {
  const { recent: words } = app.locale.words;
  const title = make("h2", { tabindex: -1 }, words.title);
  const section = make("section", { class: "card recent" }, title);
  const hidden = readHidden(exports);
  let left = exports?.filter((one) => hasFinished(one) && !isRemoved(one) && !hidden.includes(one.id)) ?? [];
  let shown = maxShown;

  function fill(): void {
    const items = left.slice(0, shown).map((one) => makeFinishedItem(app, one, () => remove(one)));
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

  function add(seen: ShownExport): void {
    left = [seen, ...left];
    shown += 1;
    const list = section.querySelector("ul");
    // The other items stay, because one of them may have the focus.
    if (list === null) fill();
    else list.prepend(makeFinishedItem(app, seen, () => remove(seen)));
  }

  if (exports === null) section.append(make("p", { class: "hint" }, words.unreachable));
  else fill();
  return { section, isEmpty: () => left.length === 0, add };
}

/** True for a deleted export. A cancelled one was never finished, so the list keeps it. */
function isRemoved(one: ShownExport): boolean {
  return one.isDeleted === true && !wasCancelled(one);
}

function wasCancelled({ problem }: ShownExport): boolean {
  return problem?.code === "cancelled";
}

function makeFinishedItem(app: ViewContext, one: ShownExport, onRemoved: () => void): HTMLElement {
  const facts = make("small", {}, ...listFacts(one, app.locale));
  const removal = wasCancelled(one) ? makeHiding(app, one, onRemoved) : makeRemoval(app, one, onRemoved);
  return makeItem(app, one, facts, [...listActions(app, one), removal]);
}

function makeItem(
  app: ViewContext,
  one: ShownExport,
  facts: HTMLElement,
  actions: HTMLElement[],
): HTMLElement {
  return make(
    "li",
    {},
    make("div", {}, make("span", { id: one.id }, describeExport(one, app.locale)), facts),
    make("div", { class: "actions" }, ...actions.map((action) => describeBy(action, one.id))),
  );
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

const hiddenKey = "hidden-exports";

/**
 * Creates the button that takes a cancelled export off the list. Only this browser hides it, because the API has nothing
 * left to delete.
 */
function makeHiding(app: ViewContext, one: ShownExport, onRemoved: () => void): HTMLElement {
  const { recent: words } = app.locale.words;
  return makeButton(app, words.hide, async () => {
    browserStorage.write(hiddenKey, [...readHidden(null), one.id].join(" "));
    onRemoved();
    app.announce(words.hidden);
  });
}

/** Returns the ids of the exports that the reader has taken off the list. Forgets those that are no longer listed. */
function readHidden(exports: ShownExport[] | null): string[] {
  const ids = (browserStorage.read(hiddenKey) ?? "").split(" ").filter((id) => id !== "");
  if (exports === null) return ids;
  const listed = ids.filter((id) => exports.some((one) => one.id === id));
  if (listed.length < ids.length) browserStorage.write(hiddenKey, listed.join(" "));
  return listed;
}

function findState(one: ShownExport): ShownExport["status"] | "cancelled" {
  return wasCancelled(one) ? "cancelled" : one.status;
}

function listFacts(one: ShownExport, { words, format }: PageLocale): (HTMLElement | string)[] {
  const state = findState(one);
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
    const reason = await download(app, one.id);
    if (reason !== null) offerAnew(app, one, { button, reason });
  });
  return [fetchFile, makeLink(app, words.recent.look, path, "button")];
}
