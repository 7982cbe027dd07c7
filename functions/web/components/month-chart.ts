import type { Figures } from "../../core/figures/figures.ts";
import { type Status, statuses } from "../../core/offer/offer-status.ts";
import { stackedStatuses } from "../../core/offer/status-colours.ts";
import { findScope } from "../../core/options/offer-filter.ts";
import type { ShownExport } from "../client/api-client.ts";
import type { PageLocale } from "../words/page-format.ts";
import { chooseMonths, countIssued, type ReportMonth, type ShownMonths } from "./report-months.ts";
import { draw, make } from "./view-elements.ts";

/** The months of a chart, with the statuses that the report includes. */
type Shown = { months: ReportMonth[]; status: Status[] };

/** Shows the offers of the report's months by status, as a drawing and as a table. Null when there are no months. */
export function makeChart(
  figures: Figures,
  options: ShownExport["options"],
  locale: PageLocale,
): HTMLElement | null {
  const chosen = chooseMonths(figures, options);
  if (chosen === null) return null;
  const { chart: words } = locale.words;
  const hint = (text: string) => make("p", { class: "hint" }, text);
  const offers = locale.words.result.offers(chosen.older, locale.format.count(chosen.older));
  if (chosen.type === "old") {
    const text = words.old(chosen.older, offers, locale.format.month(chosen.since));
    return make("section", { class: "card chart" }, make("h2", {}, words.oldTitle), make("p", {}, text));
  }
  const { months } = chosen;
  const isCounted = months.some((month) => countIssued(month) > 0);
  const [caption, empty] =
    findScope(options) === "selection"
      ? [words.selectionCaption, words.emptySelection]
      : [words.caption, words.empty];
  const shown = { months, status: options.status };
  const drawn = [makeDrawing(shown, locale), makeLegend(shown, locale), makeTable(shown, caption, locale)];
  return make(
    "section",
    { class: "card chart" },
    make("h2", {}, describeSpan(chosen, locale)),
    hint(isCounted ? caption : empty),
    ...(isCounted ? drawn : []),
    chosen.older === 0
      ? null
      : hint(words.older(chosen.older, offers, locale.format.month(months[0]?.month ?? ""))),
  );
}

function describeSpan(
  { type, months }: Exclude<ShownMonths, { type: "old" }>,
  { words, format }: PageLocale,
): string {
  const [first, last] = [months.at(0)?.month ?? "", months.at(-1)?.month ?? ""];
  if (type === "last") return words.chart.title(format.month(last));
  return words.chart.periodTitle(format.month(first), format.month(last));
}

/** Creates the drawing, and draws it again at each new width, so that its text has the same size as the page's text. */
function makeDrawing(shown: Shown, locale: PageLocale): HTMLElement {
  const frame = make("div", { class: "drawing" });
  new ResizeObserver(([entry]) => {
    const width = Math.round(entry?.contentRect.width ?? 0);
    if (width > 0) frame.replaceChildren(drawMonths(shown, locale, width));
  }).observe(frame);
  return frame;
}

const height = 200;
const foot = 40;
const left = 34;
const top = 10;

function drawMonths({ months, status }: Shown, locale: PageLocale, width: number): SVGElement {
  const stacked = stackStatuses(status);
  const ticks = listTicks(Math.max(...months.map(countIssued)));
  const most = ticks.at(-1) ?? 1;
  const y = (count: number) => top + (height - top - foot) * (1 - count / most);
  const step = (width - left) / months.length;
  const lines = ticks.map((tick) =>
    draw(
      "g",
      {},
      draw("line", { x1: left, x2: width, y1: y(tick), y2: y(tick) }),
      draw("text", { x: left - 8, y: y(tick) + 4, "text-anchor": "end" }, locale.format.count(tick)),
    ),
  );
  const bars = months.map((month, index) => drawMonth(month, stacked, { x: left + index * step, step, y }));
  const names = months.map((month, index) =>
    drawName(month, { x: left + (index + 0.5) * step, step, isFirst: index === 0 }, locale),
  );
  return draw(
    "svg",
    {
      role: "img",
      "aria-label": describeMonths(months, locale),
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
    },
    ...lines,
    ...bars,
    ...names,
  );
}

