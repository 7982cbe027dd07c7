import { existsSync, globSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { describeApi } from "../functions/core/contract/openapi-document.ts";
import { expiringSoonDays } from "../functions/core/offer/offer-status.ts";
import { documents, listTables, listTexts, pages, readDocument as read } from "./support/documents.ts";

const root = join(import.meta.dirname, "..");

const folders = ["functions", "infra", "local", "test", "docs", ".ci"];
const layers = ["core", "web", "adapters", "app", "api"];
const isOurs = new RegExp(`^(${[...folders, ...layers].join("|")})/`);
const sourceFile = /^[\w.-]+\.(ts|mjs|css|html|yaml|md|svg|png)$/;
const sourceNames = new Set(
  globSync(["*", ...folders.map((folder) => `${folder}/**/*`)], { cwd: root })
    .filter((path) => !path.includes("node_modules"))
    .map((path) => basename(path)),
);

/** Lists the words of a document that may be paths: the words in backticks, in diagrams and in shell commands. */
function listWords(text: string): string[] {
  const inline = [...text.matchAll(/`([^`\n]+)`/g)].map(([, words = ""]) => words);
  const diagrams = [...text.matchAll(/^```(?:mermaid|sh)\n(.*?)^```$/gms)].map(([, words = ""]) => words);
  return [...inline, ...diagrams].flatMap((words) => words.split(/<br\/>|[\s",;[\]()]+/));
}

/**
 * True when the file or folder exists. A path is relative to the root or to `functions/`. A file may also be named
 * without its folder.
 */
function isThere(word: string): boolean {
  if (!word.includes("/")) return sourceNames.has(word);
  return existsSync(join(root, word)) || existsSync(join(root, "functions", word));
}

const Package = z.object({ scripts: z.record(z.string(), z.string()) });
const Packages = z.record(z.string(), z.string());
const Installed = z.object({ dependencies: Packages, devDependencies: Packages });

describe.each(documents)("%s", (document) => {
  const text = read(document);

  it("names only files and folders that exist", () => {
    const paths = listWords(text).filter((word) => isOurs.test(word) || sourceFile.test(word));
    expect(paths.filter((path) => !isThere(path))).toEqual([]);
  });

  it("links only to files and headings that exist", () => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)|<img src="([^"]+)"/g)].map(
      ([, target, picture]) => target ?? picture ?? "",
    );
    const local = links.filter((target) => !/^[a-z]+:/.test(target));
    expect(local.filter((target) => !isLinked(document, target))).toEqual([]);
  });

  it("names only scripts of package.json", () => {
    const { scripts } = Package.parse(JSON.parse(read("package.json")));
    const named = [...text.matchAll(/\bnpm run ([\w:]+)/g)].map(([, name = ""]) => name);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });
});

describe.each(pages)("%s", (page) => {
  const text = read(page);

  it("has no table cell of more than 200 characters", () => {
    const cells = listTables(text).flatMap(({ rows }) => rows.flat());
    expect(cells.filter((cell) => cell.length > 200)).toEqual([]);
  });

  it("has no sentence of more than 30 words", () => {
    const sentences = listTexts(text).flatMap((shown) => shown.split(/(?<=[.!?][)"*_`]*)\s+/));
    expect(sentences.filter((sentence) => countWords(sentence) > 30)).toEqual([]);
  });
});

describe("README.md", () => {
  const text = read("README.md");

  it("has at most 220 lines and 1,800 words", () => {
    expect(text.trim().split("\n").length).toBeLessThanOrEqual(220);
    expect(text.trim().split(/\s+/).length).toBeLessThanOrEqual(1_800);
  });

  it("links to every page, and to the OpenAPI document", () => {
    const targets = [...pages.filter((page) => page !== "README.md"), "docs/openapi.json"];
    expect(targets.filter((page) => !text.includes(`](${page})`))).toEqual([]);
  });

  it("gives the reason of every package that package.json installs", () => {
    const { dependencies, devDependencies } = Installed.parse(JSON.parse(read("package.json")));
    const installed = Object.keys({ ...dependencies, ...devDependencies });
    const [, section = ""] = /^## Dependencies$(.*?)^## /ms.exec(text) ?? [];
    const named = [...section.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
    const expected = installed.filter((name) => !name.startsWith("@types/"));
    expect(named.filter((name) => name !== "@types/…").toSorted()).toEqual(expected.toSorted());
  });
});

it("the pages have the days until an offer expires soon", () => {
  const text = pages.map(read).join("\n");
  const days = [...text.matchAll(/expires? within (\d+) days|at most (\d+) days to go/g)];
  expect(days.length).toBeGreaterThan(3);
  const given = days.map(([, within, atMost]) => Number(within ?? atMost));
  expect([...new Set(given)]).toEqual([expiringSoonDays]);
});

it("docs/openapi.json is what the code makes: run npm run openapi", () => {
  expect(read("docs/openapi.json")).toBe(`${JSON.stringify(describeApi(), null, 2)}\n`);
});

describe("npm run check", () => {
  const { scripts } = Package.parse(JSON.parse(read("package.json")));
  /** Returns the commands of a script, with those of the scripts that it runs. */
  const expand = (name: string): string => {
    const commands = [`pre${name}`, name, `post${name}`].map((part) => scripts[part] ?? "").join(" && ");
    return commands.replaceAll(/npm run ([\w:]+)/g, (_, called: string) => expand(called));
  };

  it("needs nothing but the installed packages, so that it works without a network", () => {
    const commands = expand("check")
      .split("&&")
      .map((command) => command.trim());
    const programs = commands.flatMap((command) => /^\S+/.exec(command)?.[0] ?? []);
    expect(programs).toEqual(["oxlint", "prettier", "tsc", "tsc"]);
    expect(expand("lint")).toContain("--ignore-pattern infra ");
  });

  it("leaves infra/ to npm run check:infra, and CI runs both", () => {
    expect(expand("check:infra")).toMatch(/platform\.mjs.*oxlint.* infra .*tsc -p infra/);
    const ci = read(".ci/run");
    for (const name of ["check", "check:infra"])
      expect(ci).toMatch(new RegExp(`^check npm run ${name}$`, "m"));
  });
});

/** Counts the words that have a letter or a digit. A command or a name in backticks is one word. */
function countWords(sentence: string): number {
  return (sentence.replaceAll(/`[^`]*`/g, "code").match(/\S*[\p{L}\p{N}]\S*/gu) ?? []).length;
}

function isLinked(document: string, target: string): boolean {
  const [path = "", heading] = target.split("#");
  const linked = path === "" ? document : join(dirname(document), path);
  if (!existsSync(join(root, linked))) return false;
  return heading === undefined || listHeadings(read(linked)).includes(heading);
}

/** Lists the anchors that GitHub gives to the headings of a document. */
function listHeadings(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
