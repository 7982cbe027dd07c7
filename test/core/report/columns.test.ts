import { describe, expect, it } from "vitest";
import type { ColumnName } from "../../../functions/core/options/column-order.ts";
import { readCell } from "../../../functions/core/report/columns.ts";
import type { Row } from "../../../functions/core/report/report-row.ts";
import { buildRow, peopleColumns } from "../../support/report-fixtures.ts";

function readNamed(name: ColumnName, given: Partial<Row>) {
  const column = peopleColumns.find((each) => each.name === name);
  if (column === undefined) throw new Error(`no column ${name}`);
  return readCell(buildRow(given), column);
}

describe("readCell", () => {
  it("distinguishes days, moments and counts by their column", () => {
    expect(readNamed("issuedAt", { issuedAt: 0 })).toEqual({ type: "day", day: 0 });
    expect(readNamed("createdAt", { createdAt: 0 })).toEqual({ type: "moment", moment: 0 });
    expect(readNamed("daysOpen", { daysOpen: 0 })).toEqual({ type: "integer", integer: 0 });
  });

  it("gives an amount its currency", () => {
    expect(readNamed("amount", { amount: "-1.50", currency: null })).toEqual({
      type: "amount",
      amount: "-1.50",
      currency: null,
    });
  });

  it("distinguishes a status from a text", () => {
    expect(readNamed("status", { status: "expired" })).toEqual({ type: "status", status: "expired" });
    expect(readNamed("offerNumber", { offerNumber: "open" })).toEqual({ type: "text", text: "open" });
  });

  it("keeps false apart from unknown", () => {
    expect(readNamed("acceptedLate", { acceptedLate: false })).toEqual({ type: "boolean", isTrue: false });
    expect(readNamed("acceptedLate", { acceptedLate: null })).toEqual({ type: "empty" });
  });

  it("returns the raw text of a value that cannot be read", () => {
    expect(readNamed("issuedAt", { issuedAt: null, raw: { issuedAt: "gisteren" } })).toEqual({
      type: "raw",
      text: "gisteren",
    });
    expect(readNamed("issuedAt", { issuedAt: null, raw: { amount: "veel" } })).toEqual({ type: "empty" });
  });

  it("returns remarks only when there are any", () => {
    const remarks: Row["remarks"] = [{ code: "bothDecided" }];
    expect(readNamed("remarks", { remarks })).toEqual({ type: "remarks", remarks });
    expect(readNamed("remarks", { remarks: [] })).toEqual({ type: "empty" });
  });

  it.each([Number.NaN, Infinity, -Infinity])("leaves %s out", (number) => {
    expect(readNamed("daysOpen", { daysOpen: number })).toEqual({ type: "empty" });
    expect(readNamed("issuedAt", { issuedAt: number })).toEqual({ type: "empty" });
  });
});
