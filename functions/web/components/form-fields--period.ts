import { calendarDayOf } from "../client/browser-storage--calendar.ts";
import type { RequestOptions } from "../client/api-client.ts";
import { make } from "./view-elements.ts";
import { makeChoices, makeGroup, makeInput, makeSelect, readField } from "./form-fields.ts";
import type { PageLocale } from "../words/page-format--speech.ts";

const names = ["all", "this-month", "last-month", "last-quarter", "this-year", "month", "days"] as const;
type Name = (typeof names)[number];

const yearsBack = 10;

/** Asks for the days of issue: by name, by year or month, or from and to. */
export function makePeriod(speech: PageLocale, draft: RequestOptions): HTMLElement {
  const { form: words } = speech.words;
  const chosen = nameOf(draft);
  return makeGroup(
    "period",
    words.period,
    makeChoices(
      "radio",
      "span",
      names.map((value) => ({ value, text: words.periods[value] })),
      [chosen],
    ),
    make("div", { class: "pair", "data-with": "span=month" }, ...makeMonth(speech, draft)),
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

function makeMonth({ words: { form: words }, format }: PageLocale, { period = "" }: RequestOptions): HTMLElement[] {
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

/** Two days left open are sent as they are, so that they are refused instead of meaning all. */
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
