import type { RequestOptions } from "../client/api-client.ts";
import { calendarDayOf } from "../client/browser-storage.ts";
import type { PageLocale } from "../words/page-format.ts";
import { describePeriodMonths } from "./request-summary.ts";
import { make } from "./view-elements.ts";

export type Choice = { value: string; text: string; hint?: string };

/** Creates a group of controls with one legend and an empty place for an error of the group. */
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

/** Creates radio buttons or checkboxes that look like a row of buttons. */
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
  const input = make("input", {
    id: name,
    "aria-describedby": `${name}-hint ${name}-warning ${name}-error`,
    ...attributes,
  });
  return make(
    "div",
    { class: "field", "data-parameter": name },
    make("label", { for: name }, text),
    input,
    hint === undefined ? null : make("p", { class: "hint", id: `${name}-hint` }, hint),
    attributes["type"] === "date"
      ? make("p", { class: "hint warning", id: `${name}-warning`, hidden: true })
      : null,
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

/**
 * Shows each error at the field of its parameter, and moves the focus to the first field with an error. Returns the
 * errors that belong to no field.
 */
export function markErrors(form: HTMLFormElement, errors: Map<string, string>): string[] {
  const left = new Map(errors);
  for (const field of form.querySelectorAll<HTMLElement>("[data-parameter]")) {
    const name = field.dataset["parameter"] ?? "";
    markField(field, name, left.get(name) ?? null);
    left.delete(name);
  }
  form.querySelector<HTMLElement>("[data-wrong] :is(input, select)")?.focus();
  return [...left.values()];
}

/** Removes the error of a field as soon as the reader changes the field. For forms that only the server can check. */
export function clearErrorsOnInput(form: HTMLFormElement): void {
  form.addEventListener("input", ({ target }) => {
    const field = target instanceof Element ? target.closest<HTMLElement>("[data-wrong]") : null;
    if (field !== null) markField(field, field.dataset["parameter"] ?? "", null);
  });
}

/**
 * Shows the current error of each field that has an error, and removes an error that is no longer in `errors`. Returns
 * true when a field with an error is left.
 */
export function updateErrors(form: HTMLFormElement, errors: Map<string, string>): boolean {
  let isWrong = false;
  for (const field of form.querySelectorAll<HTMLElement>("[data-wrong]")) {
    const name = field.dataset["parameter"] ?? "";
    const text = errors.get(name) ?? null;
    markField(field, name, text);
    isWrong ||= text !== null;
  }
  return isWrong;
}

function markField(field: HTMLElement, name: string, text: string | null): void {
  field.toggleAttribute("data-wrong", text !== null);
  const folded = field.closest("details");
  if (folded !== null && text !== null) folded.open = true;
  for (const control of field.querySelectorAll("input:not([type=radio])"))
    control.setAttribute("aria-invalid", String(text !== null));
  const error = field.querySelector<HTMLElement>(`[id="${name}-error"]`);
  if (error === null) return;
  error.hidden = text === null;
  error.textContent = text;
}

/** Returns the text of the control with this name; "" when no control has the name. */
export function readField(data: FormData, name: string): string {
  const value = data.get(name);
  return typeof value === "string" ? value : "";
}

const names = ["all", "this-month", "last-month", "last-quarter", "this-year", "month", "days"] as const;
type Name = (typeof names)[number];

/** The periods that are counted from the day of the report. */
const counted = new Set<Name>(["this-month", "last-month", "last-quarter", "this-year"]);

/** Names the months of each period that is counted from the day `asOf`, beside the period's choice. */
export function namePeriods(form: HTMLFormElement, asOf: string, locale: PageLocale): void {
  for (const name of counted) {
    const place = form.querySelector(`[name=span][value=${name}] + span small`);
    place?.replaceChildren(...describePeriodMonths(name, asOf, locale).map((text) => ` ${text}`));
  }
}

const yearsBack = 10;

/** Creates the fields that limit the day of issue: by a named period, a year, a month, or a first and a last day. */
export function makePeriod(locale: PageLocale, draft: RequestOptions): HTMLElement {
  const { form: words } = locale.words;
  const chosen = nameOf(draft);
  return makeGroup(
    "period",
    words.period,
    makeChoices(
      "radio",
      "span",
      names.map((value) => ({
        value,
        text: words.periods[value],
        ...(counted.has(value) && { hint: "" }),
      })),
      [chosen],
    ),
    make("div", { class: "pair", "data-with": "span=month" }, ...makeMonth(locale, draft)),
    make(
      "div",
      { class: "pair", "data-with": "span=days" },
      makeInput(words.issuedFrom, { name: "issuedFrom", type: "date", value: draft.issuedFrom ?? "" }),
      makeInput(words.issuedTo, { name: "issuedTo", type: "date", value: draft.issuedTo ?? "" }),
    ),
    make("p", { class: "hint" }, words.periodHint),
  );
}

function nameOf({ period, issuedFrom, issuedTo }: RequestOptions): Name {
  if (issuedFrom !== undefined || issuedTo !== undefined) return "days";
  if (period === undefined) return "all";
  return names.find((name) => name === period) ?? "month";
}

function makeMonth(
  { words: { form: words }, format }: PageLocale,
  { period = "" }: RequestOptions,
): HTMLElement[] {
  const [, givenYear, givenMonth = ""] = /^(\d{4})(?:-(\d\d))?$/.exec(period) ?? [];
  const thisYear = Number(calendarDayOf(Date.now()).slice(0, 4));
  const years = Array.from({ length: yearsBack }, (_, index) => String(thisYear - index));
  const year = givenYear ?? String(thisYear);
  const listed = years.includes(year) ? years : [...years, year];
  const months = Array.from({ length: 12 }, (_, index) => String(index + 1).padStart(2, "0"));
  return [
    makeSelect(
      words.year,
      "year",
      listed.map((value) => ({ value, text: value })),
      year,
    ),
    makeSelect(
      words.month,
      "month",
      [
        { value: "", text: words.wholeYear },
        ...months.map((value) => ({ value, text: format.monthName(`2026-${value}`) })),
      ],
      givenMonth,
    ),
  ];
}

/**
 * Returns the chosen period. When the first and the last day are both empty, returns an empty `issuedFrom`, so that the
 * server refuses the request. Without any day the request would mean all days.
 */
export function readPeriod(data: FormData): Pick<RequestOptions, "period" | "issuedFrom" | "issuedTo"> {
  const text = (name: string) => readField(data, name);
  const span = text("span");
  if (span === "all") return {};
  if (span === "month")
    return { period: [text("year"), text("month")].filter((part) => part !== "").join("-") };
  if (span !== "days") return { period: span };
  const [issuedFrom, issuedTo] = [text("issuedFrom"), text("issuedTo")];
  if (issuedFrom === "") return issuedTo === "" ? { issuedFrom } : { issuedTo };
  return issuedTo === "" ? { issuedFrom } : { issuedFrom, issuedTo };
}
