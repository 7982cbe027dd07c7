import type { PageWords } from "../words/page-dutch.ts";
import { make } from "./view-elements.ts";
import { mayPassLater, ApiError } from "../client/api-client--refusal.ts";

/** What happened and what to do, for somebody who only uses the page. */
export function explainCode(code: string, words: PageWords): string {
  return words.problems[code] ?? words.problems.other;
}

export function explainError(error: unknown, words: PageWords): string {
  if (error instanceof ApiError) return explainCode(error.code, words);
  return mayPassLater(error) ? words.problems.unreachable : words.problems.other;
}

/** Where the words say no more than that something went wrong, what whoever runs the page needs. */
export function detailUnknown(error: unknown, words: PageWords): HTMLElement | null {
  if (!(error instanceof ApiError) || error.code in words.problems) return null;
  return describeDetails(error, words);
}

type Details = { code: string; detail: string; requestId?: string | null };

/** For whoever runs the page. */
export function describeDetails({ code, detail, requestId = null }: Details, words: PageWords): HTMLElement {
  return make(
    "details",
    { class: "technical" },
    make("summary", {}, words.details),
    make("p", { lang: "en" }, `${code}: ${detail}`, requestId === null ? "" : ` (requestId ${requestId})`),
  );
}
