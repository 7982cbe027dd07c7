import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import {
  createCalendar,
  findMoment,
  formatClock,
  formatDay,
  formatMoment,
  parseDay,
  parseMoment,
  placeClock,
  memoizeDayFormat,
} from "../../../functions/core/basics/calendar.ts";

const amsterdam = createCalendar("Europe/Amsterdam");

describe("parseDay", () => {
  it.each([
    ["1970-01-01", 0],
    ["1969-12-31", -1],
    ["2024-02-29", 19_782],
  ])("reads %s as day %i", (text, day) => {
    expect(parseDay(text)).toBe(day);
  });

  it.each([
    "2024-04-31",
    "2023-02-29",
    "2024-13-01",
    "20240401",
    "2024-4-1",
    "2024-04-01T00:00:00Z",
    " 2024-04-01",
    "",
    "nonsense",
  ])("returns null for %j", (text) => {
    expect(parseDay(text)).toBeNull();
  });

  it("reads back every day that it writes", () => {
    fc.assert(
      fc.property(fc.integer({ min: -700_000, max: 2_900_000 }), (day) => {
        expect(parseDay(formatDay(day))).toBe(day);
      }),
    );
  });
});

describe("parseMoment", () => {
  it.each([
    ["2024-05-14T21:00:00+02:00", "2024-05-14T19:00:00.000Z"],
    ["2024-05-14T21:00:00Z", "2024-05-14T21:00:00.000Z"],
    ["2024-05-14T21:00:00.123456-05:30", "2024-05-15T02:30:00.123Z"],
    ["2024-02-29T00:30:00+01:00", "2024-02-28T23:30:00.000Z"],
  ])("reads %s", (text, utc) => {
    expect(new Date(parseMoment(text) ?? Number.NaN).toISOString()).toBe(utc);
  });

  it.each([
    "2024-04-31T10:00:00+02:00",
    "2024-05-14T24:00:00+02:00",
    "2024-05-14T21:60:00+02:00",
    "2024-05-14T21:00:00",
    "2024-05-14",
    "yesterday",
  ])("returns null for %j", (text) => {
    expect(parseMoment(text)).toBeNull();
  });

  it("reads every moment as the platform's Date does", () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date("2200-01-01"), noInvalidDate: true }), (date) => {
        const text = formatMoment(date.getTime(), amsterdam);
        expect(Date.parse(text)).toBe(date.getTime());
        expect(parseMoment(text)).toBe(date.getTime());
      }),
    );
  });
});

