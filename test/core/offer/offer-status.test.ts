import { describe, expect, it } from "vitest";
import { createCalendar, parseDay } from "../../../functions/core/basics/calendar.ts";
import { parseOffer } from "../../../functions/core/offer/offer.ts";
import { findLaterRemark, isKnownOffer, judgeOffer } from "../../../functions/core/offer/offer-status.ts";
import { rawOffer } from "../../support/offer-fixtures.ts";

const calendar = createCalendar("Europe/Amsterdam");

function on(asOf: string) {
  return { asOf: parseDay(asOf) ?? Number.NaN, calendar };
}

const noon = (day: string) => `${day}T12:00:00+02:00`;

describe("judgeOffer", () => {
  it.each([
    ["is open before its last valid day", {}, "2024-05-28", "open"],
    ["is open on its last valid day", {}, "2024-05-29", "open"],
    ["is expired the day after", {}, "2024-05-30", "expired"],
    ["is accepted, also after it expired", { acceptedAt: noon("2024-06-20") }, "2024-07-01", "accepted"],
    [
      "is accepted on the very day of acceptance",
      { acceptedAt: noon("2024-05-14") },
      "2024-05-14",
      "accepted",
    ],
    ["is open on the day before its acceptance", { acceptedAt: noon("2024-05-14") }, "2024-05-13", "open"],
    [
      "is expired while a late acceptance is still to come",
      { acceptedAt: noon("2024-06-20") },
      "2024-06-19",
      "expired",
    ],
    ["is rejected", { rejectedAt: noon("2024-05-14") }, "2024-05-14", "rejected"],
    ["is open on the day before its rejection", { rejectedAt: noon("2024-05-14") }, "2024-05-13", "open"],
    [
      "is rejected when that came later",
      { acceptedAt: noon("2024-05-10"), rejectedAt: noon("2024-05-14") },
      "2024-06-01",
      "rejected",
    ],
    [
      "is accepted when that came later",
      { acceptedAt: noon("2024-05-14"), rejectedAt: noon("2024-05-10") },
      "2024-06-01",
      "accepted",
    ],
    [
      "is accepted while the later rejection is still to come",
      { acceptedAt: noon("2024-05-10"), rejectedAt: noon("2024-05-14") },
      "2024-05-12",
      "accepted",
    ],
    [
      "is accepted when both are of one instant",
      { acceptedAt: noon("2024-05-10"), rejectedAt: noon("2024-05-10") },
      "2024-06-01",
      "accepted",
    ],
    ["is open without a last valid day", { expiresAt: null }, "2030-01-01", "open"],
    ["is open with a last valid day that is none", { expiresAt: "2024-04-31" }, "2030-01-01", "open"],
    [
      "is accepted at a moment that is none",
      { acceptedAt: "2024-04-31T10:00:00+02:00" },
      "2024-05-01",
      "accepted",
    ],
    [
      "goes by the decision that can be read",
      { acceptedAt: "once", rejectedAt: noon("2024-05-10") },
      "2024-06-01",
      "rejected",
    ],
    ["is open where its acceptance is false", { acceptedAt: false }, "2024-05-20", "open"],
    [
      "is open where its acceptance is a zero date",
      { acceptedAt: "0001-01-01 00:00:00" },
      "2024-05-20",
      "open",
    ],
    ["is expired where its rejection is none", { rejectedAt: "0" }, "2024-05-30", "expired"],
    [
      "is open on the day before an acceptance without an offset",
      { acceptedAt: "2024-05-14 00:00:00" },
      "2024-05-13",
      "open",
    ],
    [
      "is accepted on the day of an acceptance without an offset",
      { acceptedAt: "2024-05-14 23:59:59" },
      "2024-05-14",
      "accepted",
    ],
    [
      "is accepted on the day of an acceptance without a time",
      { acceptedAt: "2024-05-14" },
      "2024-05-14",
      "accepted",
    ],
    ["is open on the day before it", { acceptedAt: "2024-05-14" }, "2024-05-13", "open"],
    [
      "is open on a last valid day with a time",
      { expiresAt: "2024-05-29T00:00:00+02:00" },
      "2024-05-29",
      "open",
    ],
    ["is expired the day after it", { expiresAt: "2024-05-28T22:00:00Z" }, "2024-05-30", "expired"],
    ["is open with a last valid day of zeros", { expiresAt: "0001-01-01" }, "2024-05-30", "open"],
    ["is open on 29 February, its last valid day", { expiresAt: "2024-02-29" }, "2024-02-29", "open"],
    ["is expired on 1 March after it", { expiresAt: "2024-02-29" }, "2024-03-01", "expired"],
  ])("%s", (_title, changes, asOf, status) => {
    expect(judgeOffer(parseOffer(rawOffer(changes), calendar), on(asOf)).status).toBe(status);
  });

  it.each([
    ["2024-03-31", "2024-03-30T23:30:00+01:00", "accepted"],
    ["2024-03-31", "2024-03-31T21:59:59Z", "accepted"],
    ["2024-03-31", "2024-03-31T22:00:00Z", "open"],
    ["2024-10-27", "2024-10-27T22:59:59Z", "accepted"],
    ["2024-10-27", "2024-10-27T23:00:00Z", "open"],
  ])(
    "ends the summer-time day %s by Amsterdam's clock: accepted at %s it is %s",
    (asOf, acceptedAt, status) => {
      const offer = parseOffer(rawOffer({ acceptedAt, expiresAt: "2025-01-01" }), calendar);
      expect(judgeOffer(offer, on(asOf)).status).toBe(status);
    },
  );

  it("says whether both decisions count", () => {
    const both = parseOffer(
      rawOffer({ acceptedAt: noon("2024-05-10"), rejectedAt: noon("2024-05-14") }),
      calendar,
    );
    expect(judgeOffer(both, on("2024-05-14")).bothDecided).toBe(true);
    expect(judgeOffer(both, on("2024-05-13")).bothDecided).toBe(false);
  });

  it.each([false, 0, "", [], "null", "0000-00-00 00:00:00"])(
    "does not count %j as a second decision beside an acceptance",
    (none) => {
      const offer = parseOffer(rawOffer({ acceptedAt: noon("2024-05-10"), rejectedAt: none }), calendar);
      expect(judgeOffer(offer, on("2024-05-14"))).toMatchObject({ status: "accepted", bothDecided: false });
    },
  );
});

