import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCalendar, formatDay, formatMoment } from "../../../functions/core/basics/calendar.ts";
import { readDate, readDecision, readMoment } from "../../../functions/core/offer/date-values.ts";

const amsterdam = createCalendar("Europe/Amsterdam");
const newYork = createCalendar("America/New_York");

function momentOf(text: string, calendar = amsterdam): string | null {
  const { value } = readMoment(text, calendar);
  return value === null ? null : new Date(value).toISOString();
}

function dayOf(text: string, calendar = amsterdam): string | null {
  const { value } = readDate(text, calendar);
  return value === null ? null : formatDay(value);
}

describe("a moment without an offset", () => {
  it.each([
    ["2026-01-10 21:00:00", "2026-01-10T20:00:00.000Z"],
    ["2026-01-10T21:00:00", "2026-01-10T20:00:00.000Z"],
    ["2026-07-10 21:00:00", "2026-07-10T19:00:00.000Z"],
    ["2026-01-10 21:00", "2026-01-10T20:00:00.000Z"],
    ["2026-01-10T21:00:00.123456", "2026-01-10T20:00:00.123Z"],
    ["2026-01-10 21:00:00,5", "2026-01-10T20:00:00.500Z"],
    ["2026-01-10\u00a021:00:00\u200b", "2026-01-10T20:00:00.000Z"],
    ["2026-01-10  21:00:00", "2026-01-10T20:00:00.000Z"],
    ["2026-01-10t21:00:00", "2026-01-10T20:00:00.000Z"],
    ["2026-01-10", "2026-01-09T23:00:00.000Z"],
  ])("is read on the report's calendar: %j", (text, utc) => {
    expect(momentOf(text)).toBe(utc);
    expect(readMoment(text, amsterdam).remark).toBe("noOffset");
    expect(readDecision(text, amsterdam)).toEqual(readMoment(text, amsterdam));
  });

  it.each([
    ["the first of two, where the clock is put back", "2026-10-25 02:30:00", "2026-10-25T00:30:00.000Z"],
    ["later by what the clock skips", "2026-03-29 02:30:00", "2026-03-29T01:30:00.000Z"],
    ["right before the skip", "2026-03-29 01:59:59", "2026-03-29T00:59:59.000Z"],
    ["right after the skip", "2026-03-29 03:00:00", "2026-03-29T01:00:00.000Z"],
  ])("is %s: %s", (_title, text, utc) => {
    expect(momentOf(text)).toBe(utc);
  });

  it("is read on the calendar that is given", () => {
    expect(momentOf("1930-06-01 12:00:00", createCalendar("Africa/Monrovia"))).toBe(
      "1930-06-01T12:44:30.000Z",
    );
    expect(momentOf("2026-01-10 21:00:00", newYork)).toBe("2026-01-11T02:00:00.000Z");
  });
});

describe("a moment with an offset", () => {
  it.each([
    ["2026-01-10T21:00:00+01:00", "2026-01-10T20:00:00.000Z"],
    ["2026-01-10 21:00:00+01:00", "2026-01-10T20:00:00.000Z"],
    ["2026-01-10 21:00:00 +0100", "2026-01-10T20:00:00.000Z"],
    ["2026-01-10 21:00:00.5+01", "2026-01-10T20:00:00.500Z"],
    ["2026-01-10 21:00:00Z", "2026-01-10T21:00:00.000Z"],
    ["2026-01-10 21:00:00 UTC", "2026-01-10T21:00:00.000Z"],
    ["2026-01-10T21:00:00.000000Z", "2026-01-10T21:00:00.000Z"],
    ["2026-01-10 15:00:00.000000 America/New_York", "2026-01-10T20:00:00.000Z"],
    ["1768075200", "2026-01-10T20:00:00.000Z"],
    ["1768075200000", "2026-01-10T20:00:00.000Z"],
    ["1768075200.75", "2026-01-10T20:00:00.750Z"],
  ])("is that instant in any notation, without a remark: %j", (text, utc) => {
    expect(momentOf(text)).toBe(utc);
    expect(readDecision(text, amsterdam).remark).toBeNull();
  });
});

