import type { Words } from "./dutch.ts";
import { make } from "./element.ts";
import { isPassing, Refusal } from "./refusal.ts";

/** What happened and what to do, for somebody who only uses the page. */
export function explain(code: string, words: Words): string {
  return words.problems[code] ?? words.problems.other;
}

export function explainError(error: unknown, words: Words): string {
  if (error instanceof Refusal) return explain(error.code, words);
  return isPassing(error) ? words.problems.unreachable : words.problems.other;
}

/** For whoever runs the page. */
export function describeDetails(
  { code, detail }: { code: string; detail: string },
  words: Words,
): HTMLElement {
  return make(
    "details",
    { class: "technical" },
    make("summary", {}, words.details),
    make("p", { lang: "en" }, `${code}: ${detail}`),
  );
}
