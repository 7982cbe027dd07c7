import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCalendar } from "../../../functions/core/basics/calendar.ts";
import { mapChangeKinds, type Changes } from "../../../functions/core/changes/change-kinds.ts";
import { ExportState } from "../../../functions/core/export/export-state.ts";
import { composeMail } from "../../../functions/core/mail/compose-mail.ts";
import { fortyAsOf, fortyOffers } from "../../fixtures/forty.ts";
import { sanitizeText } from "../../../functions/core/basics/safe-text.ts";
import {
  dutchCalendar,
  mailLink,
  makeFinishedReport,
  readHtmlElements,
  readHtmlTexts,
  composeMailOf,
} from "../../support/mail-fixtures.ts";
import { rawOffer } from "../../support/offer-fixtures.ts";
import { oddText } from "../../support/odd-text.ts";

const dutch = composeMailOf(fortyOffers, fortyAsOf, { options: { period: "2026" }, schedule: "monthly" });

const soon = { expiresAt: "2026-07-02", issuedAt: "2026-06-20", createdAt: "2026-06-20T09:00:00Z" };
const unchanged = { offers: 0, value: "0.00", rows: [] };

function changesOf(kinds: Partial<Changes["kinds"]>, given: Partial<Changes> = {}): Changes {
  return {
    since: {
      id: "before",
      asOf: "2026-05-31",
      snapshotAt: "2026-06-01T04:00:41.310Z",
      completeness: "complete",
    },
    currency: "EUR",
    kinds: { ...mapChangeKinds(() => unchanged), ...kinds },
    otherCurrencies: [],
    ...given,
  };
}

const known = new Set([...readHtmlElements(dutch.html).map(({ name }) => name), "ul", "li"]);

/** Replaces all white space by ordinary spaces, also the no-break spaces that keep words together. */
function flatten(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}

