import { units } from "../../functions/core/metric.ts";
import { type Cost, estimateExport, estimateReports } from "./estimate.ts";
import { estimateFlood, estimateWorstFlood, findMostRequests } from "./flood.ts";
import { type Prices, readPrices } from "./price.ts";
import { type Measured, readMeasured, type Usage } from "./usage.ts";

const marks = { begin: "<!-- npm run cost: begin -->", end: "<!-- npm run cost: end -->" };

/** The README with its section on cost anew, from the figures that lie beside. */
export async function renewReadme(readme: string): Promise<string> {
  const section = describeCosts(await readMeasured(), await readPrices());
  const [before, rest] = split(readme, marks.begin);
  const [, after] = split(rest, marks.end);
  return `${before}${marks.begin}\n\n${section}\n\n${marks.end}${after}`;
}

function split(text: string, mark: string): [string, string] {
  const [before, after] = text.split(mark);
  if (before === undefined || after === undefined) throw new Error(`the README has no line ${mark}`);
  return [before, after];
}

function describeCosts(measured: Measured, { prices, region, date }: Prices): string {
  const exports = measured.export.map((usage) => estimateExport(usage, measured, prices));
  const months = measured.month.map((usage) => estimateReports(usage, prices));
  const flood = formatDollars(estimateFlood(measured.refusal, concurrency, prices));
  const worst = formatDollars(estimateWorstFlood(measured.asset, concurrency, prices));
  return [
    formatRow(["in US dollars, for a portal of", ...measured.export.map(formatSize)]),
    formatRow(["---", ...exports.map(() => "---:")]),
    ...formatRows("one export, asked for at the URL and downloaded", exports),
    ...formatRows("a month's two reports", months),
    "",
    `Measured on ${measured.date}, with prices of ${region} as of ${date}, without free tiers and taxes. A ` +
      `metric that an alarm watches is ${formatDollars(prices.alarmMonth.usd)} a month beyond the ten that are free, ` +
      "which the alarms here watch. A figure of a crawl or a report is billed for the hours in which it is told: " +
      `all of them together ${formatDollars(estimateFigures(prices))} for an export that has an hour of its own, ` +
      `and ${formatDollars(figures * prices.metricMonth.usd)} a month where exports run at all hours; ten are free.`,
    "",
    `**A stranger who floods the URL** with wrong tokens costs ${flood} a day, and at most ${worst} whatever he ` +
      `sends. With ${concurrency} instances reserved Lambda lets ${findMostRequests(concurrency)} requests a second ` +
      "through; the most is that all instances are busy all the time, that each request asks S3, and that each " +
      "answer is the largest he can get. What is above that is answered with 429 and costs nothing.",
  ].join("\n");
}

const monthHours = 730;
/** Those that a crawl and its report tell; the others are seldom told. */
const figures = Object.keys(units).filter((name) => !/^(Exports|Deliveries)/.test(name)).length;

/** Of one hour. */
function estimateFigures({ metricMonth }: Prices["prices"]): number {
  return (figures * metricMonth.usd) / monthHours;
}

/** As infra/setting.ts has it. */
const concurrency = 10;

function formatRows(name: string, costs: Cost[]): string[] {
  const parts: [string, (cost: Cost) => number][] = [
    [name, ({ functions, durable, storage, rest }) => functions + durable + storage + rest],
    ["… functions", ({ functions }) => functions],
    ["… durable steps and their history", ({ durable }) => durable],
    ["… S3, for as long as things are kept", ({ storage }) => storage],
    ["… logs, and the download", ({ rest }) => rest],
  ];
  return parts.map(([part, find]) => formatRow([part, ...costs.map((cost) => formatDollars(find(cost)))]));
}

function formatSize({ offers }: Usage): string {
  return `${offers.toLocaleString("en")} offers`;
}

/** Two digits that matter. */
function formatDollars(dollars: number): string {
  const digits = Math.max(2, 1 - Math.floor(Math.log10(dollars)));
  return `$${dollars.toFixed(Math.min(digits, 8))}`;
}

function formatRow(cells: string[]): string {
  return `| ${cells.join(" | ")} |`;
}
