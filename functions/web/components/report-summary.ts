import type { Figures } from "../../core/figures/figures.ts";
import {
  countUndated,
  findShownConversion,
  type ShownConversion,
} from "../../core/figures/shown-conversion.ts";
import type { Status } from "../../core/offer/offer-status.ts";
import { findScope, hasPeriod } from "../../core/options/offer-filter.ts";
import type { ShownExport } from "../client/api-client.ts";
import { calendarDayOf } from "../client/browser-storage.ts";
import { type PageLocale, pageWords } from "../words/page-format.ts";
import { draw, make } from "./view-elements.ts";

type Result = NonNullable<ShownExport["result"]>;
type Options = ShownExport["options"];

/** Shows the number and the value of the offers by status, and the conversion. */
export function makeReportSummary(options: Options, result: Result, locale: PageLocale): HTMLElement {
  const { words, format } = locale;
  const { figures } = result;
  const tiles = options.status.map((name) => makeTile(name, result, locale));
  const counted = words.result.offers(result.rows, format.count(result.rows));
  const totals = [counted, ...listTotals(result, locale)].join(", ");
  return make(
    "section",
    { class: "card glance" },
    make("h2", {}, words.result.offersTitle),
    make(
      "p",
      { class: "total" },
      findScope(options) === "selection" ? words.result.inSelection(totals) : totals,
    ),
    drawShares(result, options.status),
    make("dl", { class: "tiles" }, ...tiles),
    ...(figures === null ? [] : listFigures(options, figures, locale)),
  );
}

function listTotals({ totals }: Result, { format }: PageLocale): string[] {
  return Object.entries(totals).map(([currency, value]) => format.money(value, currency));
}

function makeTile(status: Status, { statuses, figures }: Result, { words, format }: PageLocale): HTMLElement {
  const currency = figures?.currency ?? null;
  const value = figures?.statuses[status].value;
  return make(
    "div",
    { class: `tile ${status}` },
    make("dt", {}, words.statuses[status]),
    make("dd", { class: "count" }, format.count(statuses[status])),
    value === undefined || currency === null
      ? null
      : make("dd", { class: "value" }, format.money(value, currency)),
  );
}

/** Draws the shares of the statuses as a bar. Screen readers skip it, because the tiles below have the same numbers. */
function drawShares({ statuses, rows }: Result, shown: Status[]): SVGElement {
  let x = 0;
  const parts = shown.map((status) => {
    const width = rows === 0 ? 0 : (statuses[status] / rows) * 100;
    const part = draw("rect", { class: status, x, y: 0, width, height: 1 });
    x += width;
    return part;
  });
  const attributes = {
    class: "shares-bar",
    viewBox: "0 0 100 1",
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  };
  return draw("svg", attributes, ...parts);
}

function listFigures(options: Options, figures: Figures, locale: PageLocale): HTMLElement[] {
  const notes = listNotes(options, figures, locale).map((note) => make("p", { class: "hint" }, note));
  return [...describeConversion(findShownConversion(options.status, figures), locale), ...notes];
}

/** Shows the conversion, or says why the report has none. */
function describeConversion(
  shown: ShownConversion,
  { words: { result: words }, format }: PageLocale,
): HTMLElement[] {
  const hint = (text: string) => make("p", { class: "hint" }, text);
  if (shown.type === "incomplete") return [hint(words.conversionNeeds)];
  if (shown.type === "none") return [hint(words.noneDecided)];
  const parts =
    shown.type === "counts"
      ? [[words.fewDecided(shown.accepted, shown.decided), words.tooFew] as const]
      : [
          [format.share(shown.conversion.byCount), words.byCount] as const,
          [format.share(shown.conversion.byValue), words.byValue] as const,
        ];
  const list = make(
    "div",
    {},
    make("dt", {}, words.conversion),
    ...parts.map(([figure, text]) => make("dd", {}, make("strong", {}, figure), ` ${text}`)),
  );
  return [make("dl", { class: "conversion" }, list), hint(words.conversionHint)];
}

