import { chooseLanguage, languages } from "../../core/basics/languages.ts";
import { statuses } from "../../core/offer/offer-status.ts";
import { ApiError, type RequestOptions } from "../client/api-client.ts";
import { calendarDayOf } from "../client/browser-storage.ts";
import { makeColumnChoice, placeEvidence, readColumns } from "./column-choice.ts";
import { removeError, runAction, showError } from "./feedback.ts";
import {
  makeCheckbox,
  makeChoiceGroup,
  makeGroup,
  makeInput,
  makePeriod,
  markErrors,
  namePeriods,
  readField,
  readPeriod,
  updateErrors,
} from "./form-fields.ts";
import { findMistakes, findOddYear } from "./form-mistakes.ts";
import { formatFormAddress } from "./request-query.ts";
import { describeRequest } from "./request-summary.ts";
import { make, type ViewContext } from "./view-elements.ts";
import type { PageLocale } from "../words/page-format.ts";

/**
 * Creates the form for an export's options. Every change is saved in `app.memory.draft`, which outlives the view, and
 * in the address, which can be bookmarked.
 */
export function makeForm(
  app: ViewContext,
  submit: (options: RequestOptions) => Promise<void>,
): HTMLFormElement {
  const { words } = app.locale;
  const button = make("button", { type: "submit", class: "primary" }, words.form.submit);
  const today = calendarDayOf(Date.now());
  const sentence = make("p", { class: "sentence" });
  const form = make(
    "form",
    { class: "card sheet", novalidate: true },
    ...makeGroups(app),
    make("div", { class: "submit" }, button, sentence),
  );
  let isLanguageChosen = app.memory.draft.language !== undefined;
  const refresh = () => {
    const { language, ...rest } = readForm(form);
    app.memory.draft = isLanguageChosen ? { ...rest, language } : rest;
    const asOf = app.memory.draft.asOf ?? today;
    sentence.textContent = describeRequest(completeDraft(app), app.locale, asOf);
    namePeriods(form, asOf, app.locale);
    hideUnused(form);
    warnOfYears(form, app.locale);
  };
  const change = () => {
    refresh();
    if (!updateErrors(form, listMistakes(app, form))) removeError(button);
    app.settle(formatFormAddress(app.memory.draft));
  };
  form.addEventListener("input", ({ target }) => {
    if (target instanceof HTMLInputElement && target.name === "evidence" && target.checked)
      placeEvidence(form);
    change();
  });
  // A click on the language that is already selected is a choice too, although it is no input.
  form.addEventListener("click", ({ target }) => {
    if (!(target instanceof HTMLInputElement) || target.name !== "language") return;
    isLanguageChosen = true;
    change();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void runAction(app, button, () => send(app, form, submit));
  });
  refresh();
  return form;
}

/** Returns the options of the form. Without a chosen language, the file has the language of the page. */
export function completeDraft({ memory, locale }: ViewContext): RequestOptions {
  return { language: locale.language, ...memory.draft };
}

async function send(
  app: ViewContext,
  form: HTMLFormElement,
  submit: (options: RequestOptions) => Promise<void>,
): Promise<void> {
  markErrors(form, new Map());
  const broken = listBrokenDays(form);
  if (broken.length > 0)
    return showErrors(app, form, { errors: broken.map((parameter) => ({ parameter, detail: "" })) });
  try {
    await submit(readForm(form));
  } catch (error) {
    if (!(error instanceof ApiError) || error.errors.length === 0) throw error;
    showErrors(app, form, error);
  }
}

/** Shows each error at the field of its parameter. An error without a field appears under the form's button. */
export function showErrors(
  app: ViewContext,
  form: HTMLFormElement,
  { errors }: Pick<ApiError, "errors">,
): void {
  const { form: words } = app.locale.words;
  const mistakes = listMistakes(app, form);
  const describe = (name: string) => mistakes.get(name) ?? words.errors[name] ?? words.describeError(name);
  const texts = errors.map(({ parameter }) => [parameter, describe(parameter)] as const);
  const rest = markErrors(form, new Map(texts));
  const button = form.querySelector<HTMLElement>("button[type=submit]");
  if (button !== null) showError(button, [words.invalid, ...rest].join(" "));
}

/** Returns the text of each mistake that the form has now, by parameter. */
function listMistakes({ locale, memory }: ViewContext, form: HTMLFormElement): Map<string, string> {
  const { mistakes: texts } = locale.words.form;
  const found = findMistakes(memory.draft, calendarDayOf(Date.now()));
  for (const name of listBrokenDays(form)) found.set(name, "noSuchDay");
  return new Map([...found].map(([name, mistake]) => [name, texts[mistake]]));
}

