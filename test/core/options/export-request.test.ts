import { describe, expect, it } from "vitest";
import { formatDay, parseDay } from "../../../functions/core/basics/calendar.ts";
import { ExportError, type ParameterError } from "../../../functions/core/basics/errors.ts";
import { parseOptions, parseQuery } from "../../../functions/core/options/export-request.ts";
import { machineOrder } from "../../../functions/core/options/column-order.ts";
import { Options, resolveRange } from "../../../functions/core/options/export-options.ts";

const today = parseDay("2026-11-22") ?? Number.NaN;

function query(text: string) {
  return parseQuery(new URLSearchParams(text), today);
}

function listErrors(ask: () => unknown): ParameterError[] {
  try {
    ask();
  } catch (error) {
    if (error instanceof ExportError && error.kind === "invalid") return error.errors;
    throw error;
  }
  return [];
}

function refusedBy(ask: () => unknown): string[] {
  return listErrors(ask).map(({ parameter }) => parameter);
}

const defaults = {
  format: "xlsx",
  language: "nl",
  dialect: null,
  status: ["open", "accepted", "rejected", "expired"],
  period: null,
  issuedFrom: null,
  issuedTo: null,
  asOf: "2026-11-22",
  customers: true,
  evidence: false,
  freshness: "refresh",
  columns: null,
};

describe("parseQuery", () => {
  it("fills in the defaults", () => {
    expect(query("")).toEqual({ options: defaults, maxAgeSeconds: 300, redirect: false });
  });

  it("reads every option", () => {
    const text =
      "format=csv&language=en&dialect=machine&status=rejected,open&issuedFrom=2026-01-01&issuedTo=2026-06-30" +
      "&asOf=2026-07-01&customers=false&evidence=true&freshness=full&columns=amount,acceptedViaIp&maxAge=0&redirect=true";
    expect(query(text)).toEqual({
      options: {
        format: "csv",
        language: "en",
        dialect: "machine",
        status: ["open", "rejected"],
        period: null,
        issuedFrom: "2026-01-01",
        issuedTo: "2026-06-30",
        asOf: "2026-07-01",
        customers: false,
        evidence: true,
        freshness: "full",
        columns: ["amount", "acceptedViaIp"],
      },
      maxAgeSeconds: 0,
      redirect: true,
    });
  });

  it("names every fault of a choice of columns at once", () => {
    const details = listErrors(() => query("columns=acceptedViaIp,prijs,amount,amount")).map(
      ({ detail }) => detail,
    );
    expect(details).toEqual([
      expect.stringContaining('must not name "prijs"'),
      expect.stringContaining('must name "amount" once'),
      "may name acceptedViaIp with evidence=true only",
    ]);
  });

  it("keeps the order of chosen columns", () => {
    expect(query("columns=status,offerId,amount").options.columns).toEqual(["status", "offerId", "amount"]);
    expect(query("columns=acceptedViaIp&evidence=true").options.columns).toEqual(["acceptedViaIp"]);
  });

  it("gives CSV the dialect of Excel when none is named", () => {
    expect(query("format=csv").options.dialect).toBe("excel");
  });

  it.each([
    ["format=pdf", "format"],
    ["format=XLSX", "format"],
    ["language=de", "language"],
    ["status=open,late", "status"],
    ["status=", "status"],
    ["status=open,open", "status"],
    ["period=2026-13", "period"],
    ["period=yesterday", "period"],
    ["issuedFrom=2026-02-29", "issuedFrom"],
    ["asOf=22-11-2026", "asOf"],
    ["asOf=2026-11-23", "asOf"],
    ["customers=1", "customers"],
    ["evidence=TRUE", "evidence"],
    ["maxAge=-1", "maxAge"],
    ["maxAge=1.5", "maxAge"],
    ["maxAge=", "maxAge"],
    ["maxAge=99999999999999999999", "maxAge"],
    ["redirect=yes", "redirect"],
    ["dialect=machine", "dialect"],
    ["dialect=machine&format=xlsx", "dialect"],
    ["period=2026&issuedTo=2026-01-01", "period"],
    ["issuedFrom=2026-02-01&issuedTo=2026-01-31", "issuedFrom"],
    ["Format=csv", "Format"],
    ["freshness=stale", "freshness"],
    ["columns=", "columns"],
    ["columns=amount,prijs", "columns"],
    ["columns=amount,,status", "columns"],
    ["columns=amount,amount", "columns"],
    ["columns=acceptedViaIp", "columns"],
    ["columns=acceptedViaIp&evidence=false", "columns"],
    ["columns=amount&columns=status", "columns"],
    ["format=csv&format=csv", "format"],
    ["__proto__=x", "__proto__"],
    ["constructor=x", "constructor"],
    ["=x", ""],
  ])("refuses %s, naming %s", (text, parameter) => {
    expect(refusedBy(() => query(text))).toContain(parameter);
  });

  it("names all bad parameters at once", () => {
    const names = refusedBy(() => query("format=pdf&asOf=2027-01-01&columns=x&foo=1&bar=1&bar=2&redirect=1"));
    expect(new Set(names)).toEqual(new Set(["format", "asOf", "columns", "foo", "bar", "redirect"]));
  });

  it.each([
    ["format=pdf", "must be xlsx or csv"],
    ["language=de", "must be nl or en"],
    ["format=csv&dialect=html", "must be excel or machine"],
    ["status=open,late", "must be open, accepted, rejected or expired"],
    ["period=2026-13", "must be YYYY, YYYY-MM or one of last-month, this-month, last-quarter, this-year"],
    ["period=never", "must be YYYY, YYYY-MM or one of last-month, this-month, last-quarter, this-year"],
    ["asOf=22-11-2026", "must be a day that exists, written YYYY-MM-DD"],
    ["customers=1", "must be true or false"],
    ["redirect=yes", "must be true or false"],
    ["maxAge=-1", "must be a whole number of seconds, 0 or more"],
    ["maxAge=1.5", "must be a whole number of seconds, 0 or more"],
    ["maxAge=31536001", "must be at most 31536000 seconds, a year"],
    ["evidence=true&evidence=true", "is given more than once"],
    ["columns=prijs", `must not name "prijs": the columns are ${machineOrder.join(", ")}`],
    ["columns=amount,amount", `must name "amount" once: the columns are ${machineOrder.join(", ")}`],
    ["columns=amount,acceptedViaIp", "may name acceptedViaIp with evidence=true only"],
    [
      "columns=acceptedViaUserAgent,acceptedViaIp",
      "may name acceptedViaIp and acceptedViaUserAgent with evidence=true only",
    ],
  ])("says of %s that it %s", (text, detail) => {
    expect(listErrors(() => query(text)).map((error) => error.detail)).toEqual([detail]);
  });

  it("takes time in proportion to the number of names, not to its square", () => {
    const names = Array.from({ length: 60_000 }, (_, index) => `n${index}`);
    expect(refusedBy(() => query(names.join("&")))).toContain("n99");
  });

  it("accepts today as asOf", () => {
    expect(query("asOf=2026-11-22").options.asOf).toBe("2026-11-22");
  });
});

