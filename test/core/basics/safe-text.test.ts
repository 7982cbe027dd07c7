import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sanitizeText } from "../../../functions/core/basics/safe-text.ts";
import { oddText } from "../../support/text.ts";

describe("tameText", () => {
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

  it("takes out what turns around and what nobody sees", () => {
    expect(sanitizeText("a\u202eb\u2067c\u200fd\u200be\u00adf\u3164g\u{e0041}", 60)).toBe("abcdefg");
  });

  it("keeps a text from right to left in its place", () => {
    expect(sanitizeText("שלום 12", 60)).toBe("\u2068שלום 12\u2069");
    expect(sanitizeText("\u2069مرحبا", 60)).toBe("\u2068مرحبا\u2069");
  });

  it("puts U+FFFD for what is no character", () => {
    expect(sanitizeText("a\ud800b\uffff", 60)).toBe("a\ufffdb\ufffd");
  });

  it("lets no letter carry a pile of marks", () => {
    expect(sanitizeText(`a${"\u0301".repeat(50)}b`, 60)).toBe(`a${"\u0301".repeat(4)}b`);
  });

  it.each([
    ["https://evil.example/a", "https:\u200c//evil.\u200cexample/a"],
    ["info@jansen.nl", "info@\u200cjansen.\u200cnl"],
    ["www.jansen.nl", "www.\u200cjansen.\u200cnl"],
    ["2026.01", "2026.01"],
  ])("makes no link of %j", (text, tamed) => {
    expect(sanitizeText(text, 60)).toBe(tamed);
  });

  it("cuts what is longer, never inside a character", () => {
    expect(sanitizeText("abcdef", 6)).toBe("abcdef");
    expect(sanitizeText("abcdefg", 6)).toBe("abcde…");
    expect(sanitizeText("abcd😀g", 6)).toBe("abcd…");
    expect(sanitizeText("abcd efgh", 6)).toBe("abcd…");
  });

  it("gives one line without controls, whatever it is given", () => {
    fc.assert(
      fc.property(oddText, fc.integer({ min: 1, max: 50 }), (text, mostUnits) => {
        const tamed = sanitizeText(text, mostUnits);
        expect(tamed).toMatch(/^[^\p{Cc}\p{Zl}\p{Zp}\p{Cs}\ufffe\uffff\u202a-\u202e\u2066\u2067]*$/u);
        expect(tamed.replaceAll(/[\u2068\u2069]|(?<=[:@.])\u200c/g, "").length).toBeLessThanOrEqual(
          mostUnits,
        );
        expect(tamed).toMatch(/^([^\u2068\u2069]*|\u2068[^\u2068\u2069]*\u2069)$/);
      }),
    );
  });
});
