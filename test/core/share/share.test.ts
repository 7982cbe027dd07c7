import { describe, expect, it } from "vitest";
import { dayMs, parseDay } from "../../../functions/core/basics/calendar.ts";
import { ExportError } from "../../../functions/core/basics/errors.ts";
import {
  hasShareExpired,
  isTombstoneOver,
  isShareToken,
  newShare,
  parseShare,
} from "../../../functions/core/share/share.ts";

const today = parseDay("2026-11-22") ?? Number.NaN;
const now = new Date("2026-11-22T12:00:00Z");

function refuse(given: unknown): ExportError {
  try {
    parseShare(given, today);
  } catch (error) {
    if (error instanceof ExportError) return error;
    throw error;
  }
  throw new Error("it is taken");
}

describe("parseShare", () => {
  it("keeps the options as given, and lets the link live for a year", () => {
    const given = { name: " Monthly ", options: { period: "this-month", maxAge: 7_200 } };
    expect(parseShare(given, today)).toEqual({ ...given, name: "Monthly", expiresInDays: 365 });
    expect(parseShare({ name: "x", options: {}, expiresInDays: 3_650 }, today)).toEqual({
      name: "x",
      options: {},
      expiresInDays: 3_650,
    });
  });

  it("names every bad parameter at once", () => {
    const given = {
      name: "",
      options: {
        format: "pdf",
        status: ["open", "late"],
        columns: ["amount", "prijs"],
        dialect: "machine",
        redirect: true,
        asOf: "2027-01-01",
      },
      expiresInDays: 0,
      shoes: 43,
    };
    const error = refuse(given);
    expect(error.kind).toBe("invalid");
    expect(error.errors.map(({ parameter }) => parameter).toSorted()).toEqual([
      "expiresInDays",
      "name",
      "options.asOf",
      "options.columns",
      "options.dialect",
      "options.format",
      "options.redirect",
      "options.status",
      "shoes",
    ]);
  });

  it.each([
    [{ options: {} }, "name", "must be a text of 1 to 100 characters"],
    [{ name: "x".repeat(101), options: {} }, "name", "must be a text of 1 to 100 characters"],
    [{ name: 1, options: {} }, "name", "must be a text of 1 to 100 characters"],
    [{ name: "x" }, "options", "must be an object with the options of an export"],
    [{ name: "x", options: [] }, "options", "must be an object with the options of an export"],
    [{ name: "x", options: {}, expiresInDays: 3_651 }, "expiresInDays", /from 1 to 3650/],
    [{ name: "x", options: {}, expiresInDays: 1.5 }, "expiresInDays", /from 1 to 3650/],
    [{ name: "x", options: { maxAge: 3_599 } }, "options.maxAge", /3600 or more.* ask for an export/],
    [
      { name: "x", options: { columns: ["acceptedViaIp"] } },
      "options.columns",
      "may name acceptedViaIp with evidence=true only",
    ],
    [{ name: "x", options: { maxAge: -1 } }, "options.maxAge", /3600 or more/],
    [
      JSON.parse('{"name":"x","options":{"__proto__":{"format":"csv"}}}'),
      "options.__proto__",
      /not an option/,
    ],
  ])("refuses %j", (given, parameter, detail) => {
    expect(refuse(given).errors).toEqual([{ parameter, detail: expect.stringMatching(detail) }]);
  });

  it.each([null, [], "x", 1])("refuses %j, which is not an object", (given) => {
    const detail = "must be a JSON object with a name and the options";
    expect(refuse(given).errors).toEqual([{ parameter: "body", detail }]);
  });
});

describe("a share", () => {
  const share = newShare({ name: "x", options: {}, expiresInDays: 2 }, "a".repeat(64), now);
  const after = (days: number, ms = 0) => new Date(now.getTime() + days * dayMs + ms);

  it("expires to the millisecond, and keeps its tombstone for 90 days", () => {
    expect([after(2, -1), after(2)].map((date) => hasShareExpired(share, date))).toEqual([false, true]);
    expect([after(92, -1), after(92)].map((date) => isTombstoneOver(share, date))).toEqual([false, true]);
  });

  it("has half of its token's hash as its id", () => {
    expect(share).toMatchObject({ id: "a".repeat(32), tokenSha256: "a".repeat(64) });
  });
});

it.each(["", "x".repeat(42), "x".repeat(44), `${"x".repeat(42)}/`, `${"x".repeat(42)}%`])(
  "rejects the token %j",
  (text) => {
    expect(isShareToken(text)).toBe(false);
  },
);
