import { describe, expect, it } from "vitest";
import type { ExportResult } from "../../../functions/core/export/export-state.ts";
import { fortyOffers } from "../../fixtures/forty.ts";
import { composeMailOf } from "../../support/mail-fixtures.ts";

const asOf = "2026-06-30";

function subjectOf(options: Record<string, unknown>, result: Partial<ExportResult> = {}): string {
  return composeMailOf(fortyOffers, asOf, { options, result }).subject;
}

describe("the subject", () => {
  it.each([
    [{}, "Alle offertes per 30 juni 2026: 14 open, € 11.801"],
    [{ period: "this-month" }, "Offertes juni 2026: 9 open, € 5.191"],
    [{ period: "2026-05" }, "Offertes mei 2026: 4 open, € 1.630"],
    [{ issuedFrom: "2026-05-01", issuedTo: "2026-05-31" }, "Offertes mei 2026: 4 open, € 1.630"],
    [{ issuedFrom: "2026-04-01", issuedTo: "2026-06-30" }, "Offertes 2e kwartaal 2026: 13 open, € 11.781"],
    [{ period: "2026" }, "Offertes 2026: 13 open, € 11.781"],
    [{ issuedFrom: "2026-05-02" }, "Offertes vanaf 2 mei 2026: 11 open, € 6.171"],
    [{ issuedTo: "2026-05-02" }, "Offertes t/m 2 mei 2026: 4 open, € 5.670"],
    [
      { issuedFrom: "2026-05-01", issuedTo: "2026-06-30" },
      "Offertes 1 mei 2026 t/m 30 juni 2026: 12 open, € 6.781",
    ],
    [{ status: ["open", "expired"] }, "Alle offertes per 30 juni 2026 (open, verlopen): 14 open, € 11.801"],
    [{ status: ["accepted"] }, "Alle offertes per 30 juni 2026 (geaccepteerd): 12 offertes, € 10.001"],
    [{ period: "2019" }, "Offertes 2019: 1 open, € 40"],
    [{ period: "2019", status: ["rejected"] }, "Offertes 2019 (afgewezen): geen offertes"],
    [{ period: "this-month", language: "en" }, "Offers June 2026: 9 open, €5,191"],
    [
      { issuedFrom: "2026-04-01", issuedTo: "2026-06-30", language: "en" },
      "Offers Q2 2026: 13 open, €11,781",
    ],
    [{ issuedFrom: "2026-05-02", language: "en" }, "Offers from 2 May 2026: 11 open, €6,171"],
  ])("of %j names the offers, their number and their value", (options, subject) => {
    expect(subjectOf(options)).toBe(subject);
  });

  it("counts the offers of a report without figures", () => {
    expect(subjectOf({}, { figures: null })).toBe("Alle offertes per 30 juni 2026: 14 open");
  });
});
