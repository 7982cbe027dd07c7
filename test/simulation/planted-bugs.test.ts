import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { applyPatches, plantedBugs } from "./planted-bugs.ts";

const functions = join(import.meta.dirname, "../../functions");

const readSource = (file: string) => readFileSync(join(functions, file), "utf8");

describe("the planted bugs", () => {
  it("include the bugs that are known from the field", () => {
    const names = plantedBugs.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        "a late write of a step replaces what the step has stored",
        "a second crawl starts while the first holds the lease",
        "a refused conditional write counts as done",
        "a mail is sent again after its attempt has died",
        "the first page without a next page ends the list",
        "a file returns after its export was deleted",
      ]),
    );
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(16);
  });

  it.each(plantedBugs)("change the source in one place for each patch: $name", ({ patches, invariants }) => {
    for (const { file, find } of patches)
      expect(readSource(file).split(find), `${file}: ${find}`).toHaveLength(2);
    expect(invariants).not.toEqual([]);
  });

  it.each(plantedBugs)("leave a module that can be loaded: $name", ({ patches }) => {
    for (const [file, own] of Map.groupBy(patches, (patch) => patch.file)) {
      const patched = applyPatches(readSource(file), own);
      expect(patched).not.toBe(readSource(file));
      expect(() => stripTypeScriptTypes(patched)).not.toThrow();
    }
  });
});
