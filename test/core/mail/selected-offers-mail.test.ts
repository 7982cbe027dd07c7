import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mapChangeKinds } from "../../../functions/core/changes/change-kinds.ts";
import { composeMail } from "../../../functions/core/mail/compose-mail.ts";
import { statuses } from "../../../functions/core/offer/offer-status.ts";
import { fortyAsOf, fortyOffers } from "../../fixtures/forty.ts";
import { composeMailOf, dutchCalendar, mailLink, makeFinishedReport } from "../../support/mail-fixtures.ts";

/** Returns the text of the mail about the forty offers that the options select, on one line. */
function writeMail(options: Record<string, unknown>, result = {}): string {
  return composeMailOf(fortyOffers, fortyAsOf, { options, result }).text.replaceAll(/\s+/g, " ");
}

const unchanged = {
  since: {
    id: "before",
    asOf: "2026-05-31",
    snapshotAt: "2026-06-01T04:00:41.310Z",
    completeness: "complete" as const,
  },
  currency: "EUR",
  kinds: mapChangeKinds(() => ({ offers: 0, value: "0.00", rows: [] })),
  otherCurrencies: [],
};
const oneNew = { ...unchanged, kinds: { ...unchanged.kinds, new: { offers: 1, value: "5.00", rows: [] } } };

describe("the mail about a period", () => {
  it("counts a few outcomes instead of a percentage", () => {
    const text = writeMail({ period: "2026-02" });
    expect(text).toContain(
      "Geaccepteerd: 2 van de 2 offertes die geaccepteerd, afgewezen of verlopen zijn. Een percentage staat er pas vanaf 5.",
    );
    expect(text).not.toContain("%");
  });

  it("says of this selection that no offer has an outcome and that none expires soon", () => {
    const text = writeMail({ period: "2019" });
    expect(text).toContain(
      "Op de peildatum was in deze selectie geen offerte geaccepteerd, afgewezen of verlopen.",
    );
    expect(text).toContain("Geen open offerte in deze selectie verloopt binnen 7 dagen na de peildatum.");
  });

  it("mentions the offer without a date, which a mail about all offers does not", () => {
    const undated =
      "1 offerte heeft geen leesbare offertedatum: die telt mee, omdat ze in de periode kan vallen.";
    expect(writeMail({ period: "2019" })).toContain(undated);
    expect(writeMail({})).not.toContain("leesbare offertedatum");
  });

  it("says that nothing in this selection changed, and otherwise which offers are compared", () => {
    const period = { period: "2026-05" };
    const compared = "Vergeleken zijn de offertes die in dit rapport of in het vorige staan";
    expect(writeMail(period, { changes: unchanged })).toContain(
      "Sindsdien is er in deze selectie niets gewijzigd.",
    );
    expect(writeMail(period, { changes: oneNew })).toContain(compared);
    expect(writeMail({}, { changes: oneNew })).not.toContain(compared);
  });

  it.each([
    ["changed", "De volgende mail komt pas als er in de selectie iets is gewijzigd."],
    ["expiring", "De volgende mail komt pas als een open offerte in de selectie binnen 7 dagen verloopt."],
  ] as const)("says when the next mail comes for this selection (%s)", (mailWhen, sentence) => {
    const state = makeFinishedReport(fortyOffers, fortyAsOf, { options: { period: "2026" } });
    const run = { ...state.run, conditionalMail: { mailWhen, recipients: [] } };
    const { text } = composeMail({ state: { ...state, run }, link: mailLink }, dutchCalendar);
    expect(text.replaceAll(/\s+/g, " ")).toContain(sentence);
  });
});

describe("the mail about some statuses", () => {
  it("has no section about what the selection leaves out", () => {
    const text = writeMail({ status: ["accepted"] });
    for (const topic of ["Conversie", "Verloopt", "verlopen", "afgewezen", "open"])
      expect(text).not.toContain(topic);
  });

  it("has a conversion when only open offers are left out", () => {
    expect(writeMail({ status: ["accepted", "rejected", "expired"] })).toContain(
      "Conversie op aantal: 46,2%",
    );
  });
});

it("a mail shows a percentage only of at least five offers of all outcomes, and names its selection", () => {
  const periods = [null, "2026", "2026-02", "2026-05", "2026-06", "2024", "2019"];
  const filters = fc.record({
    status: fc.subarray([...statuses], { minLength: 1 }),
    period: fc.constantFrom(...periods),
  });
  fc.assert(
    fc.property(filters, ({ status, period }) => {
      const options = { status, ...(period !== null && { period }) };
      const { result } = makeFinishedReport(fortyOffers, fortyAsOf, { options });
      const counts = result?.statuses ?? { accepted: 0, rejected: 0, expired: 0 };
      const decided = counts.accepted + counts.rejected + counts.expired;
      const hasOutcomes = ["accepted", "rejected", "expired"].every((name) =>
        status.some((given) => given === name),
      );
      const text = writeMail(options);
      expect(text.includes("%")).toBe(hasOutcomes && decided >= 5);
      const isAll = status.length === statuses.length && period === null;
      const hasNone = hasOutcomes && decided === 0;
      expect(text.includes("deze selectie")).toBe(!isAll && (hasNone || status.includes("open")));
    }),
  );
});
