import { makeButton } from "./feedback.ts";
import type { ViewContext } from "./view-elements--app.ts";
import type { ListedShare } from "../client/api-client.ts";
import { make } from "./view-elements.ts";
import { describeRequest } from "./request-summary.ts";

/** The permanent links there are, each of which can be revoked. */
export function makeShareList(app: ViewContext): { element: HTMLElement; refresh: () => Promise<void> } {
  const { words } = app.speech;
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
  async function revoked(): Promise<void> {
    await refresh();
    element.focus();
    app.announce(words.shares.revoked);
  }
  return { element, refresh };
}

function makeItem(app: ViewContext, share: ListedShare, revoked: () => Promise<void>): HTMLElement {
  const { words, format } = app.speech;
  const revoke = makeButton(app, words.shares.revoke, async () => {
    if (!(await confirm(app, share))) return;
    await app.client.revokeShare(share.id);
    await revoked();
  });
  revoke.setAttribute("aria-label", `${words.shares.revoke}: ${share.name}`);
  return make(
    "li",
    {},
    make(
      "div",
      {},
      make("strong", {}, share.name),
      make("span", {}, describeRequest(share.options, app.speech)),
      make("small", {}, words.shares.until(format.date(share.expiresAt))),
    ),
    revoke,
  );
}

/** Whether the link may go, asked in a dialog of which Escape means no. */
async function confirm(app: ViewContext, { name }: ListedShare): Promise<boolean> {
  const { shares: words } = app.speech.words;
  const dialog = make(
    "dialog",
    { "aria-labelledby": "confirm-title" },
    make("h2", { id: "confirm-title" }, words.confirmTitle),
    make("p", {}, words.confirm(name)),
  );
  const close = (answer: string) => () => dialog.close(answer);
  dialog.append(
    make(
      "div",
      { class: "actions" },
      make("button", { type: "button", class: "danger", click: close("yes") }, words.revoke),
      make("button", { type: "button", class: "plain", click: close("no") }, words.keep),
    ),
  );
  app.main.append(dialog);
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve));
  dialog.remove();
  return dialog.returnValue === "yes";
}
