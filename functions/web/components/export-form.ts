import { chooseLanguage, languages } from "../../core/basics/languages.ts";
import { statuses } from "../../core/offer/offer-status.ts";
import { ApiError, type RequestOptions } from "../client/api-client.ts";
import { calendarDayOf } from "../client/browser-storage.ts";
import { makeColumnChoice, readColumns } from "./column-choice.ts";
import { runAction, showError } from "./feedback.ts";
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
} from "./form-fields.ts";
import { formatFormQuery } from "./request-query.ts";
import { describeRequest } from "./request-summary.ts";
import { make, type ViewContext } from "./view-elements.ts";

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
  const sentence = make("p", { class: "sentence" });
  const form = make(
    "form",
    { class: "card sheet", novalidate: true },
    ...makeGroups(app),
    make("div", { class: "submit" }, button, sentence),
  );
  const refresh = () => {
    app.memory.draft = readForm(form);
    const asOf = app.memory.draft.asOf ?? calendarDayOf(Date.now());
    sentence.textContent = describeRequest(app.memory.draft, app.locale, asOf);
    namePeriods(form, asOf, app.locale);
    hideUnused(form);
  };
  form.addEventListener("input", () => {
    refresh();
    app.settle(`/?${formatFormQuery(app.memory.draft)}`);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void runAction(app, button, () => send(app, form, submit));
  });
  refresh();
  return form;
}

async function send(
  app: ViewContext,
  form: HTMLFormElement,
  submit: (options: RequestOptions) => Promise<void>,
): Promise<void> {
  markErrors(form, new Map());
  try {
    await submit(readForm(form));
  } catch (error) {
    if (!(error instanceof ApiError) || error.errors.length === 0) throw error;
    showErrors(app, form, error);
  }
}

/** Shows each error at the field of its parameter. An error without a field appears under the form's button. */
export function showErrors(
  { locale }: ViewContext,
  form: HTMLFormElement,
  { errors }: Pick<ApiError, "errors">,
): void {
  const { form: words } = locale.words;
  const texts = errors.map(
    ({ parameter }) => [parameter, words.errors[parameter] ?? words.describeError(parameter)] as const,
  );
  const rest = markErrors(form, new Map(texts));
  const button = form.querySelector<HTMLElement>("button[type=submit]");
  if (button !== null) showError(button, [words.invalid, ...rest].join(" "));
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

/**
 * Returns the options that the form sets. Leaves out an `asOf` of today and other defaults, so that the server chooses
 * them anew at each request: tomorrow the default `asOf` is another day.
 */
function readForm(form: HTMLFormElement): RequestOptions {
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
