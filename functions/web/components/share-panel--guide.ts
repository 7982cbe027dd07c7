import type { Wanted } from "../client/api-client.ts";
import { make } from "./view-elements.ts";
import type { Speech } from "../words/page-format--speech.ts";

/** How to use a permanent link where it does the most good. */
export function makeGuides({ words }: Speech, { format, dialect }: Wanted): HTMLElement {
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
