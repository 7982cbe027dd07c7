import { describe, expect, it } from "vitest";
import { anomalies, notes } from "../../../functions/core/crawl/crawl-state.ts";
import { describeRemarks, type Locale } from "../../../functions/core/language/locale.ts";
import { locales } from "../../../functions/core/language/locales.ts";
import type { RemarkCode } from "../../../functions/core/offer/offer.ts";

const codes = Object.keys({
  missing: true,
  unreadable: true,
  placeholder: true,
  noOffset: true,
  notAnOffer: true,
  bothDecided: true,
  createdLater: true,
  issuedLater: true,
  periodUnknown: true,
  textCut: true,
  amountTooPrecise: true,
} satisfies Record<RemarkCode, true>);

function isCode(name: string): name is RemarkCode {
  return codes.includes(name);
}

/** Lists the remarks that a report of this language may have, about very many offers or customers. */
function listReportRemarks(locale: Locale): string[] {
  const { doubts, names } = locale;
  return [
    ...codes.filter(isCode).map((code) => locale.countRemarks(code, 9_999_999)),
    ...anomalies.map((anomaly) => doubts[anomaly]),
    ...notes.map((note) => locale.notes[note]),
    locale.pastState,
    locale.describeLater(9_999_999),
    ...Object.values(names.troubles),
    names.describeUnknown(9_999_999),
    names.describeNameless(9_999_999),
  ];
}

describe.each(Object.values(locales))("the remarks of a report ($language)", (locale) => {
  it("are short enough to stand in a mail as they are", () => {
    expect(listReportRemarks(locale).filter(({ length }) => length >= 160)).toEqual([]);
  });
});

describe("the remark on an offer without a usable issue date", () => {
  it.each([
    [
      "nl",
      "telt mee in elke periode, omdat er geen bruikbare offertedatum is",
      "1 offerte: telt mee in elke periode, omdat er geen bruikbare offertedatum is",
      "2 offertes: tellen mee in elke periode, omdat er geen bruikbare offertedatum is",
    ],
    [
      "en",
      "included in every period, because it has no usable issue date",
      "1 offer: included in every period, because it has no usable issue date",
      "2 offers: included in every period, because they have no usable issue date",
    ],
  ] as const)("says in %s that a report of any period includes it, and why", (language, row, one, two) => {
    const locale = locales[language];
    expect(describeRemarks([{ code: "periodUnknown" }], locale)).toBe(row);
    expect([1, 2].map((count) => locale.countRemarks("periodUnknown", count))).toEqual([one, two]);
  });
});

describe("the remark on a report of an earlier day", () => {
  it.each([
    ["nl", "Wat na de peildatum is verwijderd of gewijzigd, is niet terug te halen"],
    ["en", "What was deleted or edited after the as-of date cannot be undone"],
  ] as const)("names the day and says in %s how later changes show", (language, start) => {
    expect(locales[language].pastState.startsWith(`${start}: `)).toBe(true);
  });
});
