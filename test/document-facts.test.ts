import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { languages } from "../functions/core/basics/languages.ts";
import { columnHeadings } from "../functions/core/language/column-headings.ts";
import { formatMaxCellLength } from "../functions/core/language/locale.ts";
import { locales } from "../functions/core/language/locales.ts";
import { expiringSoonDays, recentlyExpiredDays } from "../functions/core/offer/offer-status.ts";
import { listColumnNames, machineOrder, peopleOrder } from "../functions/core/options/column-order.ts";
import { makeDeploymentSettings, sharedSettings } from "../functions/core/settings/setting-defaults.ts";

const read = (name: string) => readFileSync(join(import.meta.dirname, "../docs", name), "utf8");

/** The cells of each row of a document's tables. */
function listRows(text: string): string[][] {
  return [...text.matchAll(/^\| (.+) \|$/gm)].map(([, row = ""]) =>
    row.split(" | ").map((cell) => cell.trim()),
  );
}

describe("docs/report.md", () => {
  const text = read("report.md");
  const rows = listRows(text);
  const findRow = (start: string) => rows.find(([first = ""]) => first.startsWith(start)) ?? [];

  it("describes every column once, with its headings and in the order for people", () => {
    const described = rows.filter(([first = ""]) => machineOrder.some((name) => first === `\`${name}\``));
    const expected = peopleOrder.map((name) => [
      `\`${name}\``,
      languages.map((language) => columnHeadings[language][name]).join(", "),
    ]);
    expect(described.map((row) => row.slice(0, 2))).toEqual(expected);
  });

  it("has the header of the machine CSV", () => {
    const columns = listColumnNames({ dialect: "machine", evidence: false, columns: null });
    expect(/^```csv\n(.*?)\n```$/ms.exec(text)?.[1]).toBe(columns.join(","));
  });

  it("names every sheet in both languages", () => {
    const names = languages.map((language) => {
      const { sheetName, summary, followUp, changes, customers, about } = locales[language];
      return [summary, { sheetName }, followUp, changes, customers, about].map((sheet) => sheet.sheetName);
    });
    const [dutch = [], english = []] = names;
    const sheets = rows.filter(([first = ""]) => /^_\w+_ \(_/.test(first)).map(([first]) => first);
    expect(sheets).toEqual(dutch.map((name, index) => `_${name}_ (_${english[index]}_)`));
  });

  it("has the days of the rules", () => {
    expect(findRow("`expiringSoon`")[2]).toContain(`at most ${expiringSoonDays} days to go`);
    const [, followUp = ""] = findRow("_Opvolgen_");
    const days = [...followUp.matchAll(/(\d+) days/g)].map(([, number]) => Number(number));
    expect(days).toEqual([expiringSoonDays, recentlyExpiredDays]);
  });

  it("has the maximum characters of a cell", () => {
    expect(text).toContain(`over ${formatMaxCellLength("en")} characters is cut`);
  });

  it("has every word of a file's name", () => {
    for (const [index, language] of languages.entries()) {
      const { start, from, to, withoutNames, evidence, machine, countColumns } = locales[language].fileName;
      const cells = rows.map((row) => row[index + 1]?.replaceAll("`", ""));
      expect(cells).toContain(`${start}-2026-11-22`);
      expect(cells).toContain(`${from}-2026-10-01-${to}-2026-10-31`);
      for (const word of [withoutNames, evidence, machine, countColumns(5)]) expect(cells).toContain(word);
    }
  });
});

it("docs/how-it-works.md has the days for which a refresh reads expired offers again", () => {
  const days = [...read("how-it-works.md").matchAll(/(\d+) days \(`REFRESH_LATE_DAYS`\)/g)];
  expect(days.map(([, number]) => Number(number))).toEqual([sharedSettings.REFRESH_LATE_DAYS.fallback]);
});

it("docs/security-and-data.md has the days for which objects are kept", () => {
  const { SNAPSHOT_DAYS, FILE_DAYS } = makeDeploymentSettings();
  const bucket = readFileSync(join(import.meta.dirname, "../infra/bucket.ts"), "utf8");
  const byCode = [...bucket.matchAll(/prefix: "(\w+\/)", expiresIn: ["`](.*?)["`]/g)].map(
    ([, prefix = "", days = ""]) => [prefix, days] as const,
  );
  const written: Record<string, string> = {
    "${snapshotDays} days": `\`SNAPSHOT_DAYS\`, ${SNAPSHOT_DAYS.fallback} days`,
    "${fileDays} days": `\`FILE_DAYS\`, ${FILE_DAYS.fallback} days`,
  };
  const rows = listRows(read("security-and-data.md"));
  expect(byCode.length).toBeGreaterThan(4);
  for (const [prefix, days] of byCode) {
    const kept = rows.filter(([key = "", , cell]) => key.startsWith(`\`${prefix}`) && cell !== undefined);
    expect(kept.map((row) => row[2])).toEqual(kept.map(() => written[days] ?? days));
    expect(kept).not.toEqual([]);
  }
});

describe("docs/design.md", () => {
  const [, ...sections] = read("design.md").split(/^## /m);

  it("has six headings", () => {
    expect(sections).toHaveLength(6);
  });

  it("has no decision of more than 120 words", () => {
    const decisions = sections.flatMap((section) => section.split(/^(?=\*\*)/m).slice(1));
    expect(decisions.length).toBeGreaterThan(50);
    const long = decisions.filter((decision) => decision.split(/\s+/).length > 121);
    expect(long.map((decision) => decision.slice(0, 60))).toEqual([]);
  });
});
