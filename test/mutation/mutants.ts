import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

/** One change to the code that a test should notice. Lines count from 0. */
export type Mutant = {
  id: string;
  fileName: string;
  mutatorName: string;
  replacement: string;
  location: { start: { line: number; column: number } };
};

/** Files with all their mutants built in: each is behind a switch that `test-session.ts` throws. */
export type InstrumentedFiles = { mutants: Mutant[]; sources: Map<string, string> };

type SourceFile = { name: string; content: string; mutate: boolean };
type InstrumenterModule = {
  Instrumenter: new (logger: object) => {
    instrument: (files: SourceFile[], options: object) => Promise<{ files: SourceFile[]; mutants: Mutant[] }>;
  };
};

const instrumenter = new URL(
  "../../.local/instrumenter/node_modules/@stryker-mutator/instrumenter/dist/src/index.js",
  import.meta.url,
);
const logger = { debug() {}, info() {}, warn() {}, isDebugEnabled: () => false };
const options = { plugins: null, ignorers: [], excludedMutations: [], noHeader: false };

/** Makes every mutant of the files that Stryker knows. `sources` has the instrumented code by URL. */
export async function instrumentFiles(paths: string[]): Promise<InstrumentedFiles> {
  const { Instrumenter }: InstrumenterModule = await import(instrumenter.href);
  const files = paths.map((name) => ({ name, content: readFileSync(name, "utf8"), mutate: true }));
  const made = await new Instrumenter(logger).instrument(files, options);
  const sources = made.files.map(({ name, content }) => [pathToFileURL(name).href, content] as const);
  return { mutants: made.mutants, sources: new Map(sources) };
}

/** The switch of Stryker's instrumented code: what it reads, and what it writes. */
export type MutantSwitch = {
  activeMutant: string | undefined;
  /** While it is set, the code notes which mutants it reaches, by this id. */
  currentTestId: string | undefined;
  mutantCoverage: { static: Record<string, number>; perTest: Record<string, Record<string, number>> };
  /** The number of mutants passed since the last test began, and the number at which the code throws. */
  steps: number;
  maxSteps: number;
};

/**
 * Returns the instrumented code without the notes about coverage, which take more time than the code itself. In
 * return it counts its steps: a mutant that never ends is stopped at `maxSteps`.
 */
export function boundSteps(source: string): string {
  const isActive = "function isActive(id) {";
  const bounded = `${isActive} if (++ns.steps > ns.maxSteps) throw new Error("too many steps");`;
  return source
    .replace("var c = cov.static;", "return; var c;")
    .replace("cover.apply(null, arguments);", "")
    .replace(isActive, bounded);
}
