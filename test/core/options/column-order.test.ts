import { describe, expect, it } from "vitest";
import {
  type ColumnName,
  findColumnErrors,
  listColumnNames,
  machineOrder,
  peopleOrder,
  showsEvidence,
} from "../../../functions/core/options/column-order.ts";

const evidenceNames = new Set<ColumnName>(["acceptedViaIp", "acceptedViaUserAgent"]);
const withoutEvidence = (names: readonly ColumnName[]) => names.filter((name) => !evidenceNames.has(name));

describe("the order of the columns", () => {
  it("has every column once, for people as for programs", () => {
    expect(new Set(machineOrder).size).toBe(machineOrder.length);
    expect(peopleOrder.toSorted()).toEqual([...machineOrder].toSorted());
  });

  it("begins for people with number, customer, date, amount and status, and ends with the ids", () => {
    expect(peopleOrder.slice(0, 6)).toEqual([
      "offerNumber",
      "customerName",
      "issuedAt",
      "amount",
      "status",
      "expiresAt",
    ]);
    expect(peopleOrder.slice(-3)).toEqual(["remarks", "customerId", "offerId"]);
  });
});

describe("the columns of a report", () => {
  const all = { evidence: true, columns: null };

  it("are in the order for people in XLSX and the CSV for Excel, and in that of programs in the machine CSV", () => {
    expect(listColumnNames({ ...all, dialect: null })).toEqual(peopleOrder);
    expect(listColumnNames({ ...all, dialect: "excel" })).toEqual(peopleOrder);
    expect(listColumnNames({ ...all, dialect: "machine" })).toEqual(machineOrder);
  });

  it.each([null, "machine"] as const)("hold no personal data unless asked for (dialect %s)", (dialect) => {
    const order = dialect === null ? peopleOrder : machineOrder;
    expect(listColumnNames({ dialect, evidence: false, columns: null })).toEqual(withoutEvidence(order));
    expect(showsEvidence({ dialect, evidence: false, columns: null })).toBe(false);
    expect(showsEvidence({ dialect, evidence: true, columns: null })).toBe(true);
    expect(showsEvidence({ dialect, evidence: true, columns: ["amount"] })).toBe(false);
    expect(showsEvidence({ dialect, evidence: true, columns: ["amount", "acceptedViaIp"] })).toBe(true);
  });

  it("are the chosen ones in the chosen order", () => {
    const columns: ColumnName[] = ["offerId", "amount", "offerNumber"];
    for (const dialect of [null, "excel", "machine"] as const)
      expect(listColumnNames({ dialect, evidence: false, columns })).toEqual(columns);
  });
});

describe("findColumnErrors", () => {
  const valid = `the columns are ${machineOrder.join(", ")}`;

  it.each([
    [[], `must name at least one column: ${valid}`],
    [["prijs"], `must not name "prijs": ${valid}`],
    [["Amount"], `must not name "Amount": ${valid}`],
    [[""], `must not name "": ${valid}`],
    [[" amount"], `must not name "?amount": ${valid}`],
    [["a", "b", "a", "c", "d", "<b>"], `must not name "a", "b", "c" and 2 more: ${valid}`],
    [["amount", "status", "amount", "amount"], `must name "amount" once: ${valid}`],
  ])("lists the valid names for %j", (given, error) => {
    expect(findColumnErrors(given)).toEqual([error]);
  });

  it("tells unknown and repeated names apart", () => {
    expect(findColumnErrors(["x", "amount", "amount"])).toHaveLength(2);
    expect(findColumnErrors(["amount", "status"])).toEqual([]);
  });
});
