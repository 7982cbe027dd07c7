import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { pathToFileURL } from "node:url";
import { boundSteps, type InstrumentedFiles, type Mutant, type MutantSwitch } from "./mutants.ts";
import { type CollectedTest, takeTests } from "./stand-in.ts";

/**
 * Runs the tests of some files against each mutant, all in one process: a mutant is switched on, and only the tests
 * that reach it run, the fastest first, until one fails. A process for each mutant would take twenty times as long.
 *
 * Some mutants are reached while files are loaded, such as those of a table of constants. For these all files are
 * loaded again, and all tests run.
 */
export type TestSession = {
  /** The number of steps and the time of all tests without a mutant. */
  baseline: { tests: number; ms: number };
  /** `uncovered`: no test reaches the mutant. `survived`: all tests pass with it. */
  judge: (mutant: Mutant) => Promise<"killed" | "survived" | "uncovered">;
};

const standIn = new URL("stand-in.ts", import.meta.url).href;
const control: MutantSwitch = {
  activeMutant: undefined,
  currentTestId: undefined,
  mutantCoverage: { static: {}, perTest: {} },
  steps: 0,
  maxSteps: Infinity,
};

/** A mutant may make a test take this many times the steps that it takes without one, and some more. */
const maxSlowdown = 5;
const moreSteps = 20_000;
const maxLoadingSteps = 1_000_000;

export async function openTestSession(
  testPaths: string[],
  { sources }: Pick<InstrumentedFiles, "sources">,
): Promise<TestSession> {
  Object.assign(globalThis, { __stryker__: control });
  const loader = registerLoader(sources);
  const load = async (): Promise<CollectedTest[]> => {
    loader.renew();
    for (const path of testPaths) await import(loader.versioned(pathToFileURL(path).href));
    return takeTests();
  };
  const reached = await measureCoverage(await load());
  loader.dropCoverage();
  const tests = await load();
  const { cost, steps } = await measureCost(tests);

  const passAll = async (chosen: CollectedTest[]): Promise<boolean> => {
    const ordered = chosen.toSorted((a, b) => (cost.get(a.id) ?? 0) - (cost.get(b.id) ?? 0));
    for (const { id, run } of ordered)
      if (!(await passes(run, maxSlowdown * (steps.get(id) ?? 0) + moreSteps))) return false;
    return true;
  };
  const passReloaded = async (): Promise<boolean> => {
    let reloaded: CollectedTest[] = [];
    const isLoaded = await passes(async () => {
      reloaded = await load();
    }, maxLoadingSteps);
    if (!isLoaded) takeTests();
    return isLoaded && (await passAll(reloaded));
  };

  async function judge({ id }: Mutant): Promise<"killed" | "survived" | "uncovered"> {
    const isStatic = id in control.mutantCoverage.static;
    const covering = reached.get(id);
    if (!isStatic && covering === undefined) return "uncovered";
    control.activeMutant = id;
    try {
      const isPassed = isStatic
        ? await passReloaded()
        : await passAll(tests.filter((test) => covering?.has(test.id)));
      return isPassed ? "survived" : "killed";
    } finally {
      control.activeMutant = undefined;
    }
  }
  return {
    judge,
    baseline: { tests: tests.length, ms: [...cost.values()].reduce((sum, ms) => sum + ms, 0) },
  };
}

async function passes(run: () => unknown, maxSteps: number): Promise<boolean> {
  Object.assign(control, { steps: 0, maxSteps });
  try {
    await run();
    return true;
  } catch {
    return false;
  }
}

/** Returns the tests that reach each mutant, by the mutant's id. Throws when a test fails without a mutant. */
async function measureCoverage(tests: CollectedTest[]): Promise<Map<string, Set<string>>> {
  for (const { id, run } of tests) {
    control.currentTestId = id;
    await run();
  }
  control.currentTestId = undefined;
  const reached = new Map<string, Set<string>>();
  for (const [test, mutants] of Object.entries(control.mutantCoverage.perTest))
    for (const mutant of Object.keys(mutants))
      reached.set(mutant, (reached.get(mutant) ?? new Set<string>()).add(test));
  return reached;
}

type TestCosts = { cost: Map<string, number>; steps: Map<string, number> };

async function measureCost(tests: CollectedTest[]): Promise<TestCosts> {
  const [cost, steps] = [new Map<string, number>(), new Map<string, number>()];
  for (const { id, run } of tests) {
    Object.assign(control, { steps: 0, maxSteps: Infinity });
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    cost.set(id, (user + system) / 1000);
    steps.set(id, control.steps);
  }
  return { cost, steps };
}

/**
 * Makes `import` give the instrumented code, and the stand-in for vitest. A module's address ends with a version, so
 * a new version loads all modules of the project again, and no package.
 */
function registerLoader(instrumented: Map<string, string>) {
  let version = 0;
  let isCounting = false;
  const stripped = new Map<string, string>();
  const suffix = () => `?v=${version}`;

  function readModule(url: string): string {
    const known = stripped.get(url);
    if (known !== undefined) return known;
    const source = instrumented.get(url) ?? readFileSync(new URL(url), "utf8");
    const module = stripTypeScriptTypes(isCounting ? boundSteps(source) : source);
    stripped.set(url, module);
    return module;
  }

  registerHooks({
    resolve(specifier, context, next) {
      const parent = context.parentURL ?? "";
      if (specifier === "vitest" && parent !== standIn) return { url: standIn, shortCircuit: true };
      if (specifier.startsWith(".") && parent.endsWith(suffix()))
        return { url: new URL(specifier, parent).href + suffix(), shortCircuit: true };
      if (specifier.endsWith(suffix())) return { url: specifier, shortCircuit: true };
      return next(specifier, context);
    },
    load(url, context, next) {
      const [address = url, ...versions] = url.split("?v=");
      if (versions.length === 0) return next(url, context);
      return { format: "module", source: readModule(address), shortCircuit: true };
    },
  });
  return {
    renew: () => (version += 1),
    versioned: (url: string) => url + suffix(),
    dropCoverage() {
      isCounting = true;
      stripped.clear();
    },
  };
}
