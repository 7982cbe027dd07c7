import { expect, it } from "vitest";
import { version } from "../../../functions/core/settings/setting-defaults.ts";
import { routeOperations } from "../../../functions/core/contract/openapi-operations.ts";
import { isReadablePath } from "../../../functions/core/contract/routes.ts";
import manifest from "../../../package.json";

const routes = Object.keys(routeOperations).map((name) => name.split(" "));
const readable = new Set(routes.filter(([method]) => method === "GET").map(([, path]) => path));

it.each(routes)("says whether the path of %s %s serves GET", (_, path = "") => {
  expect(isReadablePath(path.replaceAll(/\{\w+\}/g, "x"))).toBe(readable.has(path));
});

it.each(["/nowhere", "/exports/x/y", "/s/", "/shares/x", ""])("says that %j does not serve GET", (path) => {
  expect(isReadablePath(path)).toBe(false);
});

it("names the package's version", () => {
  expect(version).toBe(manifest.version);
});