function listNotes(options: Options, figures: Figures, { words }: PageLocale): string[] {
  const { currency, otherCurrencies, withoutAmount } = figures;
  const undated = countUndated(figures);
  return [
    ...(hasPeriod(options) && undated > 0 ? [words.result.undated(undated)] : []),
    ...(otherCurrencies.length > 0 && currency !== null ? [words.result.otherCurrencies(currency)] : []),
    ...(withoutAmount > 0 ? [words.result.withoutAmount(withoutAmount)] : []),
  ];
}

type Due = Expiring["rows"][number];

const maxShown = 5;

/**
 * Shows the most valuable open offers that expire soon; null when no open offer expires soon. Does not use the list
 * `expiring`, because it has other offers too in exports of earlier versions.
 */
export function makeFollowUp(figures: Figures, options: Options, locale: PageLocale): HTMLElement | null {
  const { words, format } = locale;
  const expiring = figures.followUp.expiringSoon;
  if (expiring === null || expiring.rows.length === 0) return null;
  const shown = expiring.rows.slice(0, maxShown);
  const offers = words.result.offers(expiring.offers, format.count(expiring.offers));
  const intro = words.followUp.intro(expiring.offers, offers, describeSum(expiring, figures, locale));
  const { number, customer, amount, days } = words.followUp;
  return make(
    "section",
    { class: "card due" },
    make("h2", {}, words.followUp.title),
    make(
      "p",
      {},
      findScope(options) === "selection" ? words.result.inSelection(intro) : intro,
      shown.length < expiring.offers ? ` ${words.followUp.cut(shown.length)}` : "",
    ),
    // The roles are needed because the styles of a narrow screen turn the rows into grids.
    make(
      "table",
      { role: "table" },
      make("caption", { class: "unseen" }, words.followUp.title),
      make(
        "thead",
        { role: "rowgroup" },
        make(
          "tr",
          { role: "row" },
          ...[number, customer].map((text) => make("th", head, text)),
          make("th", { ...head, class: "amount" }, amount),
          make("th", head, days),
        ),
      ),
      make("tbody", { role: "rowgroup" }, ...shown.map((due) => makeRow(due, locale))),
    ),
    ...listFollowUpNotes(expiring, options, locale).map((note) => make("p", { class: "hint" }, note)),
  );
}

const head = { role: "columnheader", scope: "col" };
const cell = { role: "cell" };

type Expiring = NonNullable<Figures["followUp"]["expiringSoon"]>;

/** Adds up the amounts of the offers, for each currency. */
function describeSum(
  { value, otherCurrencies }: Expiring,
  { currency }: Figures,
  { format }: PageLocale,
): string {
  if (currency === null) return "–";
  return [{ currency, value }, ...otherCurrencies]
    .map((sum) => format.money(sum.value, sum.currency))
    .join(" + ");
}

function listFollowUpNotes(
  { offers }: Expiring,
  { asOf, format: file, language }: Options,
  { words: { followUp: words }, format }: PageLocale,
): string[] {
  const isCut = offers > maxShown;
  return [
    ...(asOf === calendarDayOf(Date.now()) ? [] : [words.countedFrom(format.day(asOf))]),
    // The sheet has its name in the language of the file.
    ...(file === "xlsx" && isCut ? [words.more(pageWords[language].followUp.sheet)] : []),
  ];
}

function makeRow(due: Due, { words, format }: PageLocale): HTMLElement {
  return make(
    "tr",
    { role: "row" },
    make("th", { role: "rowheader", scope: "row" }, due.offerNumber ?? due.offerId ?? "–"),
    make("td", cell, due.customerName ?? due.customerId ?? "–"),
    make(
      "td",
      { ...cell, class: "amount" },
      due.amount === null ? "–" : format.money(due.amount, due.currency),
    ),
    make("td", cell, words.followUp.daysLeft(due.days)),
  );
}
