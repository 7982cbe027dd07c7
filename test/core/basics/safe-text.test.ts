import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  countLines,
  escapeXmlString,
  isPlainXmlText,
  needsXmlEscape,
  replaceForbiddenXml,
  sanitizeText,
} from "../../../functions/core/basics/safe-text.ts";
import { oddText } from "../../support/odd-text.ts";

describe("sanitizeText", () => {
  it.each([
    ["Jansen Bouw B.V.", "Jansen Bouw B.V."],
    ["Café d'Öster & Zn. – 5°", "Café d'Öster & Zn. – 5°"],
    ["👩‍👩‍👧 ❤️", "👩‍👩‍👧 ❤️"],
    ["สวัสดี हिन्दी", "สวัสดี हिन्दी"],
  ])("leaves %j as it is", (text, tamed) => {
    expect(sanitizeText(text, 60)).toBe(tamed);
  });

  it("makes one line of several", () => {
    expect(sanitizeText(" a\r\nBcc: x\u2028b\u0085c\td\u0000 ", 60)).toBe("a Bcc: x b c d");
  });

  it("removes invisible characters and those that change the direction", () => {
    expect(sanitizeText("a\u202eb\u2067c\u200fd\u200be\u00adf\u3164g\u{e0041}", 60)).toBe("abcdefg");
  });

  it("isolates a text that is written from right to left", () => {
    expect(sanitizeText("שלום 12", 60)).toBe("\u2068שלום 12\u2069");
    expect(sanitizeText("\u2069مرحبا", 60)).toBe("\u2068مرحبا\u2069");
  });

  it("replaces what is not a character by U+FFFD", () => {
    expect(sanitizeText("a\ud800b\uffff", 60)).toBe("a\ufffdb\ufffd");
  });

  it("keeps at most four marks on a letter", () => {
    expect(sanitizeText(`a${"\u0301".repeat(50)}b`, 60)).toBe(`a${"\u0301".repeat(4)}b`);
  });

  it.each([
    ["https://evil.example/a", "https:\u200c//evil.\u200cexample/a"],
    ["info@jansen.nl", "info@\u200cjansen.\u200cnl"],
    ["www.jansen.nl", "www.\u200cjansen.\u200cnl"],
    ["2026.01", "2026.01"],
  ])("breaks the link in %j", (text, tamed) => {
    expect(sanitizeText(text, 60)).toBe(tamed);
  });

  it("cuts a longer text, and never inside a character", () => {
    expect(sanitizeText("abcdef", 6)).toBe("abcdef");
    expect(sanitizeText("abcdefg", 6)).toBe("abcde…");
    expect(sanitizeText("abcd😀g", 6)).toBe("abcd…");
    expect(sanitizeText("abcd efgh", 6)).toBe("abcd…");
  });

  it("returns one line without control characters for any text", () => {
    fc.assert(
      fc.property(oddText, fc.integer({ min: 1, max: 50 }), (text, maxUnits) => {
        const tamed = sanitizeText(text, maxUnits);
        expect(tamed).toMatch(/^[^\p{Cc}\p{Zl}\p{Zp}\p{Cs}\ufffe\uffff\u202a-\u202e\u2066\u2067]*$/u);
        expect(tamed.replaceAll(/[\u2068\u2069]|(?<=[:@.])\u200c/g, "").length).toBeLessThanOrEqual(maxUnits);
        expect(tamed).toMatch(/^([^\u2068\u2069]*|\u2068[^\u2068\u2069]*\u2069)$/);
      }),
    );
  });
});

describe("countLines", () => {
  it.each([
    ["", 1],
    ["0123456789", 1],
    ["01234 6789", 1],
    ["01234 67890", 2],
    ["012345 0123456 01", 2],
    ["012345 0123456 012", 3],
    ["a word-of-more-than-a-line b", 3],
    ["word-of-more-than-a-line", 1],
  ])("breaks %j between words only, into lines of 10: %i", (text, lines) => {
    expect(countLines(text, 10)).toBe(lines);
  });
});

describe("replaceForbiddenXml", () => {
  it("replaces each unit that XML forbids by U+FFFD", () => {
    expect(replaceForbiddenXml("a\u0000\u000b\u001fb\ufffe\uffff\ud83dc")).toBe("a���b���c");
  });

  it("leaves blanks, line ends, DEL, C1 controls and whole pairs alone", () => {
    const text = "\t\r\n \u007f\u0085\u2028👍";
    expect(replaceForbiddenXml(text)).toBe(text);
  });
});

describe("escapeXmlString", () => {
  it("escapes carriage returns, DEL and what looks like an escape", () => {
    expect(escapeXmlString("a\r\n\u007f_x0041_x")).toBe("a_x000D_\n_x007F__x005F_x0041_x");
  });

  it("escapes an underscore that would form an escape with the text behind it", () => {
    expect(escapeXmlString("_x000D\r")).toBe("_x005F_x000D_x000D_");
  });
});

describe("needsXmlEscape", () => {
  it.each([" a", "a\n", "a\rb", "\u007f", "_x0041_", "_x000d\r"])("is true for %j", (text) => {
    expect(needsXmlEscape(text)).toBe(true);
  });

  it.each(["", "a b", "a\nb", "_x_", "_x00_", "x0041_"])("is false for %j", (text) => {
    expect(needsXmlEscape(text)).toBe(false);
  });
});

describe("isPlainXmlText", () => {
  it.each(["", "off_1", "Café Müller & Zn", "2024-0001"])("is true for %j", (text) => {
    expect(isPlainXmlText(text)).toBe(true);
  });

  it("is false for every text that would have to be changed", () => {
    fc.assert(
      fc.property(oddText, (text) => {
        const isKept =
          replaceForbiddenXml(text) === text && !needsXmlEscape(text) && escapeXmlString(text) === text;
        expect(isPlainXmlText(text) && !isKept).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });
});
