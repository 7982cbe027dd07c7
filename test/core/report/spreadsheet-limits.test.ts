import { describe, expect, it } from "vitest";
import { cutText, fitsNumber, fitSpreadsheet } from "../../../functions/core/report/spreadsheet-limits.ts";
import { buildRow } from "../../support/report-fixtures.ts";

const most = 32_767;

describe("fitSpreadsheet", () => {
  it("gives a row that fits back as it is", () => {
    const row = buildRow({ customerName: "x".repeat(most), raw: { issuedAt: "x".repeat(most) } });
    expect(fitSpreadsheet(row)).toBe(row);
  });

  it("cuts a text that is too long and remarks on its field", () => {
    const row = buildRow({ customerName: "x".repeat(50_000), remarks: [{ code: "bothDecided" }] });
    expect(fitSpreadsheet(row)).toEqual({
      ...row,
      customerName: "x".repeat(most),
      remarks: [{ code: "bothDecided" }, { code: "textCut", field: "customerName" }],
    });
  });

  it("cuts a raw text that is too long and remarks on its field", () => {
    const fitted = fitSpreadsheet(
      buildRow({ issuedAt: null, raw: { issuedAt: "x".repeat(most + 1), amount: "veel" } }),
    );
    expect(fitted.raw).toEqual({ issuedAt: "x".repeat(most), amount: "veel" });
    expect(fitted.remarks).toEqual([{ code: "textCut", field: "issuedAt" }]);
  });

  it("leaves the row that it was given alone", () => {
    const row = buildRow({ offerId: "x".repeat(most + 1), raw: { amount: "x".repeat(most + 1) } });
    const before = structuredClone(row);
    fitSpreadsheet(row);
    expect(row).toEqual(before);
  });

  it("remarks on an amount that has too many digits and keeps it", () => {
    const fitted = fitSpreadsheet(buildRow({ amount: "12345678901234.56" }));
    expect(fitted.amount).toBe("12345678901234.56");
    expect(fitted.remarks).toEqual([{ code: "amountTooPrecise" }]);
  });
});

describe("cutText", () => {
  it("cuts before a surrogate pair rather than inside it", () => {
    expect(cutText(`${"x".repeat(most - 1)}👍`)).toBe("x".repeat(most - 1));
    expect(cutText(`${"x".repeat(most - 2)}👍y`)).toBe(`${"x".repeat(most - 2)}👍`);
  });
});

describe("fitsNumber", () => {
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
    expect(fitsNumber(amount)).toBe(true);
  });

  it.each([
    "1234567890123456",
    "-12345678901234.56",
    "1000000000000000.5",
    `0.${"0".repeat(30)}1`,
    `1${"0".repeat(400)}`,
  ])("refuses %s", (amount) => {
    expect(fitsNumber(amount)).toBe(false);
  });
});
