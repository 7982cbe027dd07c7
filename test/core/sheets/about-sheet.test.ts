import { describe, expect, it } from "vitest";
import type { Language } from "../../../functions/core/basics/languages.ts";
import { version } from "../../../functions/core/settings/setting-defaults.ts";
import { locales } from "../../../functions/core/language/locales.ts";
import { type AboutFacts, describeAboutSheet } from "../../../functions/core/sheets/about-sheet.ts";
import { buildAboutFacts } from "../../support/report-fixtures.ts";

function describeIn(language: Language, given: Partial<AboutFacts> = {}) {
  return describeAboutSheet(buildAboutFacts(given), locales[language]).map(({ label, cell }) => [
    label,
    cell,
  ]);
}

function textOf(text: string) {
  return { type: "text", text };
}

describe("describeAboutSheet", () => {
  it("describes a complete report in Dutch", () => {
    expect(describeIn("nl")).toEqual([
      ["Peildatum", { type: "day", day: 20_000 }],
      ["Tijdzone", textOf("Europe/Amsterdam (geldt voor alle tijden in dit bestand)")],
      ["Selectie", textOf("Alle offertes")],
      ["Opgehaald van", { type: "moment", moment: Date.UTC(2026, 2, 29, 0, 59, 59, 900) }],
      ["Opgehaald tot", { type: "moment", moment: Date.UTC(2026, 2, 29, 1, 0, 7) }],
      ["Offertes in het portaal", { type: "integer", integer: 347 }],
      ["Daarvan in dit bestand", { type: "integer", integer: 200 }],
      ["Pagina's in het portaal", { type: "integer", integer: 24 }],
      ["Verzoeken voor offertes", { type: "integer", integer: 33 }],
      [
        "Wijze van ophalen",
        textOf("Alles opgehaald: elke offerte is tussen de momenten hierboven opgehaald."),
      ],
      ["Volledigheid", textOf("Volledig, mits de aannames hieronder kloppen.")],
      ["Wat volledig betekent", textOf(locales.nl.about.promise)],
      ["Aanname", textOf("Offertes die blijven bestaan, houden hun volgorde in de lijst van het portaal.")],
      ["Aanname", textOf("Nieuwe offertes komen er aan één kant van die lijst bij.")],
      ["Aanname", textOf("Tussen twee keer ophalen wordt geen offerte gemaakt en weer verwijderd.")],
      ["Opmerking", textOf("Geen")],
      ["Wijzigingen", textOf("Niet vergeleken: er is geen eerder rapport met dezelfde opties.")],
      ["Btw", textOf(locales.nl.about.vat)],
      ["SHA-256 van de rijen", textOf(buildAboutFacts().rowsSha256)],
      ["Waarover de hash gaat", textOf(locales.nl.about.hashed)],
      ["Gemaakt met", textOf(`offer-export ${version}`)],
      ["Hoe de status wordt bepaald", { type: "empty" }],
      ["Peildatum", textOf(locales.nl.about.asOfRule)],
      ["open", textOf(locales.nl.about.statusRules.open)],
      ["geaccepteerd", textOf(locales.nl.about.statusRules.accepted)],
      ["afgewezen", textOf(locales.nl.about.statusRules.rejected)],
      ["verlopen", textOf(locales.nl.about.statusRules.expired)],
      ["Wat de kolommen betekenen", { type: "empty" }],
      ["Offertenummer", textOf("Het nummer van de offerte, zoals het portaal het geeft.")],
      ["Status", textOf("Open, geaccepteerd, afgewezen of verlopen op de peildatum; zie hierboven.")],
    ]);
  });

  it("describes a complete report in English", () => {
    expect(describeIn("en")).toEqual([
      ["As of", { type: "day", day: 20_000 }],
      ["Time zone", textOf("Europe/Amsterdam (holds for all times in this file)")],
      ["Selection", textOf("Alle offertes")],
      ["Portal read from", { type: "moment", moment: Date.UTC(2026, 2, 29, 0, 59, 59, 900) }],
      ["Portal read until", { type: "moment", moment: Date.UTC(2026, 2, 29, 1, 0, 7) }],
      ["Offers in the portal", { type: "integer", integer: 347 }],
      ["Of these in this file", { type: "integer", integer: 200 }],
      ["Pages in the portal", { type: "integer", integer: 24 }],
      ["Requests for offers", { type: "integer", integer: 33 }],
      ["How the portal was read", textOf("In full: every offer was read between the moments above.")],
      ["Completeness", textOf("Complete, provided that the assumptions below hold.")],
      ["What complete means", textOf(locales.en.about.promise)],
      ["Assumption", textOf("Offers that stay keep their order in the portal's list.")],
      ["Assumption", textOf("New offers enter at one end of that list.")],
      ["Assumption", textOf("No offer is made and deleted again between two looks.")],
      ["Remark", textOf("None")],
      ["Changes", textOf("Not compared: there is no earlier report of the same options.")],
      ["VAT", textOf(locales.en.about.vat)],
      ["SHA-256 of the rows", textOf(buildAboutFacts().rowsSha256)],
      ["What it is taken over", textOf(locales.en.about.hashed)],
      ["Made with", textOf(`offer-export ${version}`)],
      ["How the status is decided", { type: "empty" }],
      ["As of", textOf(locales.en.about.asOfRule)],
      ["open", textOf(locales.en.about.statusRules.open)],
      ["accepted", textOf(locales.en.about.statusRules.accepted)],
      ["rejected", textOf(locales.en.about.statusRules.rejected)],
      ["expired", textOf(locales.en.about.statusRules.expired)],
      ["What the columns mean", { type: "empty" }],
      ["Offer number", textOf("The offer's number, as the portal gives it.")],
      ["Status", textOf("Open, accepted, rejected or expired on the as-of date; see above.")],
    ]);
  });

  it.each([
    ["nl", "Volledigheid", "Onzeker: ", "Opmerking"],
    ["en", "Completeness", "Uncertain: ", "Remark"],
  ] as const)(
    "says in %s that a report is uncertain, and then every remark",
    (language, label, verdict, remark) => {
      const remarks = [locales[language].doubts.restless, locales[language].pastState];
      const lines = describeIn(language, { completeness: "uncertain", remarks });
      expect(lines.find(([found]) => found === label)).toEqual([
        label,
        { type: "text", text: expect.stringContaining(verdict) },
      ]);
      const found = lines.filter(([name]) => name === remark);
      expect(found).toEqual(remarks.map((text) => [remark, textOf(text)]));
    },
  );
});
