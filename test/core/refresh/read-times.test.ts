import { describe, expect, it } from "vitest";
import { createCalendar } from "../../../functions/core/basics/calendar.ts";
import { describeReadTimes, mergeReadTimes } from "../../../functions/core/refresh/read-times.ts";

const [old, then, now] = ["2026-08-01T10:00:00Z", "2026-11-20T10:00:00Z", "2026-11-26T10:00:00Z"] as const;
const foundAt = (place: number) => ({ id: `off_${place}`, observation: 0, at: 0, place });
const insertion = { id: "off_new", observation: 0, at: 0 };

describe("mergeReadTimes", () => {
  it("gives the read time of each offer that is still there, in the new list's order", () => {
    const before = [
      { readAt: old, offers: 3 },
      { readAt: then, offers: 3 },
    ];
    const renewing = {
      insertions: [insertion, insertion],
      read: [foundAt(1), foundAt(5)],
      gone: [{ from: 2, to: 4 }],
      readAt: now,
    };
    expect(mergeReadTimes(before, { ...renewing, grows: "near" })).toEqual([
      { readAt: now, offers: 2 },
      { readAt: old, offers: 1 },
      { readAt: now, offers: 1 },
      { readAt: then, offers: 1 },
      { readAt: now, offers: 1 },
    ]);
    expect(mergeReadTimes(before, { ...renewing, grows: "far" }).at(-1)).toEqual({ readAt: now, offers: 3 });
  });
});

describe("describeReadTimes", () => {
  const calendar = createCalendar("Europe/Amsterdam");
  const describeAll = (...moments: string[]) =>
    describeReadTimes(
      moments.map((readAt) => ({ readAt, offers: 10 })),
      Date.parse(now),
      calendar,
    );

  it("lists the newest first, in a few lines for any number of days", () => {
    expect(describeAll(old, now, then, "2026-11-21T10:00:00Z", "2026-05-01T10:00:00Z", old)).toEqual([
      { from: "2026-11-26", to: "2026-11-26", offers: 10 },
      { from: "2026-11-20", to: "2026-11-21", offers: 20 },
      { from: "2026-05-01", to: "2026-08-01", offers: 30 },
    ]);
  });

  it("uses the calendar's days", () => {
    expect(describeAll("2026-11-25T23:30:00Z")).toEqual([
      { from: "2026-11-26", to: "2026-11-26", offers: 10 },
    ]);
  });
});