/** Returns round numbers in equal steps: 0 and at most four more. The last number is `most` or a little more. */
function listTicks(most: number): number[] {
  const rough = Math.max(1, most / 4);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough;
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) => index * step);
}

type Column = { x: number; step: number; y: (count: number) => number };

function drawMonth({ statuses: counts }: ReportMonth, stacked: Status[], { x, step, y }: Column): SVGElement {
  const width = Math.min(34, step * 0.64);
  let reached = 0;
  const parts = stacked.map((status) => {
    const from = reached;
    reached += counts[status].offers;
    const attributes = { x: x + (step - width) / 2, y: y(reached), width, height: y(from) - y(reached) };
    return draw("rect", { class: status, ...attributes });
  });
  return draw("g", {}, ...parts);
}

/** Months that are less wide than this are named by one letter. */
const nameWidth = 26;

type NamePlace = { x: number; step: number; isFirst: boolean };

function drawName(
  { month }: ReportMonth,
  { x, step, isFirst }: NamePlace,
  { format }: PageLocale,
): SVGElement {
  const middle = { x, "text-anchor": "middle" };
  const text = step < nameWidth ? format.monthLetter(month) : format.shortMonth(month);
  const name = draw("text", { ...middle, y: height - foot + 18 }, text);
  if (!bearsYear(month, isFirst)) return name;
  return draw(
    "g",
    {},
    name,
    draw("text", { ...middle, y: height - foot + 34, class: "year" }, month.slice(0, 4)),
  );
}

/**
 * True when the chart shows the year below this month. The year is shown below January. It is shown below the first
 * month too, unless a January follows within two months.
 */
function bearsYear(month: string, isFirst: boolean): boolean {
  const number = Number(month.slice(5));
  return number === 1 || (isFirst && number < 11);
}

function describeMonths(months: ReportMonth[], { words, format }: PageLocale): string {
  const best = months.reduce((most, month) => (countIssued(month) > countIssued(most) ? month : most));
  const counted = months.reduce((sum, month) => sum + countIssued(month), 0);
  const offers = words.result.offers(counted, format.count(counted));
  return words.chart.describe(
    offers,
    months.length,
    format.count(countIssued(best)),
    format.month(best.month),
  );
}

/** Returns the report's statuses in the order in which the drawing stacks them. */
function stackStatuses(shown: Status[]): Status[] {
  return stackedStatuses.filter((status) => shown.includes(status));
}

function makeLegend({ status: shown }: Shown, { words }: PageLocale): HTMLElement {
  const items = stackStatuses(shown).map((status) => make("li", { class: status }, words.statuses[status]));
  return make("ul", { class: "legend", "aria-hidden": "true" }, ...items);
}

function makeTable(
  { months, status: shown }: Shown,
  caption: string,
  { words, format }: PageLocale,
): HTMLElement {
  const columns = statuses.filter((status) => shown.includes(status));
  const head = [words.chart.month, ...columns.map((status) => words.statuses[status]), words.chart.total];
  const rows = months.map((month) => {
    const counts = [...columns.map((status) => month.statuses[status].offers), countIssued(month)];
    return make(
      "tr",
      {},
      make("th", { scope: "row" }, format.month(month.month)),
      ...counts.map((count) => make("td", {}, format.count(count))),
    );
  });
  const frame = make(
    "div",
    { class: "wide", tabindex: 0, role: "region", "aria-label": caption },
    make(
      "table",
      {},
      make("caption", { class: "unseen" }, caption),
      make("thead", {}, make("tr", {}, ...head.map((text) => make("th", { scope: "col" }, text)))),
      make("tbody", {}, ...rows),
    ),
  );
  return make(
    "details",
    { class: "as-table" },
    make("summary", {}, words.chart.table),
    makeScrollHint(frame, words.chart.scroll),
    frame,
  );
}

/** Creates a hint that is visible only as long as the frame is narrower than its content. */
function makeScrollHint(frame: HTMLElement, text: string): HTMLElement {
  const hint = make("p", { class: "hint", hidden: true }, text);
  new ResizeObserver(() => (hint.hidden = frame.scrollWidth <= frame.clientWidth)).observe(frame);
  return hint;
}
