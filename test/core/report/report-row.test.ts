import { describe, expect, it } from "vitest";
import { createCalendar, parseDay } from "../../../functions/core/basics/calendar.ts";
import { parseOffer } from "../../../functions/core/offer/offer.ts";
import { makeRow } from "../../../functions/core/report/report-row.ts";
import { rawOffer } from "../../support/offer-fixtures.ts";

const calendar = createCalendar("Europe/Amsterdam");

function row(changes: Record<string, unknown>, asOf = "2024-05-20") {
  return makeRow(parseOffer(rawOffer(changes), calendar), { asOf: parseDay(asOf) ?? Number.NaN, calendar });
}

describe("makeRow", () => {
  it("counts an open offer's days since issue and until its last valid day", () => {
    expect(row({})).toMatchObject({
      daysOpen: 21,
      daysUntilExpiry: 9,
      daysToDecision: null,
      decidedAt: null,
    });
    expect(row({}, "2024-05-29")).toMatchObject({ daysOpen: 30, daysUntilExpiry: 0 });
  });

  it("counts the days of open offers only", () => {
    expect(row({}, "2024-05-30")).toMatchObject({
      status: "expired",
      daysOpen: null,
      daysUntilExpiry: null,
      expiringSoon: false,
    });
    expect(row({ rejectedAt: "2024-05-10T10:00:00+02:00" })).toMatchObject({
      daysOpen: null,
      daysUntilExpiry: null,
    });
  });

  it.each([
    ["2024-05-21", false],
    ["2024-05-22", true],
    ["2024-05-29", true],
  ])("on %s, says of an offer good through 29 May that it expires soon: %s", (asOf, soon) => {
    expect(row({}, asOf).expiringSoon).toBe(soon);
  });

  it.each([
    ["2024-05-29T23:59:59+02:00", false],
    ["2024-05-30T00:00:00+02:00", true],
    ["2024-05-29T22:30:00Z", true],
  ])("accepted at %s after 29 May: late is %s", (acceptedAt, late) => {
    expect(row({ acceptedAt }, "2024-06-30").acceptedLate).toBe(late);
  });

  it("counts calendar days to the decision, over the night of summer time too", () => {
    const decided = { issuedAt: "2024-03-30", acceptedAt: "2024-03-31T23:30:00+02:00" };
    expect(row(decided).daysToDecision).toBe(1);
    expect(row({ issuedAt: "2024-02-28", acceptedAt: "2024-03-01T09:00:00+01:00" }).daysToDecision).toBe(2);
  });

  it("leaves unknown values empty", () => {
    expect(row({ expiresAt: null })).toMatchObject({
      status: "open",
      daysUntilExpiry: null,
      expiringSoon: null,
    });
    expect(row({ issuedAt: null })).toMatchObject({ daysOpen: null });
    const unreadable = row({ acceptedAt: "2024-04-31T10:00:00+02:00" });
    expect(unreadable).toMatchObject({
      status: "accepted",
      decidedAt: null,
      daysToDecision: null,
      acceptedLate: null,
    });
  });

  it("keeps the text of unreadable values for their cells", () => {
    expect(row({ expiresAt: "2024-04-31", acceptedAt: "once" }).raw).toEqual({
      expiresAt: "2024-04-31",
      decidedAt: "once",
    });
    expect(row({}).raw).toEqual({});
  });

  it("adds a remark on two decisions", () => {
    const both = { acceptedAt: "2024-05-10T10:00:00+02:00", rejectedAt: "2024-05-11T10:00:00+02:00" };
    expect(row(both)).toMatchObject({ status: "rejected", remarks: [{ code: "bothDecided" }] });
  });

  it("shows no signature and no evidence of an acceptance that does not count yet", () => {
    const accepted = {
      acceptedAt: "2024-05-14T21:00:00+02:00",
      acceptedViaIp: "192.0.2.7",
      acceptedViaUserAgent: "Firefox",
      acceptanceSignature: true,
    };
    expect(row(accepted)).toMatchObject({
      signed: true,
      acceptedViaIp: "192.0.2.7",
      acceptedViaUserAgent: "Firefox",
    });
    expect(row(accepted, "2024-05-13")).toMatchObject({
      signed: false,
      acceptedViaIp: null,
      acceptedViaUserAgent: null,
    });
  });
});
