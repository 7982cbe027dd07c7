import { describe, expect, it } from "vitest";
import { formatNumberCell, formatRowXml, formatRunCell, formatTextCell, makeCellOpening, columnLetters } from "../../../functions/adapters/spreadsheet/row-xml--markup.ts";
import { escapeXml } from "../../../functions/core/basics/safe-text.ts";

const plain = makeCellOpening(0);

describe("escapeMarkup", () => {
  it("escapes what XML reads as markup, each time", () => {
    expect(escapeXml(`<b a="1">'&amp;'</b>`)).toBe(
      "&lt;b a=&quot;1&quot;&gt;&apos;&amp;amp;&apos;&lt;/b&gt;",
    );
  });

  it("leaves everything else alone", () => {
    expect(escapeXml("=cmd|\t\n👍 _x0041_")).toBe("=cmd|\t\n👍 _x0041_");
  });
});

describe("a cell", () => {
  it("tells its style, but not the one that all cells have", () => {
    expect(formatNumberCell(-1.5, makeCellOpening(3))).toBe('" s="3"><v>-1.5</v></c>');
    expect(formatTextCell("a<b", makeCellOpening(12))).toBe('" s="12" t="str"><v>a&lt;b</v></c>');
    expect(formatTextCell("a", plain)).toBe('" t="str"><v>a</v></c>');
  });

  it.each([" a", "a ", "a\nb", "\t"])("says that the blanks of %j count", (text) => {
    expect(formatRunCell(text, plain)).toContain(`<t xml:space="preserve">${text}</t>`);
  });

  it("says nothing of blanks where there are none", () => {
    expect(formatRunCell("_x005F_x0041_", plain)).toBe(
      '" t="inlineStr"><is><r><t>_x005F_x0041_</t></r></is></c>',
    );
  });
});

describe("formatRow", () => {
  it("leaves a row without cells out", () => {
    expect(formatRowXml("", { number: 7, firstColumn: 0, lastColumn: 0 })).toBe("");
  });

  it("spans from the first cell to the last", () => {
    expect(formatRowXml("<c/>", { number: 7, firstColumn: 2, lastColumn: 4 })).toBe(
      '<row r="7" spans="2:4" x14ac:dyDescent="0.25"><c/></row>',
    );
  });
});

describe("nameColumn", () => {
  it.each([
    [1, "A"],
    [26, "Z"],
    [27, "AA"],
    [52, "AZ"],
    [702, "ZZ"],
    [703, "AAA"],
    [16_384, "XFD"],
  ])("names %i %s", (number, name) => {
    expect(columnLetters(number)).toBe(name);
  });
});