describe("the mail", () => {
  it("gives in Dutch the totals, the conversion, the expiring offers and the link", () => {
    expect(dutch.subject).toBe("Offertes 2026: 13 open, € 11.781");
    expect(dutch.text).toBe(`Offertes 2026
=============

Het rapport staat klaar: 29 offertes, samen € 26.930,96 en US$ 11.499,00.

Download het Excel-bestand:
https://reports.example/s/permanent?a=1&b=2

offertes.xlsx (44 kB). De link werkt tot 24 december 2026 om 07:00.
Wie de link heeft, heeft het bestand. Stuur deze mail alleen door aan wie het
mag zien.

- Peildatum: 30 juni 2026
- Selectie: Offertedatum 01-01-2026 t/m 31-12-2026
- Opgehaald tot: 30 juni 2026 om 23:30
- Volledigheid: Volledig

Per status
----------

- open: 13 offertes, € 11.780,86 en US$ 9.999,00
- geaccepteerd: 8 offertes, € 8.600,10 en US$ 1.000,00
- afgewezen: 4 offertes, € 1.950,00
- verlopen: 4 offertes, € 4.600,00 en US$ 500,00
- Totaal: 29 offertes, € 26.930,96 en US$ 11.499,00

1 offerte heeft geen leesbare offertedatum: die telt mee, omdat ze in de
periode kan vallen.
1 offerte heeft geen leesbaar bedrag: die telt mee in de aantallen, niet in de
waarden.

Conversie en doorlooptijd
-------------------------

- Conversie op aantal: 50%
- Conversie op waarde (EUR): 56,8%
- Dagen tot besluit, mediaan: 4

Conversie = geaccepteerd ÷ (geaccepteerd + afgewezen + verlopen)

Verloopt binnen 7 dagen
-----------------------
In deze selectie: 3 offertes, samen € 2.950,75 en US$ 9.999,00, zijn na de
peildatum nog hooguit 7 dagen geldig.

- B, O-02: € 2.500,50, geldig t/m 30 jun 2026
- D, O-04: € 450,25, geldig t/m 1 jul 2026
- L, O-12: US$ 9.999,00, geldig t/m 5 jul 2026

-- 
Tijden zijn in de tijdzone Europe/Amsterdam. Bedragen zijn afgerond op centen.
Gemaakt volgens het schema monthly.
`);
  });

  it("mentions personal data only when the file has a column with them", () => {
    const hasNote = (options: Record<string, unknown>) =>
      composeMailOf(fortyOffers, fortyAsOf, { options }).text.includes("IP-adressen");
    expect(hasNote({ evidence: true })).toBe(true);
    expect(hasNote({ evidence: true, columns: ["acceptedViaIp"] })).toBe(true);
    expect(hasNote({ evidence: true, columns: ["amount"] })).toBe(false);
  });

  it("is in English for a report in English", () => {
    const changes = changesOf({ accepted: { offers: 1, value: "500.50", rows: [] } });
    const options = { language: "en", format: "csv", evidence: true };
    const mail = composeMailOf(fortyOffers, fortyAsOf, { options, result: { changes } });
    expect(mail.subject).toBe("All offers as of 30 June 2026: 14 open, €11,801");
    expect(flatten(mail.text)).toBe(
      flatten(`All offers as of 30 June 2026
      =============================
      The report is ready: 40 offers, €30,900.86 and US$11,499.00 together.
      Download the CSV file: https://reports.example/s/permanent?a=1&b=2
      offertes.xlsx (44 kB). The link works until 24 December 2026 at 07:00. Who has the link has the file. Forward
      this mail only to who may see it. The file holds IP addresses: personal data.
      - As of: 30 June 2026
      - Selection: All offers
      - Portal read until: 30 June 2026 at 23:30
      - Completeness: Complete
      By status
      ---------
      - open: 14 offers, €11,800.86 and US$9,999.00
      - accepted: 12 offers, €10,001.00 and US$1,000.00
      - rejected: 6 offers, €2,999.00
      - expired: 8 offers, €6,100.00 and US$500.00
      - Total: 40 offers, €30,900.86 and US$11,499.00
      2 offers have no readable amount: they are included in the counts, not in the values.
      Conversion and time to decision
      -------------------------------
      - Conversion by count: 46.2%
      - Conversion by value (EUR): 52.4%
      - Days to decision, median: 5
      Conversion = accepted ÷ (accepted + rejected + expired)
      Expires within 7 days
      ---------------------
      3 offers, €2,950.75 and US$9,999.00 together, have at most 7 days to go after the as-of date.
      - B, O-02: €2,500.50, valid through 30 Jun 2026
      - D, O-04: €450.25, valid through 1 Jul 2026
      - L, O-12: US$9,999.00, valid through 5 Jul 2026
      Changes since the report before
      -------------------------------
      Compared with the report as of 31 May 2026, read on 1 June 2026 at 06:00.
      - Accepted: 1 offer, €500.50
      An offer counts in every change that it had: a new one that has been accepted counts in both. The value is the
      amount now; of those that are gone the last known, of changed amounts the difference.
      -- Times are those of Europe/Amsterdam. Amounts are rounded to cents.
      `),
    );
  });

  it("has the same content in HTML and in plain text", () => {
    const cells = ["h1", "h2", "p", "th", "td", "li"].flatMap((name) =>
      readHtmlElements(dutch.html)
        .filter((element) => element.name === name && element.attributes["style"] !== undefined)
        .flatMap(({ text }) => text.split("\n")),
    );
    const columns = new Set(["Status", "Aantal", "Waarde", "Klant en offertenummer", "Geldig t/m", "Bedrag"]);
    const text = flatten(dutch.text);
    const texts = cells.map(flatten).filter((cell) => cell.length < 300 && !columns.has(cell));
    expect(texts.filter((cell) => !text.includes(cell))).toEqual([]);
    const html = flatten(readHtmlTexts(dutch.html, "body").join(" "));
    const words = text.replaceAll(/https:\S+|[-=]{2,}/g, " ").match(/[\p{L}\d€$.,/%]+/gu) ?? [];
    const unsaid = words
      .map((word) => word.replace(/[.,:]+$/, ""))
      .filter((word) => !html.includes(word) && !html.includes(word.toLowerCase()));
    expect(unsaid).toEqual([]);
  });

  it("adds up amounts of one currency in any spelling", () => {
    const offers = ["EUR", "eur", "EUR\n"].map((currency) => rawOffer({ currency, amount: "10" }));
    const { text } = composeMailOf(offers, "2024-05-20");
    expect(text.replaceAll("\u00a0", " ")).toContain("€ 30,00");
  });

  it("has one link, to the file", () => {
    const links = readHtmlElements(dutch.html).filter(({ name }) => name === "a");
    expect(links.map(({ attributes, text }) => [attributes["href"], text])).toEqual([
      [mailLink.url, "Download het Excel-bestand"],
    ]);
    expect(dutch.text.split("\n").filter((line) => line.includes("://"))).toEqual([mailLink.url]);
  });

  it("loads nothing, runs nothing, and has no style but inline", () => {
    const names = new Set(readHtmlElements(dutch.html).map(({ name }) => name));
    for (const name of ["img", "script", "style", "link", "iframe", "form", "svg"])
      expect(names).not.toContain(name);
    expect(dutch.html).not.toMatch(/url\(|@import|\son\w+=/i);
    expect(dutch.html.match(/https?:/g)).toHaveLength(1);
  });

  it("declares its language, its direction and its data tables", () => {
    const elements = readHtmlElements(dutch.html);
    const [root] = elements;
    expect(root?.attributes).toEqual({ lang: "nl", dir: "ltr" });
    expect(readHtmlTexts(dutch.html, "title")).toEqual(["Offertes 2026"]);
    const heads = elements.filter(({ name }) => name === "th");
    expect(heads.every(({ attributes }) => ["row", "col"].includes(attributes["scope"] ?? ""))).toBe(true);
    expect(heads.every(({ text }) => text !== "")).toBe(true);
  });

  it("gives times by the report's calendar", () => {
    const state = makeFinishedReport(fortyOffers, fortyAsOf);
    const { text } = composeMail({ state, link: mailLink }, createCalendar("America/New_York"));
    expect(text).toContain("De link werkt tot 24 december 2026 om 01:00.");
    expect(text).toContain("Tijden zijn in de tijdzone America/New_York.");
  });

  it("says when the next mail comes if its schedule does not mail every report", () => {
    const state = makeFinishedReport(fortyOffers, fortyAsOf, { schedule: "weekly" });
    const footerOf = (conditionalMail: ExportState["run"]["conditionalMail"]) => {
      const run = { ...state.run, conditionalMail };
      return composeMail({ state: { ...state, run }, link: mailLink }, dutchCalendar).text;
    };
    expect(footerOf(null)).not.toContain("De volgende mail");
    expect(footerOf({ mailWhen: "changed", recipients: [] })).toContain(
      "De volgende mail komt pas als er iets is gewijzigd.",
    );
    expect(footerOf({ mailWhen: "expiring", recipients: [] })).toContain(
      "De volgende mail komt pas als een open offerte binnen 7 dagen verloopt.",
    );
  });

  it("is not composed for an export without a report", () => {
    const state = makeFinishedReport([], fortyAsOf);
    const failed: ExportState = { ...state, status: "failed", result: null };
    expect(() => composeMail({ state: failed, link: mailLink }, dutchCalendar)).toThrow(RangeError);
  });
});

describe("the section on offers that expire within 7 days", () => {
  const offers = Array.from({ length: 1200 }, (_, index) =>
    rawOffer({ ...soon, offerNumber: `n${index}`, customerId: `k${index}`, amount: `${index}.50` }),
  );

  it("counts all offers, and lists the ten most valuable", () => {
    const later = rawOffer({ ...soon, expiresAt: "2026-07-08", amount: "99999.00", offerNumber: "later" });
    const { text } = composeMailOf([...offers, later], fortyAsOf);
    expect(flatten(text)).toContain("1.200 offertes, samen € 720.000,00, zijn na de peildatum nog hooguit 7");
    const lines = text.split("\n").filter((line) => line.includes("geldig t/m"));
    expect(lines.map((line) => /n\d+/.exec(line)?.[0])).toEqual(
      Array.from({ length: 10 }, (_, index) => `n${1199 - index}`),
    );
    expect(text).toContain("Nog 1.190 andere staan in het rapport.");
  });

  it("says that no offer expires", () => {
    const { text } = composeMailOf([rawOffer({ ...soon, expiresAt: "2026-07-08" })], fortyAsOf);
    expect(text).toContain("Geen open offerte verloopt binnen 7 dagen na de peildatum.");
  });

  it("is missing when the report has no open offers, or is from an earlier version", () => {
    const state = makeFinishedReport(fortyOffers, fortyAsOf);
    const stored: unknown = JSON.parse(
      JSON.stringify(state, (key, value: unknown) => (key === "expiringSoon" ? undefined : value)),
    );
    const old = composeMail({ state: ExportState.parse(stored), link: mailLink }, dutchCalendar);
    const accepted = composeMailOf(fortyOffers, fortyAsOf, { options: { status: ["accepted"] } });
    for (const { text } of [old, accepted]) expect(text).not.toContain("Verloopt");
    expect(old.text).toContain("- open: 14 offertes");
  });
});

describe("the changes section", () => {
  it("gives each kind of change, and the compared report", () => {
    const changes = changesOf(
      {
        new: { offers: 3, value: "1500.00", rows: [] },
        amount: { offers: 1, value: "-12.50", rows: [] },
      },
      {
        otherCurrencies: [
          { currency: "USD", values: mapChangeKinds((kind) => (kind === "new" ? "7.00" : "0.00")) },
        ],
      },
    );
    const { text, html } = composeMailOf(fortyOffers, fortyAsOf, { result: { changes } });
    expect(text).toContain(
      "Vergeleken met het rapport met peildatum 31 mei 2026, opgehaald op 1 juni 2026\nom 06:00.",
    );
    expect(text).toContain(
      "- Nieuw: 3 offertes, € 1.500,00 en US$ 7,00\n- Bedrag gewijzigd: 1 offerte, € -12,50\n",
    );
    expect(readHtmlTexts(html, "td").map(flatten)).toEqual(
      expect.arrayContaining(["€ 1.500,00 US$ 7,00", "€ -12,50"]),
    );
  });

  it("shows a rise with its sign", () => {
    const changes = changesOf({ amount: { offers: 1, value: "12.50", rows: [] } });
    const { text } = composeMailOf(fortyOffers, fortyAsOf, { result: { changes } });
    expect(text).toContain("- Bedrag gewijzigd: 1 offerte, € +12,50\n");
  });

  it("says that nothing changed", () => {
    const { text } = composeMailOf(fortyOffers, fortyAsOf, { result: { changes: changesOf({}) } });
    expect(text).toContain("Sindsdien is er niets gewijzigd.");
  });

  it("is uncertain when either report is", () => {
    const { since } = changesOf({});
    const before = changesOf({}, { since: { ...since, completeness: "uncertain" } });
    for (const result of [
      { changes: before },
      { changes: changesOf({}), completeness: "uncertain" as const },
    ])
      expect(flatten(composeMailOf([], fortyAsOf, { result }).text)).toContain(
        "Onzeker: in een van beide rapporten kunnen offertes ontbreken, en daarvoor klopt de vergelijking dan niet.",
      );
  });

  it("is missing without a previous report", () => {
    expect(dutch.text).not.toContain("Wijzigingen");
  });
});

describe("a mail about an uncertain report", () => {
  const remarks = ["Tijdens het ophalen veranderde de volgorde van de lijst: er kunnen offertes ontbreken."];
  const { subject, text, html } = composeMailOf(fortyOffers, fortyAsOf, {
    result: { completeness: "uncertain", remarks },
  });

  it("says so in its subject and before the link, with the reason", () => {
    expect(subject).toBe("Alle offertes per 30 juni 2026: 14 open, € 11.801 (onzeker)");
    const [before = ""] = text.split("Download");
    expect(flatten(before)).toContain(`Onzeker: er kunnen offertes ontbreken. - ${remarks[0]}`);
    expect(text).toContain("- Volledigheid: Onzeker: er kunnen offertes ontbreken\n");
    expect(readHtmlTexts(html, "li")).toEqual(remarks);
  });

  it("differs from a mail about a complete report with remarks", () => {
    const complete = composeMailOf(fortyOffers, fortyAsOf, { result: { remarks } });
    expect(complete.subject).not.toContain("onzeker");
    expect(complete.text).toContain("- Volledigheid: Volledig\n");
    expect(flatten(complete.text)).toContain(`Opmerkingen ----------- - ${remarks[0]} `);
  });
});

it("a mail about a report without offers says so", () => {
  const { subject, text, html } = composeMailOf([], fortyAsOf, { options: { period: "this-month" } });
  expect(subject).toBe("Offertes juni 2026: geen offertes");
  expect(text).toContain("Het rapport staat klaar: geen offertes.\n");
  expect(text).toContain("- open: 0 offertes, –\n");
  expect(flatten(text)).toContain(
    "Op de peildatum was in deze selectie geen offerte geaccepteerd, afgewezen of verlopen. ",
  );
  expect(readHtmlTexts(html, "h1")).toEqual(["Offertes juni 2026"]);
});

describe("a mail with any texts of the portal", () => {
  const offer = fc.record({
    offerNumber: oddText,
    customerId: oddText,
    currency: fc.oneof(oddText, fc.constant("EUR")),
    amount: fc.oneof(fc.constantFrom("1e999", "-1e-99", "12.50", "0", "op aanvraag"), oddText),
  });

  it("has a subject of one line, plain lines of text, and no foreign markup", () => {
    fc.assert(
      fc.property(offer, fc.array(oddText, { maxLength: 3 }), (given, remarks) => {
        const { subject, text, html } = composeMailOf([rawOffer({ ...soon, ...given })], fortyAsOf, {
          result: { remarks },
        });
        expect(subject).toMatch(/^[^\p{Cc}\p{Zl}\p{Zp}\p{Cs}]{1,120}$/u);
        // Of the bidirectional control characters, only those that isolate a name may occur in the mail.
        for (const part of [subject, text, html])
          expect(part).not.toMatch(/[\u200b\u200e\u200f\u202a-\u202e\u2066\u2067]|(?!\n)\p{Cc}|\p{Cs}/u);
        const elements = readHtmlElements(html);
        expect(elements.filter(({ name }) => !known.has(name))).toEqual([]);
        const customer = sanitizeText(given.customerId, 40) || "onbekend";
        const names = elements
          .filter(({ name }) => name === "th")
          .map((element) => element.text.split("\n")[0]);
        expect(names).toContain(customer);
        expect(readHtmlTexts(html, "li")).toEqual(remarks.map((remark) => sanitizeText(remark, 160)));
      }),
    );
  });

  it("has no link but its own, with any names of customers", () => {
    const names = ["https://evil.example/a", "www.evil.example", "bouwbedrijf.nl", "info@evil.example"];
    for (const customerId of names) {
      const { text, html } = composeMailOf([rawOffer({ ...soon, customerId })], fortyAsOf);
      for (const part of [text, html])
        expect(part.match(/\w\.(example|nl)\b|@\w|:\/\//g)).toEqual(["://", "s.example"]);
    }
  });

  it("shows a visible name, and otherwise the id", () => {
    const { text } = composeMailOf(
      [rawOffer({ ...soon, customerId: "\u202e\u200b ", offerNumber: "" })],
      fortyAsOf,
    );
    expect(text).toContain("- onbekend, off_abc12345def678: ");
  });

  it("stays small enough to be shown completely, in lines that mail allows", () => {
    const long = "<&>\u05d0😀".repeat(8000);
    const offers = Array.from({ length: 400 }, (_, index) =>
      rawOffer({
        ...soon,
        offerNumber: long,
        customerId: `${long}${index}`,
        currency: `${long}${index % 50}`,
        amount: `${index + 1}e990`,
      }),
    );
    const remarks = Array.from({ length: 500 }, () => long);
    const values = mapChangeKinds(() => "9".repeat(2000));
    const changes = changesOf(
      mapChangeKinds(() => ({ offers: 9_999_999, value: "9".repeat(2000), rows: [] })),
      { otherCurrencies: Array.from({ length: 500 }, () => ({ currency: long, values })) },
    );
    const { subject, text, html } = composeMailOf(offers, fortyAsOf, {
      result: { remarks, changes, completeness: "uncertain" },
    });
    // Gmail clips mails over 102 KB.
    expect(Buffer.byteLength(html)).toBeLessThan(100_000);
    expect(Buffer.byteLength(text)).toBeLessThan(50_000);
    expect(subject.length).toBeLessThan(120);
    for (const line of html.split("\n")) expect(Buffer.byteLength(line)).toBeLessThan(998);
  });
});