/**
 * Lists the visible date fields with a text that is no day. The value of such a field is empty, so the server would
 * take it for a field without a day.
 */
function listBrokenDays(form: HTMLFormElement): string[] {
  return [...form.querySelectorAll<HTMLInputElement>("input[type=date]")]
    .filter((input) => input.validity.badInput && input.checkVisibility())
    .map(({ name }) => name);
}

/** Shows a question beside each day whose year is probably mistyped. */
function warnOfYears(form: HTMLFormElement, { words }: PageLocale): void {
  for (const { name, value } of form.querySelectorAll<HTMLInputElement>("input[type=date]")) {
    const place = form.querySelector<HTMLElement>(`[id="${name}-warning"]`);
    const year = findOddYear(value);
    if (place === null) continue;
    place.hidden = year === null;
    place.textContent = year === null ? "" : words.form.oddYear(year);
  }
}

function makeGroups(app: ViewContext): HTMLElement[] {
  const { locale, memory } = app;
  const { draft } = memory;
  const { form: words, statuses: names } = locale.words;
  const { format = "xlsx", dialect = "excel", status = statuses, language = locale.language } = draft;
  const today = calendarDayOf(Date.now());
  const asOf = { name: "asOf", type: "date", value: draft.asOf ?? today, "data-today": today };
  const formats = listChoices(["xlsx", "csv"], words.formats, words.formatHints);
  const dialects = listChoices(["excel", "machine"], words.dialects);
  return [
    makeChoiceGroup("radio", "format", { legend: words.format, choices: formats, chosen: [format] }),
    showOnlyWith(
      "format=csv",
      makeChoiceGroup("radio", "dialect", { legend: words.dialect, choices: dialects, chosen: [dialect] }),
    ),
    makePeriod(locale, draft),
    makeChoiceGroup("checkbox", "status", {
      legend: words.status,
      choices: listChoices(statuses, names),
      chosen: status,
    }),
    makeChoiceGroup("radio", "language", {
      legend: words.language,
      choices: listChoices(languages, words.languages),
      chosen: [language],
    }),
    makeInput(words.asOf, asOf, words.asOfHint),
    makeAdvanced(app),
  ];
}

function makeAdvanced(app: ViewContext): HTMLElement {
  const { form: words } = app.locale.words;
  const { draft } = app.memory;
  const { customers = true, evidence = false } = draft;
  return make(
    "details",
    { class: "advanced", open: !customers || evidence || draft.columns !== undefined },
    make("summary", {}, words.advanced),
    makeGroup(
      "data",
      words.advancedTitle,
      makeCheckbox("customers", words.customers, customers),
      makeCheckbox("evidence", words.evidence, evidence, words.evidenceHint),
    ),
    makeColumnChoice(app, draft),
  );
}

function listChoices<const Name extends string>(
  values: readonly Name[],
  texts: Record<Name, string>,
  hints?: Record<Name, string>,
) {
  return values.map((value) => ({ value, text: texts[value], ...(hints && { hint: hints[value] }) }));
}

type FormOptions = RequestOptions & Pick<Required<RequestOptions>, "language">;

/**
 * Returns the options that the form sets. Leaves out an `asOf` of today and other defaults, so that the server chooses
 * them anew at each request: tomorrow the default `asOf` is another day.
 */
function readForm(form: HTMLFormElement): FormOptions {
  const data = new FormData(form);
  const text = (name: string) => readField(data, name);
  const status = statuses.filter((name) => data.getAll("status").includes(name));
  const format = text("format") === "csv" ? "csv" : "xlsx";
  const dialect = text("dialect") === "machine" ? "machine" : "excel";
  const evidence = data.has("evidence");
  const columns = readColumns(data, { dialect: format === "csv" ? dialect : null, evidence });
  const today = form.querySelector<HTMLElement>("[data-today]")?.dataset["today"];
  return {
    format,
    ...(format === "csv" && { dialect }),
    ...readPeriod(data),
    ...(status.length < statuses.length && { status }),
    language: chooseLanguage([text("language")]),
    ...(text("asOf") !== today && { asOf: text("asOf") }),
    ...(!data.has("customers") && { customers: false }),
    ...(evidence && { evidence }),
    ...(columns !== undefined && { columns }),
  };
}

function showOnlyWith(choice: string, part: HTMLElement): HTMLElement {
  part.dataset["with"] = choice;
  return part;
}

/** Shows only the fields that belong to the selected choices. */
function hideUnused(form: HTMLFormElement): void {
  const data = new FormData(form);
  for (const part of form.querySelectorAll<HTMLElement>("[data-with]")) {
    const [name = "", value] = (part.dataset["with"] ?? "").split("=");
    part.hidden = data.get(name) !== value;
  }
}
