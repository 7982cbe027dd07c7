import { make } from "./view-elements.ts";

export type Choice = { value: string; text: string; hint?: string };

/** A group of controls under one legend, with a place for what is wrong with it. */
export function makeGroup(name: string, legend: string, ...children: Node[]): HTMLFieldSetElement {
  return make(
    "fieldset",
    { "data-parameter": name, "aria-describedby": `${name}-error` },
    make("legend", {}, legend),
    make("div", { class: "controls" }, ...children, makeErrorPlace(name)),
  );
}

type Kind = "radio" | "checkbox";

export function makeChoiceGroup(
  kind: Kind,
  name: string,
  { legend, choices, chosen }: { legend: string; choices: Choice[]; chosen: readonly string[] },
): HTMLFieldSetElement {
  return makeGroup(name, legend, makeChoices(kind, name, choices, chosen));
}

/** Radio buttons or checkboxes that look like a row of buttons. */
export function makeChoices(
  type: Kind,
  name: string,
  choices: Choice[],
  chosen: readonly string[],
): HTMLElement {
  const items = choices.map(({ value, text, hint }) =>
    make(
      "label",
      {},
      make("input", { type, name, value, checked: chosen.includes(value) }),
      make("span", {}, text, hint === undefined ? null : make("small", {}, ` ${hint}`)),
    ),
  );
  return make("div", { class: "choices" }, ...items);
}

export function makeCheckbox(name: string, text: string, checked: boolean, hint?: string): HTMLElement {
  const input = make("input", { type: "checkbox", name, checked });
  if (hint !== undefined) input.setAttribute("aria-describedby", `${name}-hint`);
  return make(
    "div",
    { class: "check" },
    make("label", {}, input, make("span", {}, text)),
    hint === undefined ? null : make("p", { class: "hint", id: `${name}-hint` }, hint),
  );
}

type Attributes = Record<string, string | number | boolean> & { name: string };

export function makeInput(text: string, attributes: Attributes, hint?: string): HTMLElement {
  const { name } = attributes;
  const input = make("input", { id: name, "aria-describedby": `${name}-hint ${name}-error`, ...attributes });
  return make(
    "div",
    { class: "field", "data-parameter": name },
    make("label", { for: name }, text),
    input,
    hint === undefined ? null : make("p", { class: "hint", id: `${name}-hint` }, hint),
    makeErrorPlace(name),
  );
}

export function makeSelect(text: string, name: string, choices: Choice[], chosen: string): HTMLElement {
  const options = choices.map((choice) =>
    make("option", { value: choice.value, selected: choice.value === chosen }, choice.text),
  );
  return make(
    "div",
    { class: "field" },
    make("label", { for: name }, text),
    make("select", { id: name, name }, ...options),
  );
}

function makeErrorPlace(name: string): HTMLElement {
  return make("p", { class: "complaint", id: `${name}-error`, hidden: true });
}

/** Shows at each parameter what is wrong with it, and goes to the first; gives back what belongs to none. */
export function markErrors(form: HTMLFormElement, errors: Map<string, string>): string[] {
  const left = new Map(errors);
  for (const place of form.querySelectorAll<HTMLElement>("[data-parameter]")) {
    const name = place.dataset["parameter"] ?? "";
    markPlace(place, name, left.get(name) ?? null);
    left.delete(name);
  }
  form.querySelector<HTMLElement>("[data-wrong] :is(input, select)")?.focus();
  return [...left.values()];
}

function markPlace(place: HTMLElement, name: string, text: string | null): void {
  place.toggleAttribute("data-wrong", text !== null);
  for (const control of place.querySelectorAll("input:not([type=radio])"))
    control.setAttribute("aria-invalid", String(text !== null));
  const error = place.querySelector<HTMLElement>(`[id="${name}-error"]`);
  if (error === null) return;
  error.hidden = text === null;
  error.textContent = text;
}

/** What a control holds; nothing when there is none of that name. */
export function readField(data: FormData, name: string): string {
  const value = data.get(name);
  return typeof value === "string" ? value : "";
}
