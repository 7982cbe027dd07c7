import type { Words } from "../words/page-dutch.ts";
import { make } from "./view-elements.ts";
import { isPassing, Refusal } from "../client/api-client--refusal.ts";

/** What happened and what to do, for somebody who only uses the page. */
export function explain(code: string, words: Words): string {
  return words.problems[code] ?? words.problems.other;
}

export function explainError(error: unknown, words: Words): string {
  if (error instanceof Refusal) return explain(error.code, words);
  return isPassing(error) ? words.problems.unreachable : words.problems.other;
}

/** Where the words say no more than that something went wrong, what whoever runs the page needs. */
export function detailUnknown(error: unknown, words: Words): HTMLElement | null {
  if (!(error instanceof Refusal) || error.code in words.problems) return null;
  return describeDetails(error, words);
}

type Details = { code: string; detail: string; requestId?: string | null };

/** For whoever runs the page. */
export function describeDetails({ code, detail, requestId = null }: Details, words: Words): HTMLElement {
  return make(
    "details",
    { class: "technical" },
    make("summary", {}, words.details),
    make("p", { lang: "en" }, `${code}: ${detail}`, requestId === null ? "" : ` (requestId ${requestId})`),
  );
}
