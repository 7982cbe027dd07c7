/**
 * Stands in for vitest when a mutation test loads the test files: it collects their tests instead of running them.
 * `expect` is vitest's own.
 */
export { expect } from "vitest";

export type CollectedTest = { id: string; run: () => unknown };

const collected: CollectedTest[] = [];
let title: string[] = [];

/** Returns the tests that have been collected since the last call. */
export function takeTests(): CollectedTest[] {
  return collected.splice(0);
}

function defineSuite(name: string, define: () => unknown): void {
  const outer = title;
  title = [...outer, name];
  try {
    define();
  } finally {
    title = outer;
  }
}

function defineTest(name: string, run: () => unknown): void {
  collected.push({ id: `${collected.length} ${[...title, name].join(" > ")}`, run });
}

/** The titles of rows need not be those that vitest gives them. */
const eachOf =
  (define: (name: string, run: () => unknown) => void) =>
  (rows: unknown[]) =>
  (name: string, run: (...row: unknown[]) => unknown): void => {
    for (const row of rows) define(name, () => run(...(Array.isArray(row) ? row : [row])));
  };

export const describe = Object.assign(defineSuite, { each: eachOf(defineSuite) });
export const it = Object.assign(defineTest, { each: eachOf(defineTest) });
/** Tests may only set timeouts with it. */
export const vi = { setConfig: () => undefined };
