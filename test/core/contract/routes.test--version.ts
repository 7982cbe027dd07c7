import { expect, it } from "vitest";
import { version } from "../../../functions/core/basics/version.ts";
import manifest from "../../../package.json" with { type: "json" };

it("names the package's version", () => {
  expect(version).toBe(manifest.version);
});
