import { describe, expect, it } from "vitest";
import {
  escapeMarkup,
  formatRow,
  formatRun,
  formatStyle,
  formatText,
  nameColumn,
} from "../../functions/core/markup.ts";

describe("escapeMarkup", () => {
  it("escapes what XML reads as markup, each time", () => {
    expect(escapeMarkup(`<b a="1">'&amp;'</b>`)).toBe(
      "&lt;b a=&quot;1&quot;&gt;&apos;&amp;amp;&apos;&lt;/b&gt;",
    );
  });

  it("leaves everything else alone", () => {
    expect(escapeMarkup("=cmd|\t\n👍 _x0041_")).toBe("=cmd|\t\n👍 _x0041_");
  });
});

describe("formatRun", () => {
  it.each([" a", "a ", "a\nb", "\t"])("says that the blanks of %j count", (text) => {
    expect(formatRun(text)).toContain(`<t xml:space="preserve">${text}</t>`);
  });

  it("says nothing where there are none", () => {
    expect(formatRun("_x005F_x0041_")).toBe(' t="inlineStr"><is><r><t>_x005F_x0041_</t></r></is></c>');
  });
});

describe("formatRow", () => {
  it("leaves a row without cells out", () => {
    expect(formatRow("", { number: 7, firstColumn: 0, lastColumn: 0 })).toBe("");
  });

  it("spans from the first cell to the last", () => {
    const cells = `<c r="B7"${formatStyle(0)}${formatText("a")}`;
    expect(formatRow(cells, { number: 7, firstColumn: 2, lastColumn: 2 })).toBe(
      '<row r="7" spans="2:2" x14ac:dyDescent="0.25"><c r="B7" t="str"><v>a</v></c></row>',
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
    expect(nameColumn(number)).toBe(name);
  });
});