describe("findLaterRemark", () => {
  it.each([
    ["created later, of no issue date", { createdAt: noon("2024-05-02"), issuedAt: null }, "createdLater"],
    [
      "created later, of an unreadable issue date",
      { createdAt: noon("2024-05-02"), issuedAt: "?" },
      "createdLater",
    ],
    ["issued later, of an unreadable creation", { createdAt: "?", issuedAt: "2024-05-02" }, "issuedLater"],
    ["created on that day, of no issue date", { createdAt: noon("2024-05-01"), issuedAt: null }, null],
    ["issued on that day, of no creation", { createdAt: null, issuedAt: "2024-05-01" }, null],
    ["created later, but issued before", { createdAt: noon("2024-05-02"), issuedAt: "2024-05-01" }, null],
    ["of neither date", { createdAt: null, issuedAt: null }, null],
  ])("of an offer %s", (_title, changes, remark) => {
    const offer = parseOffer(rawOffer(changes), calendar);
    expect(findLaterRemark(offer, on("2024-05-01"))).toBe(remark);
    expect(isKnownOffer(offer, on("2024-05-01"))).toBe(true);
  });
});

describe("isKnownOffer", () => {
  const asOf = on("2024-05-01");

  it.each([
    ["created and issued later", { createdAt: noon("2024-05-02"), issuedAt: "2024-05-02" }, false],
    ["created later, but issued before", { createdAt: noon("2024-05-02"), issuedAt: "2024-05-01" }, true],
    ["issued later, but created before", { createdAt: noon("2024-05-01"), issuedAt: "2024-05-02" }, true],
    ["created and issued on that day", { createdAt: noon("2024-05-01"), issuedAt: "2024-05-01" }, true],
    ["of an unreadable creation", { createdAt: "?", issuedAt: "2024-05-02" }, true],
    ["of no issue date", { createdAt: noon("2024-05-02"), issuedAt: null }, true],
  ])("an offer %s: %s", (_title, changes, known) => {
    expect(isKnownOffer(parseOffer(rawOffer(changes), calendar), asOf)).toBe(known);
  });

  it("takes the day of creation from Amsterdam's calendar", () => {
    const offer = parseOffer(
      rawOffer({ createdAt: "2024-05-01T22:30:00Z", issuedAt: "2024-05-02" }),
      calendar,
    );
    expect(isKnownOffer(offer, asOf)).toBe(false);
  });
});
