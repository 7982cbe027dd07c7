import { expect, it } from "vitest";
import { operations } from "../../../functions/core/contract/openapi-operations.ts";
import { isReadable } from "../../../functions/core/contract/routes.ts";

const routes = Object.keys(operations).map((name) => name.split(" "));
const readable = new Set(routes.filter(([method]) => method === "GET").map(([, path]) => path));

it.each(routes)("knows without the API whether %s %s can be read", (_, path = "") => {
  expect(isReadable(path.replaceAll(/\{\w+\}/g, "x"))).toBe(readable.has(path));
});

it.each(["/nowhere", "/exports/x/y", "/s/", "/shares/x", ""])("finds nothing to read at %j", (path) => {
  expect(isReadable(path)).toBe(false);
});
