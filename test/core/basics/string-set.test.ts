import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createStringSet, createTextNumbers } from "../../../functions/core/basics/string-set.ts";
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

describe("createTextNumbers", () => {
  it("numbers different texts from 0, and returns the text of each number", () => {
    const text = fc.oneof(
      oddText,
      fc.string({ maxLength: 2 }),
      fc.constantFrom("x".repeat(255), "é".repeat(256)),
    );
    fc.assert(
      fc.property(fc.array(text, { maxLength: 200 }), (texts) => {
        const { add, read, size } = createTextNumbers();
        const different = [...new Set(texts)];
        expect(texts.map(add)).toEqual(texts.map((one) => different.indexOf(one)));
        expect(size()).toBe(different.length);
        expect(different.map((_, number) => read(number))).toEqual(different);
      }),
    );
  });

  it("numbers more texts than one block holds", () => {
    const ids = Array.from({ length: 50_000 }, (_, index) => `cst_${index.toString(36).padStart(15, "0")}`);
    const { add, read } = createTextNumbers();
    expect(ids.every((id, index) => add(id) === index)).toBe(true);
    expect(ids.every((id, index) => add(id) === index && read(index) === id)).toBe(true);
  });
});
