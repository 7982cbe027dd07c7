import type { RequestOptions } from "../client/api-client.ts";
import { make } from "./view-elements.ts";
import type { PageLocale } from "../words/page-format--speech.ts";

/** How to use a permanent link where it does the most good. */
export function makeGuides({ words }: PageLocale, { format, dialect }: RequestOptions): HTMLElement {
  const { bookmark, excel, sheets } = words.shares.guides;
  const isForSheets = format === "csv" && dialect === "machine";
  const steps = isForSheets ? sheets.steps.slice(1) : sheets.steps;
  return make(
    "div",
    { class: "guides" },
    ...[bookmark, excel, { ...sheets, steps }].map((guide) =>
      make(
        "details",
        {},
        make("summary", {}, guide.title),
        make("ol", {}, ...guide.steps.map((step) => make("li", {}, step))),
      ),
    ),
  );
}
