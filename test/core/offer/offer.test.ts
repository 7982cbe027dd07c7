import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCalendar, formatDay } from "../../../functions/core/basics/calendar.ts";
import { parseOffer as parseOn, type RawOffer, redactOffer } from "../../../functions/core/offer/offer.ts";
import { rawOffer } from "../../support/offer-fixtures.ts";

const calendar = createCalendar("Europe/Amsterdam");
const parseOffer = (given: RawOffer) => parseOn(given, calendar);

describe("parseOffer", () => {
  it("reads an offer of the API's own example", () => {
    const offer = parseOffer(
      rawOffer({
        acceptedAt: "2024-05-14T21:00:00+02:00",
        acceptanceSignature: "data:image/png;base64,iVBO",
      }),
    );
    expect(offer).toMatchObject({
      id: "off_abc12345def678",
      customerId: "cst_abc12345def678",
      offerNumber: "2024-001",
      currency: "EUR",
      amount: "12.95",
      acceptedAt: Date.parse("2024-05-14T19:00:00Z"),
      rejectedAt: null,
      signed: true,
      createdAt: Date.parse("2024-04-29T19:00:00Z"),
      raw: {},
      remarks: [],
    });
    expect(formatDay(offer.issuedAt ?? 0)).toBe("2024-04-29");
  });

  it("treats an absent field, null and an empty text alike", () => {
    const absent = rawOffer();
    delete absent["acceptedAt"];
    expect(parseOffer(absent)).toEqual(parseOffer(rawOffer({ acceptedAt: null })));
    expect(parseOffer(rawOffer({ acceptedAt: "" }))).toEqual(parseOffer(rawOffer({ acceptedAt: null })));
  });

  it.each(["id", "customerId", "offerNumber", "issuedAt", "expiresAt", "currency", "amount", "createdAt"])(
    "remarks that %s is missing, which the API always gives",
    (field) => {
      expect(parseOffer(rawOffer({ [field]: null })).remarks).toEqual([{ code: "missing", field }]);
    },
  );

  it("accepts numbers as texts", () => {
    expect(parseOffer(rawOffer({ offerNumber: 17, amount: 12.5 }))).toMatchObject({
      offerNumber: "17",
      amount: "12.5",
      remarks: [],
    });
  });

  it("keeps leading zeros", () => {
    expect(parseOffer(rawOffer({ offerNumber: "007" })).offerNumber).toBe("007");
  });

  it.each([
    ["issuedAt", "2024-04-31"],
    ["expiresAt", "soon"],
    ["acceptedAt", "2024-02-30T10:00:00+01:00"],
    ["rejectedAt", "once"],
    ["createdAt", "29 april 2024"],
    ["amount", "12,95"],
  ])("keeps the text of %s when it is %j, and remarks it", (field, text) => {
    const offer = parseOffer(rawOffer({ [field]: text }));
    expect(offer).toMatchObject({ [field]: null, raw: { [field]: text } });
    expect(offer.remarks).toEqual([{ code: "unreadable", field, text }]);
  });

  it.each([false, null, "", " ", "\r\n"])("takes %j for no decision, without a remark", (given) => {
    const offer = parseOffer(rawOffer({ acceptedAt: given, rejectedAt: given }));
    expect(offer).toMatchObject({ acceptedAt: null, rejectedAt: null, raw: {}, remarks: [] });
  });

  it.each([
    0,
    "0",
    "false",
    "null",
    "n/a",
    "-",
    [],
    {},
    [[]],
    [""],
    "0000-00-00 00:00:00",
    "0001-01-01 00:00:00",
  ])("takes %j for no decision, with a remark", (given) => {
    const offer = parseOffer(rawOffer({ rejectedAt: given }));
    const text = typeof given === "string" ? given : JSON.stringify(given);
    expect(offer).toMatchObject({ acceptedAt: null, rejectedAt: null, raw: {} });
    expect(offer.remarks).toEqual([{ code: "placeholder", field: "rejectedAt", text }]);
  });

  it.each([true, 1, "true", ["2026"], { at: 5 }, "gisteren"])(
    "keeps %j as a decision of an unknown moment",
    (given) => {
      const offer = parseOffer(rawOffer({ acceptedAt: given }));
      const text = typeof given === "string" ? given : JSON.stringify(given);
      expect(offer).toMatchObject({ acceptedAt: null, raw: { acceptedAt: text } });
      expect(offer.remarks).toEqual([{ code: "unreadable", field: "acceptedAt", text }]);
    },
  );

  it.each(["acceptedAt", "rejectedAt", "createdAt"])(
    "reads %s on the report's calendar without an offset",
    (field) => {
      const offer = parseOffer(rawOffer({ [field]: "2026-01-10 21:00:00" }));
      expect(offer).toMatchObject({ [field]: Date.parse("2026-01-10T21:00:00+01:00"), raw: {} });
      expect(offer.remarks).toEqual([{ code: "noOffset", field, text: "2026-01-10 21:00:00" }]);
    },
  );

  it("reads dates with a time part, and Unix time", () => {
    const offer = parseOffer(
      rawOffer({
        issuedAt: "2026-01-04 00:00:00",
        expiresAt: "2026-02-04T00:00:00+01:00",
        acceptedAt: 1_768_075_200,
      }),
    );
    expect([offer.issuedAt ?? 0, offer.expiresAt ?? 0].map(formatDay)).toEqual(["2026-01-04", "2026-02-04"]);
    expect(offer).toMatchObject({ acceptedAt: 1_768_075_200_000, raw: {}, remarks: [] });
  });

  it("reads a date in PHP's JSON format", () => {
    const dateOf = (date: string, timezone: string) => ({ date, timezone_type: 3, timezone });
    const offer = parseOffer(
      rawOffer({
        expiresAt: dateOf("2026-02-03 23:00:00.000000", "UTC"),
        acceptedAt: dateOf("2026-01-10 21:00:00.000000", "Europe/Amsterdam"),
        rejectedAt: dateOf("-0001-11-30 00:00:00.000000", "Europe/Amsterdam"),
        createdAt: dateOf("2026-01-10 21:00:00.000000", "+01:00"),
      }),
    );
    const at = Date.parse("2026-01-10T20:00:00Z");
    expect(offer).toMatchObject({ acceptedAt: at, rejectedAt: null, createdAt: at });
    expect(formatDay(offer.expiresAt ?? 0)).toBe("2026-02-04");
    expect(offer.remarks.map(({ code }) => code)).toEqual(["placeholder"]);
  });

  it("keeps the text of a placeholder date", () => {
    const offer = parseOffer(rawOffer({ expiresAt: "0000-00-00", createdAt: "0001-01-01T00:00:00Z" }));
    expect(offer).toMatchObject({ expiresAt: null, createdAt: null });
    expect(offer.raw).toEqual({ expiresAt: "0000-00-00", createdAt: "0001-01-01T00:00:00Z" });
    expect(offer.remarks.map(({ code }) => code)).toEqual(["placeholder", "placeholder"]);
  });

  it.each(["id", "customerId", "offerNumber", "issuedAt", "expiresAt", "currency", "amount", "createdAt"])(
    "remarks that %s is missing when it is empty, of whatever type",
    (field) => {
      for (const given of [undefined, null, false, "", " ", "\u00a0", [], {}])
        expect(parseOffer(rawOffer({ [field]: given })).remarks).toEqual([{ code: "missing", field }]);
    },
  );

  it.each([
    [true, true],
    ["data:image/png;base64,AAAA", true],
    [{ mime: "image/png" }, true],
    [1, true],
    [0, false],
    ["0", false],
    ["false", false],
    ["null", false],
    [" ", false],
    [[], false],
    [{}, false],
    [false, false],
  ])("takes %j for a signature: %s", (acceptanceSignature, signed) => {
    const given = rawOffer({ acceptanceSignature });
    expect(parseOffer(given).signed).toBe(signed);
    expect(parseOffer(redactOffer(given, false)).signed).toBe(signed);
  });

  it.each([
    ["12.95", "12.95"],
    ["12.9500", "12.9500"],
    ["-0.10", "-0.10"],
    ["+7", "7"],
    ["007.50", "7.50"],
    [" 3.10 ", "3.10"],
    ["\u200e3.10\u00a0", "3.10"],
    [12.5, "12.5"],
    [-3, "-3"],
    [1e-7, "0.0000001"],
    ["1.5E3", "1500"],
    ["0", "0"],
    ["0.00", "0.00"],
    ["99999999999999999999.99", "99999999999999999999.99"],
    [1e21, "1000000000000000000000"],
  ])("reads the amount %j exactly", (given, amount) => {
    expect(parseOffer(rawOffer({ amount: given })).amount).toBe(amount);
  });

  it.each([
    "NaN",
    "Infinity",
    "1.234,56",
    "€ 5",
    "1e9999",
    "0x10",
    ".",
    "1.",
    ".5",
    "EUR 12",
    "12 EUR",
    "1 234",
    "null",
    "n/a",
  ])("takes %j for no amount", (given) => {
    expect(parseOffer(rawOffer({ amount: given }))).toMatchObject({ amount: null, raw: { amount: given } });
  });

  it.each([
    [null, "null"],
    [7, "7"],
    ["offer", "offer"],
    [[], "[]"],
  ])("makes a remark of %j, which is no offer", (given, text) => {
    expect(parseOffer(given).remarks).toEqual([{ code: "notAnOffer", text }]);
  });

  it("reads any JSON value without throwing", () => {
    const field = fc.constantFrom(...Object.keys(rawOffer()));
    fc.assert(
      fc.property(fc.dictionary(field, fc.jsonValue()), fc.jsonValue(), (fields, other) => {
        expect(parseOffer({ ...rawOffer(), ...fields }).signed).toBeTypeOf("boolean");
        expect(parseOffer(other).remarks).toBeInstanceOf(Array);
      }),
    );
  });
});

describe("redactOffer", () => {
  const personal = {
    acceptedViaIp: "192.0.2.7",
    acceptedViaUserAgent: "Firefox",
    acceptanceSignature: "data:image/png;base64,AAAA",
  };

  it("keeps only the fact that there is a signature", () => {
    const kept = redactOffer(rawOffer(personal), true);
    expect(JSON.stringify(kept)).not.toContain("base64");
    expect(parseOffer(kept)).toEqual(parseOffer(rawOffer(personal)));
  });

  it("leaves out the IP address and the user agent unless they are evidence", () => {
    expect(redactOffer(rawOffer(personal), false)).not.toHaveProperty("acceptedViaIp");
    expect(redactOffer(rawOffer(personal), false)).not.toHaveProperty("acceptedViaUserAgent");
    expect(redactOffer(rawOffer(personal), true)).toMatchObject({
      acceptedViaIp: "192.0.2.7",
      acceptedViaUserAgent: "Firefox",
    });
  });

  it("keeps every other field as the portal gave it, unknown ones too", () => {
    const given = rawOffer({ links: { customer: { href: "x" } }, shoeSize: 43 });
    expect(redactOffer(given, false)).toEqual({ ...given, acceptanceSignature: false });
  });
});