describe("formatMoment", () => {
  const zones = [
    "Europe/Amsterdam",
    "Africa/Monrovia",
    "Europe/Dublin",
    "America/New_York",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "UTC",
  ];
  const calendars = zones.map(createCalendar);
  const lastMs = 8_640_000_000_000_000 - 86_400_000;

  it("writes a text that reads back as the same instant, for any moment and zone", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -lastMs, max: lastMs }),
        fc.constantFrom(...calendars),
        (moment, calendar) => {
          expect(Date.parse(formatMoment(moment, calendar))).toBe(moment);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("writes a text that `parseMoment` reads back, for any year with four digits", () => {
    const readable = fc.integer({ min: Date.UTC(1000, 0, 2), max: Date.UTC(9999, 11, 30) });
    fc.assert(
      fc.property(readable, fc.constantFrom(...calendars), (moment, calendar) => {
        expect(parseMoment(formatMoment(moment, calendar))).toBe(moment);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ["1930-06-01T12:00:00Z", "1930-06-01T11:16:00-00:44"],
    ["1971-12-31T23:59:59Z", "1971-12-31T23:15:59-00:44"],
    ["1973-01-01T00:00:00Z", "1973-01-01T00:00:00+00:00"],
  ])("rounds an offset with seconds, and the time of day with it: %s is %s", (utc, local) => {
    expect(formatMoment(Date.parse(utc), createCalendar("Africa/Monrovia"))).toBe(local);
  });
});

describe("placeClock", () => {
  it("agrees with Temporal in any zone, also when the clocks change", () => {
    const zones = [
      "Europe/Amsterdam",
      "America/New_York",
      "Australia/Lord_Howe",
      "Pacific/Apia",
      "Africa/Monrovia",
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.date({ min: new Date("1880-01-01"), max: new Date("2040-01-01"), noInvalidDate: true }),
        fc.integer({ min: -100_000, max: 100_000 }),
        (zone, date, seconds) => {
          const at = Temporal.Instant.fromEpochMilliseconds(date.getTime()).toZonedDateTimeISO(zone);
          const turn = at.getTimeZoneTransition("next") ?? at;
          const clock = turn.toPlainDateTime().add({ seconds });
          const clockMs = clock.toZonedDateTime("UTC").epochMilliseconds;
          const { epochMilliseconds } = clock.toZonedDateTime(zone, { disambiguation: "compatible" });
          expect(placeClock(clockMs, createCalendar(zone))).toBe(epochMilliseconds);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("a calendar", () => {
  it.each([
    ["2024-03-31T00:59:59Z", "2024-03-31T01:59:59+01:00"],
    ["2024-03-31T01:00:00Z", "2024-03-31T03:00:00+02:00"],
    ["2024-10-27T00:59:59Z", "2024-10-27T02:59:59+02:00"],
    ["2024-10-27T01:00:00Z", "2024-10-27T02:00:00+01:00"],
  ])("shows %s as %s around a change of the clocks", (utc, local) => {
    expect(formatMoment(Date.parse(utc), amsterdam)).toBe(local);
  });

  it("decides the day by the zone's wall clock", () => {
    const lateEvening = Date.parse("2024-06-30T22:30:00Z");
    expect(formatDay(amsterdam.dayOf(lateEvening))).toBe("2024-07-01");
    expect(formatDay(createCalendar("America/New_York").dayOf(lateEvening))).toBe("2024-06-30");
  });

  it("agrees with the platform on the offset of any moment, in any order of calls", () => {
    const zones = ["Europe/Amsterdam", "America/St_Johns", "Australia/Lord_Howe", "UTC", "Asia/Kathmandu"];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.array(fc.date({ min: new Date("1975-01-01"), max: new Date("2035-01-01"), noInvalidDate: true }), {
          minLength: 1,
        }),
        (zone, dates) => {
          const calendar = createCalendar(zone);
          for (const date of dates)
            expect(calendar.offsetMs(date.getTime())).toBe(platformOffsetMs(zone, date));
        },
      ),
    );
  });

  it("refuses a zone that does not exist", () => {
    expect(() => createCalendar("Europe/Atlantis")).toThrow(RangeError);
  });
});

function platformOffsetMs(zone: string, date: Date): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    timeZoneName: "longOffset",
  }).formatToParts(date);
  const name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
  const [, sign = "+", hours = 0, minutes = 0] = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(name) ?? [];
  return (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === "-" ? -1 : 1);
}

describe("findMoment", () => {
  it.each([
    ["2026-12-01T06:00", "2026-12-01T05:00:00.000Z"],
    ["2026-07-01T06:00", "2026-07-01T04:00:00.000Z"],
    ["2026-10-25T02:30", "2026-10-25T00:30:00.000Z"],
    ["2026-10-25T03:00", "2026-10-25T02:00:00.000Z"],
    ["2028-02-29T00:00", "2028-02-28T23:00:00.000Z"],
  ])("finds the first moment at which the clocks show %s", (clock, utc) => {
    expect(new Date(findMoment(clock, amsterdam) ?? Number.NaN).toISOString()).toBe(utc);
  });

  it.each([
    "2027-03-28T02:00",
    "2027-03-28T02:59",
    "2027-02-29T06:00",
    "2026-12-01T24:00",
    "2026-12-01",
    "2026-12-01T06:00Z",
    "",
  ])("returns null for a time that the clocks never show: %j", (clock) => {
    expect(findMoment(clock, amsterdam)).toBeNull();
  });
});

describe("formatClock", () => {
  it.each([
    [0, "00:00:00"],
    [86_399_999, "23:59:59"],
    [-1, "23:59:59"],
    [Date.UTC(2026, 2, 29, 1, 2, 3, 4), "01:02:03"],
  ])("writes the time of day of %i", (ms, clock) => {
    expect(formatClock(ms)).toBe(clock);
  });
});

describe("memoizeDayFormat", () => {
  it("formats each day once, with the format's own text, also beyond the year 9999", () => {
    const asked: number[] = [];
    const format = memoizeDayFormat((day) => {
      asked.push(day);
      return formatDay(day);
    });
    const days = [0, 20_000, 0, 2_932_897, 20_000, -1];
    expect(days.map(format)).toEqual(days.map(formatDay));
    expect(format(2_932_897)).toBe("+010000-01-01");
    expect(asked).toEqual([0, 20_000, 2_932_897, -1]);
  });
});
