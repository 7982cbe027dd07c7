import type { ShownExport } from "../client/api-client.ts";
import { make } from "../components/view-elements.ts";
import type { PageLocale } from "../words/page-format--speech.ts";

type Delivery = NonNullable<ShownExport["deliveries"]>[number];

/** Whom the report is sent to, and what became of that when the page was opened; nothing when it goes to nobody. */
export function makeDeliveryList({ deliveries = [] }: ShownExport, speech: PageLocale): HTMLElement | null {
  if (deliveries.length === 0) return null;
  return make(
    "section",
    { class: "card deliveries" },
    make("h2", {}, speech.words.delivery.title),
    make("ul", {}, ...deliveries.map((delivery) => makeItem(delivery, speech))),
  );
}

function makeItem({ kind, to, status, sentAt, reason }: Delivery, { words, format }: PageLocale): HTMLElement {
  const { delivery } = words;
  // A mail that came back was sent, too.
  const hasArrived = status === "sent" && sentAt !== null;
  const state = hasArrived ? delivery.sentAt(format.moment(sentAt)) : delivery.states[status];
  const target = kind === "mail" ? to : delivery.webhook(to);
  // The reason is for who runs it, as problems' details are.
  return make(
    "li",
    { class: status },
    `${target}: ${state}`,
    reason === null ? null : make("p", { class: "hint", lang: "en" }, reason),
  );
}
