import { expect, it } from "vitest";
import { locales } from "../../../functions/core/language/locales.ts";
import { nameReportFile } from "../../../functions/core/sheets/report-wording.ts";
import { parseOptions } from "../../../functions/core/options/export-request.ts";

const today = 20_787;

it.each([
  [{}, "offertes-2026-11-30.xlsx"],
  [{ format: "csv", language: "en" }, "offers-2026-11-30.csv"],
  [{ period: "this-month" }, "offertes-2026-11-30-van-2026-11-01-tm-2026-11-30.xlsx"],
  [{ issuedFrom: "2026-01-01", language: "en" }, "offers-2026-11-30-from-2026-01-01.xlsx"],
  [{ issuedTo: "2025-12-31" }, "offertes-2026-11-30-tm-2025-12-31.xlsx"],
  [{ customers: false }, "offertes-2026-11-30-zonder-namen.xlsx"],
  [{ evidence: true, language: "en" }, "offers-2026-11-30-with-ip-addresses.xlsx"],
  [{ format: "csv", dialect: "machine" }, "offertes-2026-11-30-voor-programmas.csv"],
  [{ format: "csv", dialect: "machine", language: "en" }, "offers-2026-11-30-for-programs.csv"],
  [{ columns: ["status", "amount"] }, "offertes-2026-11-30-2-kolommen.xlsx"],
  [
    { columns: ["amount"], customers: false, language: "en" },
    "offers-2026-11-30-without-names-1-column.xlsx",
  ],
  [{ status: ["accepted", "open"] }, "offertes-2026-11-30-open-geaccepteerd.xlsx"],
])("a file of %j has a name of its own", (given, name) => {
  const { options } = parseOptions({ ...given, asOf: "2026-11-30" }, today);
  expect(nameReportFile(options, locales[options.language])).toBe(name);
});
