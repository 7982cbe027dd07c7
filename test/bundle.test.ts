import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bundle, bundleFunction, type FunctionName } from "../local/lambda/bundle.ts";
import { listStart, weighBundle, weighPackages } from "../local/lambda/weight.ts";

const root = resolve(import.meta.dirname, "..");
const heaviest = 10;

let directory: string;
let bundles: Record<FunctionName, Bundle>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "offer-export-bundle-"));
  const bundle = (name: FunctionName) => bundleFunction(root, name, join(directory, name));
  const [http, workflow] = await Promise.all([bundle("http"), bundle("export")]);
  bundles = { http, export: workflow };
}, 60_000);

afterAll(() => rm(directory, { recursive: true }));

/** In whole KB, in the order of the list that it was made of. */
function describeWeights(weights: [string, number][]): string {
  return weights.map(([name, bytes]) => `${name} ${Math.round(bytes / 1000)} KB`).join(", ");
}

function listPackages(bundle: Bundle): string[] {
  return weighPackages(bundle).map(([name]) => name);
}

describe("the bundle of a function, minified", () => {
  it.each([
    ["http", 1_000],
    ["export", 1_600],
  ] as const)("%s has at most %i KB", (name, mostKb) => {
    const bundle = bundles[name];
    const told = describeWeights(weighPackages(bundle).slice(0, heaviest));
    expect(weighBundle(bundle) / 1000, `the heaviest packages: ${told}`).toBeLessThanOrEqual(mostKb);
  });

  it("has a writer of workbooks in the workflow, and none behind the URL", () => {
    expect(listPackages(bundles.export)).toContain("exceljs");
    expect(listPackages(bundles.http)).not.toContain("exceljs");
  });

  it("loads neither schemas nor an SDK at the URL's cold start, for which 50 KB are enough", () => {
    const { http } = bundles;
    const start = listStart(http);
    const told = describeWeights(weighPackages(http, start));
    expect(told).not.toMatch(/(zod|@aws-sdk\/\S+) \d+ KB/);
    expect(weighBundle(http, start) / 1000, `it loads ${told}`).toBeLessThanOrEqual(50);
    expect(listPackages(http)).toEqual(expect.arrayContaining(["@aws-sdk/client-s3", "zod"]));
  });
});
