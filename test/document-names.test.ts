import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { httpStatusOf } from "../functions/core/contract/error-responses.ts";
import { describeApi } from "../functions/core/contract/openapi-document.ts";
import { listRoutes } from "../functions/core/contract/routes.ts";
import { machineOrder } from "../functions/core/options/column-order.ts";
import { makeDeploymentSettings, sharedSettings } from "../functions/core/settings/setting-defaults.ts";
import { settingNames } from "../local/stack-settings.ts";
import { listTables, pages, readDocument, renderText } from "./support/documents.ts";

const root = join(import.meta.dirname, "..");
const sources = globSync("functions/**/*.ts", { cwd: root, exclude: ["functions/web/**"] });

/** Returns the named groups of each place in the files that matches the pattern. */
function findInCode(pattern: RegExp, files: string[]): Record<string, string>[] {
  return files.flatMap((file) =>
    [...readFileSync(join(root, file), "utf8").matchAll(pattern)].map(({ groups = {} }) => groups),
  );
}

const Api = z.object({
  paths: z.object({
    "/export": z.object({
      get: z.object({ parameters: z.array(z.object({ name: z.string(), in: z.string() })) }),
    }),
  }),
  components: z.object({
    schemas: z.object({ ExportOptions: z.object({ properties: z.record(z.string(), z.unknown()) }) }),
  }),
});

/** The parameters of an export, in the query of `GET /export` or in the body of `POST /exports`. */
function listOptions(): string[] {
  const { paths, components } = Api.parse(describeApi());
  const inQuery = paths["/export"].get.parameters.filter((parameter) => parameter.in === "query");
  return [...inQuery.map(({ name }) => name), ...Object.keys(components.schemas.ExportOptions.properties)];
}

const raised = findInCode(/new ExportError\(\s*"(?<kind>\w+)",\s*"(?<code>[a-z_]+)"/g, sources);

/** The codes of errors, of the problems of exports and of the setup check. */
function listCodes(): string[] {
  const states = ["queued", "running", "failed"].map((status) => `export_${status}`);
  const named = findInCode(/^(?:export )?const \w+Code = "(?<code>[a-z_]+)"/gm, sources);
  const files = globSync("functions/core/{check,export,contract}/*.ts", { cwd: root });
  const stated = findInCode(/\bcode: "(?<code>[a-z_]+)"/g, files);
  const checks = findInCode(
    /\bpass\("(?<code>\w+)"|^ {2}(?<reason>\w+): \{\n {4}detail:/gm,
    files.filter((file) => file.endsWith("setup-check.ts")),
  );
  const found = [...raised, ...named, ...stated, ...checks].map(({ code, reason }) => code ?? reason ?? "");
  return [...states, ...found];
}

/** The settings that a local command knows, and those that the files with settings read. */
function listSettings(): string[] {
  const files = globSync(["{functions,infra,local}/**/{settings,setting-defaults,stack-settings}.ts"], {
    cwd: root,
  });
  const read = findInCode(/\b(?<name>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*): \w+/g, files);
  return [...settingNames, ...read.map(({ name = "" }) => name)];
}

function listAlarms(): string[] {
  const files = globSync("infra/*.ts", { cwd: root });
  return findInCode(/(?<!function )\braise\w*Alarm\("(?<name>\w+)"/g, files).map(({ name = "" }) => name);
}

/**
 * Each kind of name, the only page that describes it, and its names in the code. A page describes a name in a row of a
 * table whose first heading is the kind.
 */
const kinds = [
  { kind: "setting", page: "docs/deploy.md", names: listSettings() },
  { kind: "route", page: "docs/api.md", names: listRoutes() },
  { kind: "option", page: "docs/api.md", names: listOptions() },
  { kind: "code", page: "docs/api.md", names: listCodes() },
  { kind: "column", page: "docs/report.md", names: [...machineOrder] },
  { kind: "alarm", page: "docs/runbook.md", names: listAlarms() },
];

/** The rows of a page's tables whose first heading is `kind`. */
function listRows(page: string, kind: string): string[][] {
  return listTables(readDocument(page))
    .filter(({ header }) => header[0] === kind)
    .flatMap(({ rows }) => rows.map((row) => row.map((cell) => renderText(cell).replaceAll("`", ""))));
}

describe.each(kinds)("every $kind in the code", ({ kind, page, names }) => {
  it(`is described once, in ${page}, and no other ${kind} is`, () => {
    const described = listRows(page, kind).map(([name = ""]) => name);
    expect(described.toSorted()).toEqual([...new Set(names)].toSorted());
  });

  it("is described on no other page", () => {
    const others = pages.filter((other) => other !== page);
    expect(others.filter((other) => listRows(other, kind).length > 0)).toEqual([]);
  });
});

/** Variables of other programs, which the pages name too. */
const foreign = [
  "DO_NOT_TRACK",
  "SST_TELEMETRY_DISABLED",
  "AWS_SESSION_TOKEN",
  "AWS_PROFILE",
  "NODE_FUNCTION_ALLOW_BUILTIN",
];
describe.each(pages)("%s", (page) => {
  const text = readDocument(page);

  it("names no setting that the code does not have", () => {
    const named = [...text.matchAll(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g)].map(([name]) => name);
    const known = new Set([...listSettings(), ...foreign]);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  it("names no route that the code does not have", () => {
    const named = [...text.matchAll(/`((?:GET|POST|DELETE) \/[^`\s?]*)/g)].map(([, name = ""]) => name);
    const general = (name: string) => name.replaceAll(/\{\w+\}|<[\w ]+>/g, "{}");
    const known = new Set(listRoutes().map((name) => general(name)));
    expect(named.filter((name) => !known.has(general(name)))).toEqual([]);
  });
});

it("docs/api.md has the status of each error code", () => {
  const table = new Map(listRows("docs/api.md", "code").map(([code = "", status = ""]) => [code, status]));
  const statuses = new Map<string, number>(Object.entries(httpStatusOf));
  // An export whose snapshot is gone has failed: nothing answers with this error itself.
  const answered = raised.filter(({ code }) => code !== "snapshot_gone");
  const wrong = answered.filter(({ kind = "", code = "" }) => table.get(code) !== String(statuses.get(kind)));
  expect(answered.length).toBeGreaterThan(20);
  expect(wrong).toEqual([]);
});

it.each(
  Object.entries({ ...sharedSettings, ...makeDeploymentSettings() }).filter(
    ([, { fallback }]) => fallback !== null,
  ),
)("docs/deploy.md has the default of %s", (name, { fallback }) => {
  const row = listRows("docs/deploy.md", "setting").find(([first]) => first === name);
  expect(row?.[2]).toBe(String(fallback));
});

it("docs/api.md has the default of each option", () => {
  const rows = listRows("docs/api.md", "option");
  const Properties = z.record(z.string(), z.object({ default: z.unknown().optional() }));
  const properties = Properties.parse(Api.parse(describeApi()).components.schemas.ExportOptions.properties);
  const single = Object.entries(properties).filter(([, { default: value }]) =>
    ["string", "boolean", "number"].includes(typeof value),
  );
  expect(single.length).toBeGreaterThan(5);
  for (const [name, { default: value }] of single)
    expect([name, rows.find(([first]) => first === name)?.[2]]).toEqual([name, String(value)]);
});
