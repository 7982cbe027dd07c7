import type { Figures } from "../../core/figures/figures.ts";
import type { Status } from "../../core/offer/offer-status.ts";
import type { ShownExport } from "../client/api-client.ts";
import type { PageLocale } from "../words/page-format.ts";
import { draw, make } from "./view-elements.ts";

type Result = NonNullable<ShownExport["result"]>;

/** Shows the number and the value of the offers by status, and the conversion. */
export function makeReportSummary(
  { status }: ShownExport["options"],
  result: Result,
  locale: PageLocale,
): HTMLElement {
  const { words, format } = locale;
  const { figures } = result;
  const tiles = status.map((name) => makeTile(name, result, locale));
  const counted = words.result.offers(result.rows, format.count(result.rows));
  return make(
    "section",
    { class: "card glance" },
    make("h2", {}, words.result.offersTitle),
    make("p", { class: "total" }, [counted, ...listTotals(result, locale)].join(", ")),
    drawShares(result, status),
    make("dl", { class: "tiles" }, ...tiles),
    figures === null ? null : makeConversion(figures, locale),
    ...(figures === null ? [] : listNotes(figures, locale).map((note) => make("p", { class: "hint" }, note))),
  );
}

function listTotals({ totals }: Result, { format }: PageLocale): string[] {
  return Object.entries(totals).map(([currency, value]) => format.money(value, currency));
}

function makeTile(status: Status, { statuses, figures }: Result, { words, format }: PageLocale): HTMLElement {
  const value = figures?.statuses[status].value;
  return make(
    "div",
    { class: `tile ${status}` },
    make("dt", {}, words.statuses[status]),
    make("dd", { class: "count" }, format.count(statuses[status])),
    value === undefined
      ? null
      : make("dd", { class: "value" }, format.money(value, figures?.currency ?? null)),
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

function makeConversion({ conversion }: Figures, { words, format }: PageLocale): HTMLElement {
  const part = (share: number | null, by: string) =>
    make("dd", {}, make("strong", {}, format.share(share)), ` ${by}`);
  return make(
    "dl",
    { class: "conversion" },
    make(
      "div",
      {},
      make("dt", {}, words.result.conversion),
      part(conversion.byCount, words.result.byCount),
      part(conversion.byValue, words.result.byValue),
    ),
  );
}

function listNotes({ currency, otherCurrencies, withoutAmount }: Figures, { words }: PageLocale): string[] {
  return [
    words.result.conversionHint,
    ...(otherCurrencies.length > 0 && currency !== null ? [words.result.otherCurrencies(currency)] : []),
    ...(withoutAmount > 0 ? [words.result.withoutAmount(withoutAmount)] : []),
  ];
}

type Due = NonNullable<Figures["followUp"]["expiringSoon"]>["rows"][number];

const maxShown = 5;

/**
 * Shows the most valuable open offers that expire soon; null when no open offer expires soon. Does not use the list
 * `expiring`, because it has other offers too in exports of earlier versions.
 */
export function makeFollowUp(
  { followUp: { expiringSoon: expiring }, currency }: Figures,
  options: ShownExport["options"],
  locale: PageLocale,
): HTMLElement | null {
  const { words, format } = locale;
  if (expiring === null || expiring.rows.length === 0) return null;
  const shown = expiring.rows.slice(0, maxShown);
  const offers = words.result.offers(expiring.offers, format.count(expiring.offers));
  const { number, customer, amount, days } = words.followUp;
  return make(
    "section",
    { class: "card due" },
    make("h2", {}, words.followUp.title),
    make(
      "p",
      {},
      words.followUp.intro(expiring.offers, offers, format.money(expiring.value, currency)),
      shown.length < expiring.offers ? ` ${words.followUp.cut(shown.length)}` : "",
    ),
    make(
      "table",
      {},
      make(
        "thead",
        {},
        make(
          "tr",
          {},
          ...[number, customer].map((text) => make("th", { scope: "col" }, text)),
          make("th", { scope: "col", class: "amount" }, amount),
          make("th", { scope: "col" }, days),
        ),
      ),
      make("tbody", {}, ...shown.map((due) => makeRow(due, locale))),
    ),
    options.format === "xlsx" ? make("p", { class: "hint" }, words.followUp.more) : null,
  );
}

function makeRow(due: Due, { words, format }: PageLocale): HTMLElement {
  return make(
    "tr",
    {},
    make("th", { scope: "row" }, due.offerNumber ?? due.offerId ?? "–"),
    make("td", {}, due.customerName ?? due.customerId ?? "–"),
    make("td", { class: "amount" }, due.amount === null ? "–" : format.money(due.amount, due.currency)),
    make("td", {}, words.followUp.daysLeft(due.days)),
  );
}
