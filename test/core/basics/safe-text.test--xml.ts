import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeXmlString, needsXmlEscape, isPlainXmlText, replaceForbiddenXml } from "../../../functions/core/basics/safe-text--xml.ts";
import { oddText } from "../../support/text.ts";

describe("replaceForbidden", () => {
  it("puts U+FFFD for what XML forbids, one for each", () => {
    expect(replaceForbiddenXml("a\u0000\u000b\u001fb\ufffe\uffff\ud83dc")).toBe("a���b���c");
  });

  it("leaves blanks, line ends, DEL, C1 controls and whole pairs alone", () => {
    const text = "\t\r\n \u007f\u0085\u2028👍";
    expect(replaceForbiddenXml(text)).toBe(text);
  });
});

describe("escapeText", () => {
  it("escapes carriage returns, DEL and what looks like an escape", () => {
    expect(escapeXmlString("a\r\n\u007f_x0041_x")).toBe("a_x000D_\n_x007F__x005F_x0041_x");
  });

  it("escapes what an escape after it would make one", () => {
    expect(escapeXmlString("_x000D\r")).toBe("_x005F_x000D_x000D_");
  });
});

describe("isDelicate", () => {
  it.each([" a", "a\n", "a\rb", "\u007f", "_x0041_", "_x000d\r"])("is true of %j", (text) => {
    expect(needsXmlEscape(text)).toBe(true);
  });

  it.each(["", "a b", "a\nb", "_x_", "_x00_", "x0041_"])("is false of %j", (text) => {
    expect(needsXmlEscape(text)).toBe(false);
  });
});

describe("isOrdinary", () => {
  it.each(["", "off_1", "Café Müller & Zn", "2024-0001"])("is true of %j", (text) => {
    expect(isPlainXmlText(text)).toBe(true);
  });

  it("is true of no text that would have to be changed", () => {
    fc.assert(
      fc.property(oddText, (text) => {
        const isKept = replaceForbiddenXml(text) === text && !needsXmlEscape(text) && escapeXmlString(text) === text;
        expect(isPlainXmlText(text) && !isKept).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });
});
