import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { configureGlobal } from "fast-check";
import { type EquivalentMutant, equivalentMutants } from "./equivalents.ts";
import { instrumentFiles, type Mutant } from "./mutants.ts";
import { openTestSession } from "./test-session.ts";

/**
 * A mutation test of the rules: `npm run mutate`, or `npm run mutate -- crawl delivery` for some areas. It changes the
 * code in every way that Stryker knows, one change at a time, and shows the changes that no test notices. Only the
 * fast tests of the same area judge, with a share of their random cases: PROPERTY_SHARE=1 takes all of them.
 */
const areas: Record<string, { mutates: string[]; tests: string }> = {
  crawl: { mutates: ["functions/core/crawl/*.ts"], tests: "test/core/crawl/*.test.ts" },
  refresh: { mutates: ["functions/core/refresh/*.ts"], tests: "test/core/refresh/*.test.ts" },
  "rate-limit": { mutates: ["functions/core/rate-limit/*.ts"], tests: "test/core/rate-limit/*.test.ts" },
  registry: {
    mutates: ["functions/core/snapshot/crawl-registry.ts", "functions/core/snapshot/lease-fencing.ts"],
    tests: "test/core/snapshot/*.test.ts",
  },
  delivery: { mutates: ["functions/core/delivery/*.ts"], tests: "test/core/delivery/*.test.ts" },
};

const root = new URL("../../", import.meta.url).pathname;
/** The score in % that each area must reach. */
const minScore = 85;

type Verdict = {
  mutant: Mutant;
  status: "killed" | "survived" | "uncovered";
  equivalent: EquivalentMutant | undefined;
};

async function judgeArea(
  name: string,
  { mutates, tests }: { mutates: string[]; tests: string },
): Promise<void> {
  const find = (pattern: string) => globSync(pattern, { cwd: root }).map((file) => path.join(root, file));
  const started = process.cpuUsage();
  const instrumented = await instrumentFiles(mutates.flatMap(find).toSorted());
  const session = await openTestSession(find(tests).toSorted(), instrumented);
  const verdicts: Verdict[] = [];
  for (const mutant of instrumented.mutants)
    verdicts.push({ mutant, status: await session.judge(mutant), equivalent: findEquivalent(mutant) });
  const { user, system } = process.cpuUsage(started);
  report(
    name,
    verdicts,
    `${session.baseline.tests} tests, ${Math.round((user + system) / 1e6)} s of processor time`,
  );
}

function readLine({ fileName, location }: Mutant): string {
  return readFileSync(fileName, "utf8").split("\n")[location.start.line]?.trim() ?? "";
}

function findEquivalent(mutant: Mutant): EquivalentMutant | undefined {
  const file = path.relative(root, mutant.fileName);
  const line = readLine(mutant);
  return equivalentMutants.find(
    (known) => known.file === file && line.includes(known.code) && known.becomes.includes(mutant.replacement),
  );
}

function report(name: string, verdicts: Verdict[], effort: string): void {
  const killed = verdicts.filter(({ status }) => status === "killed").length;
  const living = verdicts.filter(({ status }) => status !== "killed");
  const unequal = living.filter(({ equivalent }) => equivalent === undefined);
  const percent = (all: number) => ((100 * killed) / Math.max(1, all)).toFixed(1);
  for (const { mutant, status } of unequal) {
    const place = `${path.relative(root, mutant.fileName)}:${mutant.location.start.line + 1}`;
    console.log(`${status} ${place}\n  ${readLine(mutant)}\n  becomes ${mutant.replacement}`);
  }
  console.log(
    `${name}: ${percent(verdicts.length)} % of ${verdicts.length} mutants killed, ` +
      `${percent(killed + unequal.length)} % without ${living.length - unequal.length} equivalent ones (${effort})`,
  );
  if ((100 * killed) / verdicts.length < minScore) process.exitCode = 1;
}

process.env["PROPERTY_SHARE"] ??= "0.02";
// Every mutant meets the same random cases. The first failure is enough, so fast-check does not look for a smaller one.
configureGlobal({ seed: 1, endOnFailure: true });
const wanted = process.argv.slice(2);
for (const [name, area] of Object.entries(areas))
  if (wanted.length === 0 || wanted.includes(name)) await judgeArea(name, area);
