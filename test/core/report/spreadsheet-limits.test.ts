import { describe, expect, it } from "vitest";
import {
  cutCellText,
  fitsSpreadsheetNumber,
  fitSpreadsheetRow,
} from "../../../functions/core/report/spreadsheet-limits.ts";
import { buildRow } from "../../support/report-fixtures.ts";

const most = 32_767;

describe("fitSpreadsheetRow", () => {
  it("returns the same row when it fits", () => {
    const row = buildRow({ customerName: "x".repeat(most), raw: { issuedAt: "x".repeat(most) } });
    expect(fitSpreadsheetRow(row)).toBe(row);
  });

  it("cuts a text that is too long and remarks on its field", () => {
    const row = buildRow({ customerName: "x".repeat(50_000), remarks: [{ code: "bothDecided" }] });
    expect(fitSpreadsheetRow(row)).toEqual({
      ...row,
      customerName: "x".repeat(most),
      remarks: [{ code: "bothDecided" }, { code: "textCut", field: "customerName" }],
    });
  });

  it("cuts a raw text that is too long and remarks on its field", () => {
    const fitted = fitSpreadsheetRow(
      buildRow({ issuedAt: null, raw: { issuedAt: "x".repeat(most + 1), amount: "veel" } }),
    );
    expect(fitted.raw).toEqual({ issuedAt: "x".repeat(most), amount: "veel" });
    expect(fitted.remarks).toEqual([{ code: "textCut", field: "issuedAt" }]);
  });

  it("does not change the given row", () => {
    const row = buildRow({ offerId: "x".repeat(most + 1), raw: { amount: "x".repeat(most + 1) } });
    const before = structuredClone(row);
    fitSpreadsheetRow(row);
    expect(row).toEqual(before);
  });

  it("remarks on an amount that has too many digits and keeps it", () => {
    const fitted = fitSpreadsheetRow(buildRow({ amount: "12345678901234.56" }));
    expect(fitted.amount).toBe("12345678901234.56");
    expect(fitted.remarks).toEqual([{ code: "amountTooPrecise" }]);
  });
});

describe("cutCellText", () => {
  it("cuts before a surrogate pair rather than inside it", () => {
    expect(cutCellText(`${"x".repeat(most - 1)}👍`)).toBe("x".repeat(most - 1));
    expect(cutCellText(`${"x".repeat(most - 2)}👍y`)).toBe(`${"x".repeat(most - 2)}👍`);
  });
});

describe("fitsSpreadsheetNumber", () => {
  it.each([
    "0",
    "-0.00",
    "123456789012345",
    "-123456789012.345",
    "0.00000000123456789012345",
    "123456789012345.0000",
    "123456789012345000000",
    `1${"0".repeat(299)}`,
  ])("takes %s", (amount) => {
    expect(fitsSpreadsheetNumber(amount)).toBe(true);
  });

  it.each([
    "1234567890123456",
    "-12345678901234.56",
    "1000000000000000.5",
    `0.${"0".repeat(30)}1`,
    `1${"0".repeat(400)}`,
  ])("refuses %s", (amount) => {
    expect(fitsSpreadsheetNumber(amount)).toBe(false);
  });
});
