import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCalendar } from "../../../functions/core/basics/calendar.ts";
import {
  type CronExpression,
  findLastTick,
  isCron,
} from "../../../functions/core/schedule/cron-expression.ts";

const amsterdam = createCalendar("Europe/Amsterdam");
const minuteMs = 60_000;

function lastTick(expression: CronExpression, now: string, zone = "Europe/Amsterdam") {
  const tick = findLastTick(expression, createCalendar(zone), Date.parse(now));
  return tick === null ? null : new Date(tick).toISOString();
}

describe("isCron", () => {
  it.each([
    "cron(0 6 1 * ? *)",
    "cron(0 6 ? * MON-FRI *)",
    "cron(30 18 L * ? *)",
    "cron(0/15 8-18 * JAN,JUL ? 2026-2030)",
    "cron(0 6 ? * 2#1 *)",
    "cron(0 6 3W 1/3 ? *)",
  ])("accepts %s", (expression) => {
    expect(isCron(expression)).toBe(true);
  });

  it.each([
    "0 6 1 * ? *",
    "cron(0 6 1 * ?)",
    "cron(0 6 1 * * *)",
    "cron(0 6 ? * ? *)",
    "cron(60 6 1 * ? *)",
    "cron(0 24 1 * ? *)",
    "cron(0 6 32 * ? *)",
    "cron(0 6 1 13 ? *)",
    "cron(0 6 ? * 0 *)",
    "cron(0 6 ? * 1-8 *)",
    "cron(0 0 6 1 * ? *)",
    "cron( 0 6 1 * ? *)",
    "cron(@monthly)",
    "rate(1 hour)",
    "at(2026-12-01T06:00:00)",
    "",
    6,
    undefined,
  ])("refuses %j", (expression) => {
    expect(isCron(expression)).toBe(false);
  });
});

describe("the last tick", () => {
  it.each([
    ["2026-12-01T04:59:59Z", "2026-11-01T05:00:00.000Z"],
    ["2026-12-01T05:00:00Z", "2026-12-01T05:00:00.000Z"],
    ["2026-12-31T23:59:59Z", "2026-12-01T05:00:00.000Z"],
    ["2027-01-01T05:00:00.001Z", "2027-01-01T05:00:00.000Z"],
    ["2026-07-25T00:00:00Z", "2026-07-01T04:00:00.000Z"],
  ])("of six o'clock on the first, at %s, was %s", (now, tick) => {
    expect(lastTick("cron(0 6 1 * ? *)", now)).toBe(tick);
  });

  it("counts the days of the week from Sunday, as AWS does", () => {
    expect(lastTick("cron(0 6 ? * 2 *)", "2026-11-25T12:00:00Z")).toBe("2026-11-23T05:00:00.000Z");
    expect(lastTick("cron(0 6 ? * 6L *)", "2026-11-25T12:00:00Z")).toBe("2026-10-30T05:00:00.000Z");
  });

  it("skips a time that summer time skips", () => {
    expect(lastTick("cron(30 2 * * ? *)", "2027-03-28T12:00:00Z")).toBe("2027-03-27T01:30:00.000Z");
  });

  it("comes once at a time that occurs twice", () => {
    for (const now of ["2026-10-25T00:30:00Z", "2026-10-25T01:10:00Z", "2026-10-25T01:30:00Z"])
      expect(lastTick("cron(30 2 * * ? *)", now)).toBe("2026-10-25T00:30:00.000Z");
  });

  it("is null when the years are in the future", () => {
    expect(lastTick("cron(0 6 1 * ? 2030)", "2026-11-25T12:00:00Z")).toBe(null);
  });

  /** Searches backwards from `now` for the last tick, minute by minute and without the cron library. */
  function searchTick(isTime: (hour: number, minute: number) => boolean, now: number): number {
    for (let at = now - (now % minuteMs); ; at -= minuteMs) {
      const shown = at + amsterdam.offsetMs(at);
      const before = at - 3_600_000;
      const isSecond = before + amsterdam.offsetMs(before) === shown;
      const clock = new Date(shown);
      if (!isSecond && isTime(clock.getUTCHours(), clock.getUTCMinutes())) return at;
    }
  }

  it("is the one that a search by minutes finds, even when the clocks change", () => {
    const changes = ["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"].map(Date.parse);
    fc.assert(
      fc.property(
        fc.constantFrom(...changes),
        fc.integer({ min: -30 * 60, max: 30 * 60 }),
        fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { minLength: 1, maxLength: 5 }),
        fc.uniqueArray(fc.integer({ min: 0, max: 59 }), { minLength: 1, maxLength: 3 }),
        (changeMs, minutes, hours, times) => {
          const now = changeMs + minutes * minuteMs;
          const found = findLastTick(`cron(${times.join(",")} ${hours.join(",")} * * ? *)`, amsterdam, now);
          expect(found).toBe(searchTick((hour, time) => hours.includes(hour) && times.includes(time), now));
        },
      ),
    );
  });
});
