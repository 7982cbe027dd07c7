import type { Figures } from "../../core/figures/figures.ts";
import type { Status } from "../../core/offer/offer-status.ts";
import type { ShownExport } from "../client/api-client.ts";
import { draw, make } from "./view-elements.ts";
import type { PageLocale } from "../words/page-format--speech.ts";

type Result = NonNullable<ShownExport["result"]>;

/** How many offers of each status there are, what they are worth, and how many were won. */
export function makeReportSummary({ status }: ShownExport["options"], result: Result, speech: PageLocale): HTMLElement {
  const { words, format } = speech;
  const { figures } = result;
  const tiles = status.map((name) => makeTile(name, result, speech));
  const counted = words.result.offers(result.rows, format.count(result.rows));
  return make(
    "section",
    { class: "card glance" },
    make("h2", {}, words.result.offersTitle),
    make("p", { class: "total" }, [counted, ...listTotals(result, speech)].join(", ")),
    drawShares(result, status),
    make("dl", { class: "tiles" }, ...tiles),
    figures === null ? null : makeConversion(figures, speech),
    ...(figures === null ? [] : listNotes(figures, speech).map((note) => make("p", { class: "hint" }, note))),
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

/** A decoration: the tiles below tell the same in numbers. */
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
