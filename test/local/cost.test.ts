import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { format, resolveConfig } from "prettier";
import { expect, it } from "vitest";
import { renewReadme } from "../../local/cost/section.ts";

const path = resolve(import.meta.dirname, "../../README.md");

it("the README tells the costs that follow from the measurements and the prices", async () => {
  const readme = await readFile(path, "utf8");
  const renewed = await renewReadme(readme);
  expect(readme).toBe(await format(renewed, { ...(await resolveConfig(path)), filepath: path }));
});
