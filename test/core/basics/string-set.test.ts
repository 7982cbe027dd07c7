import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createStringSet } from "../../../functions/core/basics/string-set.ts";
import { oddText } from "../../support/odd-text.ts";

/** For each text, returns whether it occurs for the first time. Uses JavaScript's Set as the reference. */
function askSet(texts: string[]): boolean[] {
  const seen = new Set<string>();
  return texts.map((text) => seen.size < seen.add(text).size);
}

describe("createStringSet", () => {
  it("distinguishes any texts as a Set does", () => {
    const text = fc.oneof(
      oddText,
      fc.string({ maxLength: 2 }),
      fc.constantFrom("x".repeat(255), "x".repeat(256)),
    );
    fc.assert(
      fc.property(fc.array(text, { maxLength: 200 }), (texts) => {
        expect(texts.map(createStringSet())).toEqual(askSet(texts));
      }),
    );
  });

  it("distinguishes lone surrogates", () => {
    expect(["\ud800", "\udc00", "\ud800", "\ufffd"].map(createStringSet())).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });

  it("remembers more texts than one block holds", () => {
    const ids = Array.from({ length: 50_000 }, (_, index) => `off_${index.toString(36).padStart(15, "0")}`);
    const isNew = createStringSet();
    expect(ids.every(isNew)).toBe(true);
    expect(ids.some(isNew)).toBe(false);
    expect(isNew("off_")).toBe(true);
  });
});