describe("a decision", () => {
  it.each([
    ...'0|00|0.0|-|--|—|n/a|N.v.t.|null|NULL|(null)|None|nil|undefined|false|False|no|nee|NaN|NaT|[]|{}|[null]|""|?'.split(
      "|",
    ),
    "0000-00-00",
    "0000-00-00 00:00:00",
    "0000-00-00T00:00:00+01:00",
    "0000-00-00T00:00:00.000000Z",
    "00-00-0000",
    "0001-01-01",
    "0001-01-01 00:00:00",
    "0001-01-01T00:00:00",
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+00:00",
    "0001-01-01T00:00:00.0000000",
    "0000-12-31T23:40:28Z",
    "01-01-0001 00:00:00",
    "1/1/0001 12:00:00 AM",
    "-0001-11-30T00:00:00+00:00",
    "-0001-11-30 00:00:00",
    "-000001-11-30T00:00:00.000000Z",
    "1900-01-00",
    "1900-01-00 00:00:00",
    "1900-01-01T00:00:00",
    "1899-12-30",
    "1899-12-30T00:00:00+00:00",
    "1753-01-01T00:00:00",
    "1601-01-01T00:00:00Z",
    "1904-01-01 00:00:00",
    "1970-01-01",
    "1970-01-01 00:00:00",
    "1970-01-01 01:00:00",
    "1970-01-01T00:00:00Z",
    "1970-01-01T01:00:00+01:00",
    "1969-12-31T19:00:00-05:00",
  ])("is absent when the text says so: %j", (text) => {
    expect(readDecision(text, amsterdam)).toEqual({ value: null, remark: "placeholder" });
  });

  it.each([
    "once",
    "true",
    "1",
    "yes",
    "2024-02-30T10:00:00+01:00",
    "2026-13-01 10:00:00",
    "2026-01-10 25:00:00",
    "2026-01-10 21:00:00+99:00",
    "2026-01-10 21:00:00 Europe/Atlantis",
    "10-01-2026 21:00",
    "20260110",
    "46032",
    "Sat, 10 Jan 2026 20:00:00 GMT",
    "2026-00-00",
  ])("may be meant when the text is not a moment: %j", (text) => {
    expect(readDecision(text, amsterdam)).toEqual({ value: null, remark: "unreadable" });
  });

  it.each([
    "1970-01-01T12:00:00Z",
    "1970-01-02",
    "1930-06-01T00:00:00Z",
    "1899-12-30T12:00:00+00:00",
    "2001-01-01",
  ])("is of long ago when the text is not a zero: %j", (text) => {
    expect(readDecision(text, amsterdam).value).not.toBeNull();
  });
});

describe("a text of any length", () => {
  it.each(["0", "0-", "0:", "1", " ", "T", "9.", "-", "\u200b "])(
    "is read within a test's time limit: %j many times",
    (piece) => {
      const text = `${piece.repeat(100_000)}x`;
      for (const read of [readMoment, readDecision, readDate]) expect(read(text, amsterdam).value).toBeNull();
    },
  );
});

describe("a date with a time", () => {
  it.each([
    ["2026-02-04T00:00:00+01:00", "2026-02-04"],
    ["2026-02-04 00:00:00", "2026-02-04"],
    ["2026-02-04T00:00:00", "2026-02-04"],
    ["2026-02-04T00:00:00Z", "2026-02-04"],
    ["2026-02-04T00:00:00.000000Z", "2026-02-04"],
    ["2026-02-03T23:00:00Z", "2026-02-04"],
    ["2026-02-03T23:00:00.000000Z", "2026-02-04"],
    ["2026-07-03T22:00:00Z", "2026-07-04"],
    ["2026-07-03T23:00:00Z", "2026-07-03"],
    ["2026-02-04T23:59:59+01:00", "2026-02-04"],
    ["2026-02-04 23:59:59", "2026-02-04"],
    ["2026-02-04T22:59:59.999Z", "2026-02-04"],
    ["2026-02-04T23:59:59Z", "2026-02-04"],
    ["2026-02-04T14:30:00+05:30", "2026-02-04"],
    ["2026-02-04T00:00:00-08:00", "2026-02-04"],
    ["2026-03-29 02:30:00", "2026-03-29"],
    [" 2026-02-04\u200b", "2026-02-04"],
    ["1770159600", "2026-02-04"],
  ])("is a day: %j is %s", (text, day) => {
    expect(dayOf(text)).toBe(day);
    expect(readDate(text, amsterdam).remark).toBeNull();
  });

  it.each([
    ["2026-02-04T05:00:00Z", "2026-02-04"],
    ["2026-02-05T04:59:59Z", "2026-02-04"],
    ["2026-02-05T05:00:00Z", "2026-02-05"],
  ])("is read on the calendar that is given: %s in New York is %s", (text, day) => {
    expect(dayOf(text, newYork)).toBe(day);
  });

  it("is the same day in local time and in UTC at the day's start, on any calendar", () => {
    const zones = [
      "Europe/Amsterdam",
      "America/New_York",
      "Asia/Kathmandu",
      "Pacific/Kiritimati",
      "America/Sao_Paulo",
    ];
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer({ min: 10_000, max: 30_000 }), (zone, day) => {
        const calendar = createCalendar(zone);
        const { value } = readMoment(`${formatDay(day)} 00:00:00`, calendar);
        const start = value ?? Number.NaN;
        if (calendar.dayOf(start) !== day || calendar.dayOf(start - 1) === day) return;
        expect(readDate(formatMoment(start, calendar), calendar).value).toBe(day);
        expect(readDate(new Date(start).toISOString(), calendar).value).toBe(day);
      }),
    );
  });

  it.each([
    "0000-00-00",
    "0001-01-01",
    "0001-01-01T00:00:00Z",
    "-0001-11-30",
    "1970-01-01",
    "1899-12-30 00:00:00",
  ])("is absent when it is a zero: %j", (text) => {
    expect(readDate(text, amsterdam)).toEqual({ value: null, remark: "placeholder" });
  });

  it.each(["2024-04-31", "2024-04-31 00:00:00", "04-02-2026", "soon", "20260204", "n/a"])(
    "is unreadable when there is no such day: %j",
    (text) => {
      expect(readDate(text, amsterdam)).toEqual({ value: null, remark: "unreadable" });
    },
  );
});
