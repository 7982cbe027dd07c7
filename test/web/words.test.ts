import { readdir, readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { unavailableCode } from "../../functions/adapters/portal/portal-errors.ts";
import { languages } from "../../functions/core/basics/languages.ts";
import { locales } from "../../functions/core/language/locales.ts";
import { dutchWords } from "../../functions/web/words/page-dutch.ts";
import { englishWords } from "../../functions/web/words/page-english.ts";
import { pageWords } from "../../functions/web/words/page-format.ts";

const thrown = /(?:new ExportError\(\s*"\w+",\s*|\bexplain\()"(\w+)"/g;

/** Error codes that `thrown` does not find, because they are not literals in `new ExportError(…)` or `explain(…)`. */
const others = [
  unavailableCode,
  "portal_scope_missing",
  "interrupted",
  "version_changed",
  "cancelled",
  "export_queued",
  "export_running",
  "export_failed",
];

async function listThrown(): Promise<string[]> {
  const names = await readdir("functions", { recursive: true });
  const paths = names.filter((name) => name.endsWith(".ts")).map((name) => `functions/${name}`);
  const texts = await Promise.all(paths.map((path) => readFile(path, "utf8")));
  return texts.flatMap((text) => [...text.matchAll(thrown)].map(([, code = ""]) => code));
}

it("names the follow-up sheet as the workbook does", () => {
  for (const language of languages)
    expect(pageWords[language].followUp.sheet).toBe(locales[language].followUp.sheetName);
});

it("adds up the values of several offers, and not of one", () => {
  const { nl, en } = pageWords;
  expect(nl.followUp.intro(1, "1 offerte", "€ 15.655")).toBe(
    "1 offerte van € 15.655 verloopt binnen 7 dagen.",
  );
  expect(nl.followUp.intro(2, "2 offertes", "€ 9")).toBe("2 offertes, samen € 9, verlopen binnen 7 dagen.");
  expect(en.followUp.intro(1, "1 offer", "€15,655")).toBe("1 offer of €15,655 expires within 7 days.");
  expect(en.followUp.intro(2, "2 offers", "€9")).toBe("2 offers, €9 in total, expire within 7 days.");
});

describe.each([
  ["Dutch", dutchWords],
  ["English", englishWords],
])("the page's %s words", (_, words) => {
  it("say what to do about every problem", async () => {
    const codes = await listThrown();
    expect(codes).toContain("too_many_shares");
    expect([...codes, ...others].filter((code) => !(code in words.problems))).toEqual([]);
  });

  it("say what to do about every fault that the check can find", () => {
    const codes = [
      "portal_key_refused",
      "portal_scope_missing",
      "portal_not_found",
      "portal_not_api",
      unavailableCode,
      "rate_unknown",
      "rate_reserve_too_large",
      "rate_used_up",
      "clock_differs",
      "storage_failed",
      "condition_ignored",
      "condition_refused",
    ];
    expect(codes.filter((code) => !(code in words.check.faults))).toEqual([]);
  });
});
