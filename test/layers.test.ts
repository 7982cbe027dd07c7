import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";

/**
 * The folders, the lowest layer first. A folder imports only from itself and from folders earlier in the list.
 * CONTRIBUTING shows the same order as a tree.
 */
const folders = [
  "functions/core/basics",
  "functions/core/settings",
  "functions/core/offer",
  "functions/core/customer",
  "functions/core/portal-webhooks",
  "functions/core/rate-limit",
  "functions/core/crawl",
  "functions/core/refresh",
  "functions/core/snapshot",
  "functions/core/options",
  "functions/core/report",
  "functions/core/figures",
  "functions/core/changes",
  "functions/core/export",
  "functions/core/language",
  "functions/core/sheets",
  "functions/core/mail",
  "functions/core/delivery",
  "functions/core/schedule",
  "functions/core/share",
  "functions/core/check",
  "functions/core/metrics",
  "functions/core/contract",
  "functions/web/words",
  "functions/web/client",
  "functions/web/components",
  "functions/web/views",
  "functions/web",
  "functions/adapters/settings",
  "functions/adapters/clock",
  "functions/adapters/random",
  "functions/adapters/log",
  "functions/adapters/bucket",
  "functions/adapters/portal",
  "functions/adapters/spreadsheet",
  "functions/adapters/mail",
  "functions/adapters/webhook",
  "functions/adapters/workflow",
  "functions/app",
  "functions/app/snapshot",
  "functions/app/export",
  "functions/app/share",
  "functions/app/crawl",
  "functions/app/refresh",
  "functions/app/customer",
  "functions/app/report",
  "functions/app/delivery",
  "functions/app/workflow",
  "functions/app/schedule",
  "functions/app/check",
  "functions/api",
  "functions",
];

const root = join(import.meta.dirname, "..");
const paths = globSync("functions/**/*.ts", { cwd: root }).toSorted();
const sources = new Map(paths.map((path) => [path, readFileSync(join(root, path), "utf8")]));

/** Returns the paths, from the root, of the files that a file imports. Includes imports of types and by `import()`. */
function listImports(path: string): string[] {
  const specifiers = (sources.get(path) ?? "").matchAll(/\b(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g);
  return [...specifiers].map(([, specifier = ""]) => normalize(join(dirname(path), specifier)));
}

const imports = new Map(paths.map((path) => [path, listImports(path)]));

function listCrossings(isForbidden: (from: string, to: string) => boolean): string[] {
  return paths.flatMap((path) =>
    (imports.get(path) ?? [])
      .filter((target) => isForbidden(dirname(path), dirname(target)))
      .map((target) => `${path} imports ${target}`),
  );
}

/** Follows the imports from the file `path`. Returns the files of the first cycle; empty when there is no cycle. */
function findCycle(path: string, finished: Set<string>, trail: string[] = []): string[] {
  if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
  if (finished.has(path)) return [];
  for (const target of imports.get(path) ?? []) {
    const cycle = findCycle(target, finished, trail.concat(path));
    if (cycle.length > 0) return cycle;
  }
  finished.add(path);
  return [];
}

const declaration = /^export (?:declare )?(?:async )?(?:const|let|function\*?|class|type|interface) (\w+)/gm;
const exportList = /^export (?:type )?\{([^}]*)\}/gm;

function listExports(source: string): Set<string> {
  const declared = [...source.matchAll(declaration)].map(([, name = ""]) => name);
  const listed = [...source.matchAll(exportList)].flatMap(([, names = ""]) => names.split(","));
  return new Set([...declared, ...listed.map((name) => name.trim().split(/\s/).at(-1) ?? "")]);
}

/** Lists the names that more than one file has, each with the paths of its files. */
function listDuplicates(namesOf: (path: string) => Iterable<string>): string[] {
  const owners = Map.groupBy(
    paths.flatMap((path) => [...namesOf(path)].map((name) => ({ name, path }))),
    ({ name }) => name,
  );
  return [...owners]
    .filter(([, found]) => found.length > 1)
    .map(([name, found]) => `${name}: ${found.map(({ path }) => path).join(", ")}`);
}

describe("the order of the folders", () => {
  it("has a place for every folder", () => {
    expect(new Set(paths.map((path) => dirname(path)))).toEqual(new Set(folders));
  });

  it("is kept by every import, of types too", () => {
    const isUpward = (from: string, to: string) =>
      !folders.includes(to) || folders.indexOf(to) > folders.indexOf(from);
    expect(listCrossings(isUpward)).toEqual([]);
  });

  it("keeps the page apart: it imports core only, and nothing imports it", () => {
    const isPage = (folder: string) => /^functions\/web(\/|$)/.test(folder);
    const isForbidden = (from: string, to: string) =>
      isPage(from) ? !isPage(to) && !to.startsWith("functions/core/") : isPage(to);
    expect(listCrossings(isForbidden)).toEqual([]);
  });

  it("is the order of the tree in CONTRIBUTING", () => {
    const contributing = readFileSync(join(root, "CONTRIBUTING.md"), "utf8");
    const [, tree = ""] = /^```text\nfunctions\/\n(.*?)^```$/ms.exec(contributing) ?? [];
    const named: string[] = [];
    let layer = "";
    for (const [, indent = "", name = ""] of tree.matchAll(/^( {2,})([\w-]+)\//gm)) {
      layer = indent.length === 2 ? name : layer;
      named.push(indent.length === 2 ? `functions/${name}` : `functions/${layer}/${name}`);
    }
    const layers = ["core", "web", "adapters", "app", "api"];
    const expected = layers.flatMap((name) =>
      [`functions/${name}`].concat(folders.filter((folder) => folder.startsWith(`functions/${name}/`))),
    );
    expect(named).toEqual(expected);
  });
});

describe("the files of the functions", () => {
  // The linter rejects the other sources of time and randomness. It cannot tell `new Date()` from `new Date(text)`.
  it("take the current date from the clock, except for the page, which runs in browsers", () => {
    const readsDate = (path: string) => /\bDate\(\s*\)/.test(sources.get(path) ?? "");
    expect(paths.filter((path) => !path.startsWith("functions/web/")).filter(readsDate)).toEqual([]);
  });

  it("import each other without a cycle, of types too", () => {
    const finished = new Set<string>();
    expect(paths.flatMap((path) => findCycle(path, finished))).toEqual([]);
  });

  it("have each a unique name", () => {
    expect(listDuplicates((path) => [basename(path)])).toEqual([]);
  });

  it("export no name that another file exports, but for the entry's handler", () => {
    const duplicates = listDuplicates((path) => listExports(sources.get(path) ?? ""));
    expect(duplicates.filter((line) => !line.startsWith("handler: "))).toEqual([]);
  });
});
