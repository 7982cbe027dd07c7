import { act, makeButton } from "./act.ts";
import type { App } from "./app.ts";
import type { Share, Wanted } from "./client.ts";
import { make } from "./element.ts";
import { makeInput, makeSelect, markErrors, readText } from "./field.ts";
import { makeGuides } from "./guide.ts";
import { Refusal } from "./refusal.ts";
import { describeWanted } from "./sentence.ts";
import { makeShareList } from "./sharelist.ts";

/** Makes permanent links for what is wanted at that moment, and lists those there are. */
export function makeShares(app: App, readWanted: () => Wanted): HTMLElement {
  const { words } = app.speech;
  const sentence = make("p", { class: "sentence" });
  const list = makeShareList(app);
  const made = make("div", { class: "made" });
  const form = makeShareForm(app, async (given) => {
    const share = await app.client.createShare({ ...given, options: readWanted() });
    showMade(app, made, share);
    await list.refresh();
  });
  const refresh = () => (sentence.textContent = describeWanted(readWanted(), app.speech));
  app.main.addEventListener("input", refresh, { signal: app.signal });
  const element = make(
    "details",
    { class: "card shares" },
    make("summary", {}, make("h2", {}, words.shares.title)),
    make("p", {}, words.shares.intro),
    sentence,
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

function makeShareForm(app: App, submit: (given: Given) => Promise<void>): HTMLFormElement {
  const { shares: words } = app.speech.words;
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
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void act(app, button, () => send(app, form, submit));
  });
  return form;
}

async function send(app: App, form: HTMLFormElement, submit: (given: Given) => Promise<void>): Promise<void> {
  const data = new FormData(form);
  markErrors(form, new Map());
  try {
    await submit({ name: readText(data, "name"), expiresInDays: Number(data.get("expiresInDays")) });
  } catch (error) {
    if (!(error instanceof Refusal) || error.errors.length === 0) throw error;
    const { errors: texts } = app.speech.words.shares;
    const told = error.errors.map(
      ({ parameter, detail }) => [parameter, texts[parameter] ?? detail] as const,
    );
    if (markErrors(form, new Map(told)).length > 0) throw error;
  }
}

/** The one time that the link can be seen. */
function showMade(app: App, place: HTMLElement, { url, options }: Share & { url: string }): void {
  const { shares: words } = app.speech.words;
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
    makeGuides(app.speech, options),
  );
  field.focus();
}
