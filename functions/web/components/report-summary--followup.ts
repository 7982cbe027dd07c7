import type { Figures } from "../../core/figures/figures.ts";
import type { ShownExport } from "../client/api-client.ts";
import { make } from "./view-elements.ts";
import type { PageLocale } from "../words/page-format--speech.ts";

type Due = Figures["followUp"]["expiring"]["rows"][number];

const mostShown = 5;

/** The most valuable of the open offers that are about to expire; nothing when there are none. */
export function makeFollowUp(
  { followUp: { expiring }, currency }: Figures,
  options: ShownExport["options"],
  speech: PageLocale,
): HTMLElement | null {
  const { words, format } = speech;
  if (expiring.rows.length === 0) return null;
  const shown = expiring.rows.slice(0, mostShown);
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
      make("tbody", {}, ...shown.map((due) => makeRow(due, speech))),
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