describe("parseOptions", () => {
  it("reads JSON in its own types", () => {
    const columns = ["status", "acceptedViaIp"];
    expect(parseOptions({ status: ["open"], evidence: true, columns, maxAge: 60 }, today)).toEqual({
      options: { ...defaults, status: ["open"], evidence: true, columns },
      maxAgeSeconds: 60,
    });
  });

  it.each([
    [{ status: "open" }, "status"],
    [{ status: [] }, "status"],
    [{ customers: "true" }, "customers"],
    [{ maxAge: "60" }, "maxAge"],
    [{ columns: "amount" }, "columns"],
    [{ columns: [] }, "columns"],
    [{ columns: [1, 2] }, "columns"],
    [{ columns: null }, "columns"],
    [{ columns: ["amount", "amount"] }, "columns"],
    [{ columns: ["acceptedViaIp"], evidence: "true" }, "columns"],
    [{ redirect: true }, "redirect"],
    [JSON.parse('{"__proto__": {"format": "csv"}}'), "__proto__"],
  ])("refuses %j, naming %s", (given, parameter) => {
    expect(refusedBy(() => parseOptions(given, today))).toContain(parameter);
  });

  it.each([null, [], 1, "csv"])("refuses %j, which is no object", (given) => {
    const detail = "must be a JSON object with the options";
    expect(listErrors(() => parseOptions(given, today))).toEqual([{ parameter: "body", detail }]);
  });

  it.each([
    { status: Array.from({ length: 100_000 }, () => "x") },
    { columns: Array.from({ length: 100_000 }, (_, index) => `column${index}`) },
    { columns: Array.from({ length: 100_000 }, () => 1) },
    Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`shoe${index}`, 43])),
    { ["x".repeat(1_000_000)]: 1 },
  ])("gives an error that is shorter than the request, however much is wrong", (given) => {
    expect(JSON.stringify(listErrors(() => parseOptions(given, today))).length).toBeLessThan(20_000);
  });
});

describe("stored options", () => {
  it("are readable when they were stored before `columns` existed", () => {
    const { columns: _columns, ...earlier } = defaults;
    expect(Options.parse(earlier)).toEqual(defaults);
  });
});

describe("resolveRange", () => {
  it.each([
    ["period=2024", "2024-01-01", "2024-12-31"],
    ["period=2024-02", "2024-02-01", "2024-02-29"],
    ["period=last-month", "2026-10-01", "2026-10-31"],
    ["period=this-month", "2026-11-01", "2026-11-30"],
    ["period=last-quarter", "2026-07-01", "2026-09-30"],
    ["period=this-year", "2026-01-01", "2026-12-31"],
    ["period=last-month&asOf=2026-03-31", "2026-02-01", "2026-02-28"],
    ["period=last-month&asOf=2026-01-15", "2025-12-01", "2025-12-31"],
    ["period=last-quarter&asOf=2026-01-15", "2025-10-01", "2025-12-31"],
    ["issuedFrom=2026-01-05", "2026-01-05", null],
    ["", null, null],
  ])("reads %j as %s through %s", (text, from, to) => {
    const range = resolveRange(query(text).options);
    expect([range.from, range.to].map((day) => day && formatDay(day))).toEqual([from, to]);
  });
});
