import { isBuiltin } from "node:module";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bundle, bundleFunction, type FunctionName } from "../../../local/lambda/function-bundle.ts";
import { weighBundle, weighPackages } from "../../../local/bench/bundle-size-bench.ts";
import { buildPage } from "../../../local/build-page.ts";
import { listLoadedPackages } from "../../support/loaded-modules.ts";

const root = resolve(import.meta.dirname, "../../..");
const accessToken = "access-token-of-the-tests";
const settings = {
  ACCESS_TOKEN: accessToken,
  PORTAL_API_KEY: "portal-key-of-the-tests",
  EXPORT_WORKFLOW: "workflow",
  EXPORT_WORKFLOW_QUALIFIER: "live",
  REPORT_BUCKET: "tests",
};

let directory: string;
let bundles: Record<FunctionName, Bundle>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "offer-export-bundle-"));
  const bundle = (name: FunctionName) => bundleFunction(root, name, join(directory, name));
  bundles = {
    http: await bundle("http"),
    export: await bundle("export"),
    tick: await bundle("tick"),
    watch: await bundle("watch"),
    bounce: await bundle("bounce"),
  };
  await buildPage(root, join(bundles.http.folder, "web"));
}, 60_000);

afterAll(() => rm(directory, { recursive: true }));

/** Lists the ten heaviest packages, with the size of each in KB. */
function describeWeights(weights: [string, number][]): string {
  const heaviest = weights.slice(0, 10);
  return heaviest.map(([name, bytes]) => `${name} ${Math.round(bytes / 1000)}`).join(", ");
}

function listPackages(bundle: Bundle): string[] {
  return weighPackages(bundle).map(([name]) => name);
}

describe("the bundle of a function", () => {
  it.each([
    ["http", 860],
    ["export", 1_775],
    ["tick", 796],
    ["watch", 810],
    ["bounce", 665],
  ] as const)("of %s has at most %i KB", (name, maxKb) => {
    const bundle = bundles[name];
    const heaviest = describeWeights(weighPackages(bundle));
    expect(weighBundle(bundle) / 1000, `the heaviest packages in KB: ${heaviest}`).toBeLessThanOrEqual(maxKb);
  });

  it("has a writer of workbooks in the workflow, and none behind the URL", () => {
    for (const name of ["exceljs", "@aws-sdk/lib-storage"]) {
      expect(listPackages(bundles.export)).toContain(name);
      expect(listPackages(bundles.http)).not.toContain(name);
    }
  });

  it.each(["http", "export", "tick", "watch", "bounce"] as const)(
    "of %s holds every package that it imports",
    (name) => {
      const imports = Object.values(bundles[name].outputs).flatMap((output) => output.imports);
      const missing = imports.filter(({ path, external }) => external === true && !isBuiltin(path));
      expect(missing).toEqual([]);
    },
  );
});

describe("the bundle behind the URL", () => {
  it("loads neither the SDK nor a schema for a refusal or for the page", async () => {
    const { http } = bundles;
    const light = ["content-type", "functions", "negotiator", "sst"];
    expect(await listLoadedPackages(http, {}, settings)).toEqual({ status: 401, packages: light });
    const wrong = { authorization: "Bearer wrong" };
    expect(await listLoadedPackages(http, wrong, settings)).toEqual({ status: 401, packages: light });
    const browser = { accept: "text/html" };
    expect(await listLoadedPackages(http, browser, settings)).toEqual({ status: 200, packages: light });
    const right = { authorization: `Bearer ${accessToken}` };
    const { status, packages } = await listLoadedPackages(http, right, settings);
    expect(status).toBe(200);
    expect(packages).toEqual(
      expect.arrayContaining([...light, "@aws-lambda-powertools/logger", "@aws-sdk/client-s3", "zod"]),
    );
  });

  it("does not start with a setting missing or malformed, and names each in one line", async () => {
    const { ACCESS_TOKEN: _, ...rest } = settings;
    const attempt = listLoadedPackages(bundles.http, {}, { ...rest, LINK_SECONDS: "soon" });
    await expect(attempt).rejects.toThrow(
      /^ConfigError: the setting LINK_SECONDS is malformed: .*; the setting ACCESS_TOKEN is missing$/m,
    );
  });
});
