import { describe, expect, it } from "vitest";
import { describeShare, listGuides } from "../../functions/web/components/share-guides.ts";
import { createPageLocale } from "../../functions/web/words/page-format.ts";

const dutch = createPageLocale("nl");
const english = createPageLocale("en");
const join = (options: Parameters<typeof listGuides>[0], locale = dutch) =>
  listGuides(options, locale).map(({ steps }) => steps.join(" "));

describe("the guides of a permanent link", () => {
  it("name a sheet only for a workbook", () => {
    const [, workbook, sheets] = join({});
    expect(workbook).toContain("Kies het blad met de offertes");
    expect(sheets).toMatch(/^Deze link geeft een Excel-bestand, .*"de tweede link"/);
    for (const dialect of ["excel", "machine"] as const) {
      expect(join({ format: "csv", dialect })[1]).not.toContain("blad");
      expect(join({ format: "csv", dialect }, english)[1]).not.toContain("sheet");
    }
  });

  it("ask for another link only where Google Sheets cannot read this one", () => {
    expect(join({ format: "csv" })[2]).toMatch(/^Deze link geeft een CSV-bestand voor Excel\. .*tweede link/);
    expect(join({ format: "csv", dialect: "machine" })[2]).toMatch(
      /^Zet in cel A1: =IMPORTDATA\("de link"\)/,
    );
    expect(join({ format: "csv", dialect: "machine" }, english)[2]).toMatch(/^Put into cell A1/);
  });
});

describe("the description of a permanent link", () => {
  it("promises the newest file only without a fixed day", () => {
    expect(describeShare({}, dutch).intro).toContain("altijd het nieuwste bestand");
    const { intro } = describeShare({ asOf: "2026-03-02" }, dutch);
    expect(intro).toContain("altijd de stand van 2 mrt 2026");
    expect(intro).not.toContain("nieuwste");
    expect(describeShare({ asOf: "2026-03-02" }, english).intro).not.toContain("newest");
  });

  it("warns of personal data exactly when the file has them", () => {
    const warn = (options: Parameters<typeof describeShare>[0]) => describeShare(options, dutch).warning;
    expect([warn({}), warn({ evidence: true, columns: ["status"] })]).toEqual([null, null]);
    expect(warn({ evidence: true })).toContain("IP-adressen");
    expect(warn({ evidence: true, columns: ["status", "acceptedViaIp"] })).toContain("IP-adressen");
  });
});
