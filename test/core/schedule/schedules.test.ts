import { describe, expect, it } from "vitest";
import { createCalendar, formatDay } from "../../../functions/core/basics/calendar.ts";
import { resolveRange } from "../../../functions/core/options/export-options.ts";
import {
  defaultSchedules,
  describeReports,
  parseTick,
  type Schedule,
  SchedulesText,
} from "../../../functions/core/schedule/schedules.ts";

const [monthly] = defaultSchedules;
const weekly: Schedule = {
  name: "weekly",
  expression: "cron(0 7 ? * MON *)",
  reports: [{ format: "csv", language: "en", status: ["open"], columns: ["amount", "offerNumber"] }],
};
const schedules = [...defaultSchedules, weekly];
const recipients = ["boss@example.com"];

function reportsOf(schedule: Schedule | undefined, at: string, zone = "Europe/Amsterdam") {
  if (schedule === undefined) throw new Error("no schedule");
  return describeReports({ schedule, at: Date.parse(at) }, createCalendar(zone));
}

function describeRange(options: ReturnType<typeof reportsOf>[number]) {
  const { from, to } = resolveRange(options);
  return [from, to].map((day) => day && formatDay(day));
}

describe("a tick's reports", () => {
  it.each([
    ["an ordinary month", "2026-12-01T05:00:00Z", "2026-11-01", "2026-11-30"],
    ["January", "2027-01-01T05:00:00Z", "2026-12-01", "2026-12-31"],
    ["a leap year", "2028-03-01T05:00:00Z", "2028-02-01", "2028-02-29"],
    ["a month whose clocks were put forward", "2027-04-01T04:00:00Z", "2027-03-01", "2027-03-31"],
    ["a month whose clocks were put back", "2026-11-01T05:00:00Z", "2026-10-01", "2026-10-31"],
  ])("of the first of a month cover the previous month and all offers: %s", (_, at, from, to) => {
    const [month, all] = reportsOf(monthly, at);
    expect(month).toMatchObject({ asOf: to, period: "this-month" });
    expect(month && describeRange(month)).toEqual([from, to]);
    expect(all).toMatchObject({
      asOf: to,
      period: null,
      status: ["open", "accepted", "rejected", "expired"],
    });
  });

  it("are as of the day before in the calendar's zone, not in UTC", () => {
    const at = "2026-11-30T23:30:00Z";
    expect(reportsOf(monthly, at)[0]?.asOf).toBe("2026-11-30");
    expect(reportsOf(monthly, at, "America/New_York")[0]?.asOf).toBe("2026-11-29");
  });

  it("have the options of the schedule", () => {
    expect(reportsOf(weekly, "2026-11-23T06:00:00Z")).toEqual([
      expect.objectContaining({
        format: "csv",
        language: "en",
        dialect: "excel",
        status: ["open"],
        columns: ["amount", "offerNumber"],
        asOf: "2026-11-22",
      }),
    ]);
  });

  it("are the same for every time of the day", () => {
    expect(reportsOf(monthly, "2026-12-01T05:00:00Z")).toEqual(reportsOf(monthly, "2026-12-01T22:00:00Z"));
  });
});

describe("a tick", () => {
  it("has the schedule that it names and its scheduled time", () => {
    expect(parseTick({ schedule: "weekly", at: "2026-11-23T06:00:00Z" }, schedules)).toEqual({
      schedule: weekly,
      at: Date.parse("2026-11-23T06:00:00Z"),
    });
  });

  it("of an unknown schedule is refused, with the known names", () => {
    expect(() => parseTick({ schedule: "daily", at: "2026-11-23T06:00:00Z" }, schedules)).toThrow(
      "SCHEDULES has monthly, weekly.",
    );
  });

  it.each(["<aws.scheduler.scheduled-time>", "2026-11-23", "2026-11-23T06:00:00", "", undefined])(
    "without a time is refused: %s",
    (at) => {
      expect(() => parseTick({ schedule: "weekly", at }, schedules)).toThrow("at");
    },
  );
});

describe("the setting SCHEDULES", () => {
  it("is read as written", () => {
    expect(SchedulesText.parse(JSON.stringify(schedules))).toEqual(schedules);
    expect(SchedulesText.parse("[]")).toEqual([]);
  });

  const build = (change: Record<string, unknown>) => JSON.stringify([{ ...weekly, ...change }]);

  it.each(["always", "changed", "expiring"] as const)(
    "may say when its recipients get a mail: %s",
    (mailWhen) => {
      const all = [{ ...weekly, recipients, mailWhen }];
      expect(SchedulesText.parse(JSON.stringify(all))).toEqual(all);
    },
  );

  it.each([
    ["monthly", "must be a list of schedules"],
    ["{}", "must be a list of schedules"],
    [build({ name: "Weekly" }), "[0].name must be up to 20 small letters and digits, a letter first"],
    [
      build({ expression: "rate(7 days)" }),
      "[0].expression must be a cron expression of EventBridge Scheduler",
    ],
    [build({ reports: [] }), "[0].reports must name at least one report"],
    [build({ reports: ["xlsx"] }), "[0].reports[0] must be the options of a report"],
    [build({ reports: [{}, { format: "pdf" }] }), "[0].reports[1].format must be xlsx or csv"],
    [build({ reports: [{ dialect: "excel" }] }), "[0].reports[0].dialect goes with format=csv only"],
    [
      build({ reports: [{ columns: ["prijs"] }] }),
      '[0].reports[0].columns must not name "prijs": the columns are',
    ],
    [build({ reports: [{ shoe: 43 }] }), "[0].reports[0].shoe is not an option"],
    [build({ reports: [{ asOf: "2026-11-30" }] }), "[0].reports[0].asOf is decided by the tick"],
    [build({ reports: [{ maxAge: 0 }] }), "[0].reports[0].maxAge is decided by the tick"],
    [
      build({ enabled: false }),
      "[0] must have a name, an expression, reports and perhaps recipients and mailWhen, and nothing else",
    ],
    [build({ mailWhen: "never", recipients }), "[0].mailWhen must be one of always, changed, expiring"],
    [build({ mailWhen: "changed" }), "[0].mailWhen needs recipients: add whom to mail, or remove mailWhen"],
    [
      build({ mailWhen: "expiring", recipients, reports: [{}, { status: ["accepted"] }] }),
      "[0].reports[1].status must include open, since mailWhen is expiring",
    ],
    [JSON.stringify([weekly, weekly]), "must have different names"],
  ])("is refused with the place of the fault: %s", (text, complaint) => {
    const { error } = SchedulesText.safeParse(text);
    expect(error?.issues).toHaveLength(1);
    expect(error?.issues[0]?.message).toContain(complaint);
  });

  it("is refused with all faults", () => {
    const { error } = SchedulesText.safeParse(build({ name: "", reports: [] }));
    expect(error?.issues[0]?.message).toMatch(/\[0\]\.name .*\[0\]\.reports /);
  });
});
