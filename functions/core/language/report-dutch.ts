import { minDecided } from "../figures/shown-conversion.ts";
import { expiringSoonDays, recentlyExpiredDays } from "../offer/offer-status.ts";
import { columnHeadings } from "./column-headings.ts";
import { formatMaxCellLength, type Locale } from "./locale.ts";

export const dutchLocale: Locale = {
  language: "nl",
  fileName: {
    start: "offertes",
    from: "van",
    to: "tm",
    withoutNames: "zonder-namen",
    evidence: "met-ip-adressen",
    machine: "voor-programmas",
    countColumns: (columns) => (columns === 1 ? "1-kolom" : `${columns}-kolommen`),
  },
  sheetName: "Offertes",
  headings: columnHeadings.nl,
  fields: { id: "Offerte-id", acceptedAt: "Geaccepteerd op", rejectedAt: "Afgewezen op" },
  statuses: { open: "open", accepted: "geaccepteerd", rejected: "afgewezen", expired: "verlopen" },
  yes: "ja",
  no: "nee",
  dayPattern: "dd-mm-yyyy",
  momentPattern: "dd-mm-yyyy hh:mm:ss",
  decimalMark: ",",
  delimiter: ";",
  describeRemark(remark) {
    switch (remark.code) {
      case "missing":
        return `${remark.field} ontbreekt`;
      case "unreadable":
        return `${remark.field} is onleesbaar: "${remark.text}"`;
      case "placeholder":
        return `${remark.field} telt als leeg: "${remark.text}"`;
      case "noOffset":
        return `${remark.field} heeft geen tijdzone; die van het rapport is aangehouden: "${remark.text}"`;
      case "notAnOffer":
        return `het portaal gaf hier geen offerte: "${remark.text}"`;
      case "bothDecided":
        return "zowel geaccepteerd als afgewezen; het laatste besluit telt";
      case "createdLater":
        return "aangemaakt na de peildatum, maar telt mee omdat er geen bruikbare offertedatum is";
      case "issuedLater":
        return "uitgebracht na de peildatum, maar telt mee omdat niet bekend is wanneer de offerte is aangemaakt";
      case "periodUnknown":
        return "telt mee in elke periode, omdat er geen bruikbare offertedatum is";
      case "textCut":
        return `${remark.field} is afgekapt op ${formatMaxCellLength("nl")} tekens, omdat er niet meer in een cel past`;
      case "amountTooPrecise":
        return "het bedrag heeft meer cijfers dan een spreadsheet aankan en staat er daarom als tekst";
    }
  },
  countRemarks(code, count) {
    const offers = count === 1 ? "1 offerte" : `${count} offertes`;
    const counts = count === 1 ? "telt" : "tellen";
    switch (code) {
      case "missing":
        return `${offers}: een veld ontbreekt`;
      case "unreadable":
        return `${offers}: een datum of bedrag is onleesbaar`;
      case "placeholder":
        return `${offers}: een datum telt als leeg, zoals 0000-00-00`;
      case "noOffset":
        return `${offers}: een tijdstip heeft geen tijdzone; die van het rapport is aangehouden`;
      case "notAnOffer":
        return `${offers}: het portaal gaf iets anders dan een offerte`;
      case "bothDecided":
        return `${offers}: zowel geaccepteerd als afgewezen; het laatste besluit telt`;
      case "createdLater":
        return `${offers}: aangemaakt na de peildatum, maar ${counts} mee omdat er geen bruikbare offertedatum is`;
      case "issuedLater":
        return `${offers}: uitgebracht na de peildatum, maar ${counts} mee omdat niet bekend is wanneer ze ${count === 1 ? "is" : "zijn"} aangemaakt`;
      case "periodUnknown":
        return `${offers}: ${counts} mee in elke periode, omdat er geen bruikbare offertedatum is`;
      case "textCut":
        return `${offers}: een tekst is afgekapt op ${formatMaxCellLength("nl")} tekens, omdat er niet meer in een cel past`;
      case "amountTooPrecise":
        return `${offers}: het bedrag heeft meer cijfers dan een spreadsheet aankan en staat er daarom als tekst`;
    }
  },
  pastState:
    "Wat na de peildatum is verwijderd of gewijzigd, is niet terug te halen: verwijderde offertes ontbreken, en gewijzigde staan er met de latere gegevens.",
  describeLater: (offers) =>
    offers === 1
      ? "1 offerte is aangemaakt én uitgebracht na de peildatum en staat niet in dit rapport"
      : `${offers} offertes zijn aangemaakt én uitgebracht na de peildatum en staan niet in dit rapport`,
  doubts: {
    restless:
      "De lijst in het portaal veranderde sneller dan ze op te halen is: er kunnen offertes ontbreken.",
    inserted: "Tijdens het ophalen verscheen midden in de lijst een offerte: er kunnen er meer ontbreken.",
    reordered: "Tijdens het ophalen veranderde de volgorde van de lijst: er kunnen offertes ontbreken.",
    twosided: "Aan beide kanten van de lijst kwamen offertes bij: er kunnen offertes ontbreken.",
    doubled:
      "Het portaal gaf offertes dubbel: de volgorde van de lijst is niet te vertrouwen en er kunnen offertes ontbreken.",
    slid: "Tijdens het ophalen is een hele pagina offertes verwijderd: er kunnen offertes ontbreken.",
    nameless: "Het portaal gaf offertes zonder id: dat ze er allemaal zijn, is niet te bewijzen.",
    overlooked:
      "Een offerte van de vorige keer stond niet meer in de lijst maar bestaat nog: er kunnen er meer ontbreken.",
    unsettled:
      "Offertes van de vorige keer staan niet meer in de lijst, en het portaal zei niet of ze nog bestaan: er kunnen offertes ontbreken.",
    miscounted:
      "Een pagina van de lijst bevatte minder offertes dan zou moeten: er kunnen offertes ontbreken.",
  },
  notes: {
    contradicted:
      "Het portaal spreekt zichzelf tegen over waar de lijst eindigt. De export is doorgegaan tot waar geen offertes meer staan.",
  },
  names: {
    troubles: {
      scope:
        "De API-sleutel mist het recht customers.read: klantnamen zijn niet op te halen. Waar geen naam bekend is, staat het klant-id.",
      portal:
        "Het portaal gaf niet alle klantnamen. Waar geen naam bekend is, staat het klant-id; een volgende export vraagt ze opnieuw op.",
    },
    describeUnknown: (customers) =>
      `${countCustomers(customers)}: de naam is nog niet opgehaald, dus staat het klant-id er; een volgende export gaat verder`,
    describeNameless: (customers) =>
      `${countCustomers(customers)}: het portaal heeft er geen naam (meer) van, dus staat het klant-id er`,
  },
  monthPattern: "[$-413]mmmm yyyy",
  pageNumber: "Pagina &P van &N",
  filter: {
    all: "Alle offertes",
    describeStatuses: (names) => `Status: ${names.join(", ")}`,
    issuedFrom: (day) => `Offertedatum vanaf ${day}`,
    issuedTo: (day) => `Offertedatum t/m ${day}`,
    issuedBetween: (from, to) => `Offertedatum ${from} t/m ${to}`,
    leftOut: {
      open: "Open offertes vallen buiten deze selectie.",
      expired: "Verlopen offertes vallen buiten deze selectie.",
    },
  },
  summary: {
    sheetName: "Samenvatting",
    title: "Offertes: samenvatting",
    verdicts: {
      complete: "Volledig",
      uncertain: "Onzeker: er kunnen offertes ontbreken (zie Toelichting)",
    },
    byStatus: "Per status",
    count: "Aantal",
    countShare: "Aandeel aantal",
    value: "Waarde",
    valueShare: "Aandeel waarde",
    total: "Totaal",
    otherCurrencies: "Waarde in andere valuta's",
    currency: "Valuta",
    noCurrency: "zonder valuta",
    decisions: "Conversie en doorlooptijd",
    conversionByCount: "Conversie op aantal",
    conversionByValue: "Conversie op waarde",
    medianDays: "Dagen tot besluit, mediaan",
    meanDays: "Dagen tot besluit, gemiddeld",
    decided: "Aantal besluiten",
    describeUntimed: (decisions) =>
      decisions === 1
        ? "1 besluit zonder bekende duur telt hier niet mee"
        : `${decisions} besluiten zonder bekende duur tellen hier niet mee`,
    conversionFormula: "Conversie = geaccepteerd ÷ (geaccepteerd + afgewezen + verlopen)",
    conversionNeeds:
      "Conversie wordt alleen berekend over een selectie met alle geaccepteerde, afgewezen en verlopen offertes.",
    noneDecided: {
      all: "Op de peildatum was nog geen offerte geaccepteerd, afgewezen of verlopen.",
      selection: "Op de peildatum was in deze selectie geen offerte geaccepteerd, afgewezen of verlopen.",
    },
    fewDecided: (accepted, decided) =>
      `Geaccepteerd: ${accepted} van de ${
        decided === 1
          ? "1 offerte die geaccepteerd, afgewezen of verlopen is"
          : `${decided} offertes die geaccepteerd, afgewezen of verlopen zijn`
      }. Een percentage staat er pas vanaf ${minDecided}.`,
    ageing: "Open offertes naar ouderdom",
    age: "Sinds offertedatum",
    ages: {
      "0-7": "0–7 dagen",
      "8-14": "8–14 dagen",
      "15-30": "15–30 dagen",
      "31-60": "31–60 dagen",
      "61+": "meer dan 60 dagen",
      later: "offertedatum na de peildatum",
      unknown: "zonder leesbare offertedatum",
    },
    customers: "Klanten met de meeste openstaande waarde",
    customer: "Klant",
    unknownCustomer: "onbekend",
    noOpenOffers: { all: "Geen open offertes", selection: "Geen open offertes in deze selectie" },
    monthlyCounts: "Aantal offertes per maand van de offertedatum",
    monthlyValues: "Waarde per maand van de offertedatum",
    month: "Maand",
    outside: { earlier: "eerder", later: "later", unknown: "zonder leesbare datum" },
    describeChart: (heading) =>
      `Staafdiagram: ${heading}, gestapeld per status. De getallen staan in de gelijknamige tabel op dit blad.`,
    describeCurrency: (currency) =>
      `Waarden zijn in ${currency}. Offertes in andere valuta's tellen mee in de aantallen.`,
    describeUnvalued: (offers) =>
      offers === 1
        ? "1 offerte heeft geen leesbaar bedrag: die telt mee in de aantallen, niet in de waarden."
        : `${offers} offertes hebben geen leesbaar bedrag: die tellen mee in de aantallen, niet in de waarden.`,
    describeUndated: (offers) =>
      offers === 1
        ? "1 offerte heeft geen leesbare offertedatum: die telt mee, omdat ze in de periode kan vallen."
        : `${offers} offertes hebben geen leesbare offertedatum: die tellen mee, omdat ze in de periode kunnen vallen.`,
  },
  followUp: {
    sheetName: "Opvolgen",
    title: "Offertes om op te volgen",
    expiring: `Verloopt binnenkort: open en nog hooguit ${expiringSoonDays} dagen geldig`,
    expired: `Verlopen in de ${recentlyExpiredDays} dagen vóór de peildatum`,
    offersPattern: '[=1]0 "offerte";0 "offertes"',
    daysLeft: "Resterende dagen",
    daysSince: "Dagen sinds verlopen",
    unknownAmount: "onbekend",
    none: { all: "Geen offertes", selection: "Geen offertes in deze selectie" },
    cut: (shown, offers) => `Van de ${offers} offertes staan hier de ${shown} met de hoogste waarde.`,
    otherCurrencies: (currency) =>
      `Het totaal telt alle offertes, maar alleen de bedragen in ${currency}; andere valuta's staan onderaan.`,
  },
  changes: {
    sheetName: "Wijzigingen",
    title: "Wijzigingen sinds het vorige rapport",
    asOfBefore: "Vorige peildatum",
    readBefore: "Vorige keer opgehaald tot",
    uncertain:
      "Onzeker: in een van beide rapporten kunnen offertes ontbreken, en daarvoor klopt de vergelijking dan niet",
    totals: "Overzicht van de wijzigingen",
    what: "Wijziging",
    kinds: {
      new: "Nieuw",
      accepted: "Geaccepteerd",
      rejected: "Afgewezen",
      expired: "Verlopen",
      reopened: "Weer open",
      gone: "Verdwenen uit het portaal",
      amount: "Bedrag gewijzigd",
      dates: "Datum gewijzigd",
    },
    was: (heading) => `${heading} was`,
    is: (heading) => `${heading} nu`,
    difference: "Verschil",
    rules: [
      "Vergeleken zijn de offertes die in dit rapport of in het vorige staan, elk op de peildatum van dat rapport.",
      "Een offerte telt bij elke wijziging mee: een nieuwe offerte die al is geaccepteerd, telt bij beide.",
      "De waarde is het huidige bedrag, bij verdwenen offertes het laatst bekende en bij gewijzigde bedragen het verschil.",
    ],
    describeSince: (asOf, completeness) =>
      `Vergeleken met het vorige rapport met dezelfde opties, met peildatum ${asOf}: zie Wijzigingen.${
        completeness === "complete"
          ? ""
          : " Dat rapport was onzeker: wat daarin ontbrak, staat hier als nieuw."
      }`,
    none: {
      first: "Niet vergeleken: er is geen eerder rapport met dezelfde opties.",
      gone: "Niet vergeleken: de gegevens van het vorige rapport worden niet meer bewaard.",
    },
  },
  customers: {
    sheetName: "Klanten",
    title: "Offertes per klant",
    customers: "Aantal klanten",
    countOf: (status) => `Aantal ${status}`,
    valueOf: (status) => `Waarde ${status}`,
    all: "totaal",
    lastOffer: "Laatste offerte",
    rest: (customers) => (customers === 1 ? "1 andere klant" : `${customers} andere klanten`),
    cut: (shown, customers) =>
      `Hier staan de ${shown} klanten met de meeste openstaande waarde van ${customers} klanten; de andere staan samen in één regel.`,
    cutByOffers: (shown, customers) =>
      `Hier staan de ${shown} klanten met de meeste offertes van ${customers} klanten; de andere staan samen in één regel.`,
    conversionMinimum: `Een conversie staat er pas vanaf ${minDecided} offertes die geaccepteerd, afgewezen of verlopen zijn.`,
  },
  mail: {
    offersOf: (days) => `Offertes ${days}`,
    allOffers: (asOf) => `Alle offertes per ${asOf}`,
    quarter: (number, year) => `${number}e kwartaal ${year}`,
    from: (day) => `vanaf ${day}`,
    to: (day) => `t/m ${day}`,
    between: (from, to) => `${from} t/m ${to}`,
    countOffers: (offers, written) => (offers === 1 ? "1 offerte" : `${written} offertes`),
    noOffers: "geen offertes",
    uncertain: "onzeker",
    ready: (offers) => `Het rapport staat klaar: ${offers}.`,
    countAndSum: (offers, counted, sums) =>
      offers === 1 ? `${counted}, ${sums}` : `${counted}, samen ${sums}`,
    uncertainVerdict: "Onzeker: er kunnen offertes ontbreken",
    download: { xlsx: "Download het Excel-bestand", csv: "Download het CSV-bestand" },
    worksUntil: (moment) => `De link werkt tot ${moment}.`,
    bearer: "Wie de link heeft, heeft het bestand. Stuur deze mail alleen door aan wie het mag zien.",
    evidence: "In het bestand staan IP-adressen: persoonsgegevens.",
    expiring: `Verloopt binnen ${expiringSoonDays} dagen`,
    describeExpiring: (offers, worth) =>
      `${worth}, ${offers === 1 ? "is" : "zijn"} na de peildatum nog hooguit ${expiringSoonDays} dagen geldig.`,
    noneExpiring: {
      all: `Geen open offerte verloopt binnen ${expiringSoonDays} dagen na de peildatum.`,
      selection: `Geen open offerte in deze selectie verloopt binnen ${expiringSoonDays} dagen na de peildatum.`,
    },
    inSelection: (text) => `In deze selectie: ${text}`,
    customerAndNumber: "Klant en offertenummer",
    validThrough: (day) => `geldig t/m ${day}`,
    moreOffers: (more, written) =>
      more === 1 ? "Nog 1 andere staat in het rapport." : `Nog ${written} andere staan in het rapport.`,
    moreRemarks: (more) => (more === 1 ? "en nog 1 opmerking" : `en nog ${more} opmerkingen`),
    moreCurrencies: (more) => (more === 1 ? "1 andere valuta" : `${more} andere valuta's`),
    comparedWith: (asOf, readUntil) =>
      `Vergeleken met het rapport met peildatum ${asOf}, opgehaald op ${readUntil}.`,
    unchanged: {
      all: "Sindsdien is er niets gewijzigd.",
      selection: "Sindsdien is er in deze selectie niets gewijzigd.",
    },
    describeTimes: (zone) => `Tijden zijn in de tijdzone ${zone}. Bedragen zijn afgerond op centen.`,
    scheduled: (schedule) => `Gemaakt volgens het schema ${schedule}.`,
    nextMail: {
      changed: {
        all: "De volgende mail komt pas als er iets is gewijzigd.",
        selection: "De volgende mail komt pas als er in de selectie iets is gewijzigd.",
      },
      expiring: {
        all: `De volgende mail komt pas als een open offerte binnen ${expiringSoonDays} dagen verloopt.`,
        selection: `De volgende mail komt pas als een open offerte in de selectie binnen ${expiringSoonDays} dagen verloopt.`,
      },
    },
  },
  about: {
    sheetName: "Toelichting",
    labels: {
      asOf: "Peildatum",
      zone: "Tijdzone",
      selection: "Selectie",
      startedAt: "Opgehaald van",
      finishedAt: "Opgehaald tot",
      offers: "Offertes in het portaal",
      rows: "Daarvan in dit bestand",
      pages: "Pagina's in het portaal",
      requests: "Verzoeken voor offertes",
      nameRequests: "Verzoeken voor klantnamen",
      method: "Wijze van ophalen",
      requestsSaved: "Bespaarde verzoeken",
      completeness: "Volledigheid",
      promise: "Wat volledig betekent",
      assumption: "Aanname",
      remark: "Opmerking",
      changes: "Wijzigingen",
      vat: "Btw",
      rowsSha256: "SHA-256 van de rijen",
      hashed: "Waarover de hash gaat",
      version: "Gemaakt met",
      statuses: "Hoe de status wordt bepaald",
      columns: "Wat de kolommen betekenen",
    },
    describeZone: (zone) => `${zone} (geldt voor alle tijden in dit bestand)`,
    methods: {
      full: "Alles opgehaald: elke offerte is tussen de momenten hierboven opgehaald.",
      refresh:
        "Bijgewerkt: tussen de momenten hierboven zijn de offertes opgehaald die nieuw of verwijderd kunnen zijn of " +
        "waarover nog kan worden besloten, en een deel van de rest. De overige offertes staan hier zoals ze het laatst " +
        "zijn opgehaald; hieronder staat wanneer.",
    },
    reused:
      "Deze gegevens waren er al toen dit bestand werd aangevraagd. Daarom zijn er voor dit bestand geen offertes " +
      "opgehaald: de verzoeken voor offertes zijn eerder gedaan.",
    describeReading: (from, to) =>
      to === null ? `Offertes opgehaald op ${from}` : `Offertes opgehaald van ${from} t/m ${to}`,
    verdicts: {
      complete: "Volledig, mits de aannames hieronder kloppen.",
      uncertain:
        "Onzeker: dat dit bestand volledig is, valt niet te bewijzen. De opmerkingen hieronder zeggen waarom.",
    },
    promise:
      "Elke offerte die tijdens het hele ophalen bestond en aan de gekozen opties voldoet, staat precies één keer in " +
      "dit bestand. Elke offerte in dit bestand heeft op enig moment tijdens het ophalen bestaan.",
    assumptions: [
      "Offertes die blijven bestaan, houden hun volgorde in de lijst van het portaal.",
      "Nieuwe offertes komen er aan één kant van die lijst bij.",
      "Tussen twee keer ophalen wordt geen offerte gemaakt en weer verwijderd.",
    ],
    noRemarks: "Geen",
    nameOffers: (named, more) => `(${named.join(", ")}${more > 0 ? ` en nog ${more}` : ""})`,
    vat:
      "Het portaal geeft per offerte één bedrag en zegt niet of dat inclusief of exclusief btw is. Alle bedragen en " +
      "waarden in dit bestand zijn die bedragen: er is geen btw bijgeteld of afgetrokken.",
    hashed:
      "Per rij, in de volgorde van dit bestand (nieuwste offerte eerst), één regel JSON (UTF-8, met regeleinde LF) " +
      "met negen teksten zoals de machineleesbare CSV ze geeft: offerNumber, offerId, customerId, issuedAt, " +
      "expiresAt, status, decidedAt, currency en amount. De hash is in elke taal en elk bestandsformaat dezelfde.",
    asOfRule:
      "De status is die aan het einde van de peildatum. Latere besluiten tellen niet mee, en offertes die later " +
      "zijn aangemaakt én uitgebracht, staan niet in dit bestand.",
    statusRules: {
      accepted: "Er is een acceptatie. Is er ook een afwijzing, dan telt het laatste besluit.",
      rejected: "Er is een afwijzing, en geen acceptatie op hetzelfde moment of later.",
      expired: "Er is geen besluit, en de laatste geldige dag ligt vóór de peildatum.",
      open: "Er is geen besluit, en de offerte is op de peildatum nog geldig of heeft geen leesbare einddatum.",
    },
    meanings: {
      offerNumber: "Het nummer van de offerte, zoals het portaal het geeft.",
      offerId: "Het kenmerk waarmee het portaal de offerte herkent.",
      customerId: "Het kenmerk waarmee het portaal de klant herkent.",
      customerName: "De naam van de klant; waar die niet bekend is, het klant-id.",
      issuedAt: "De datum op de offerte.",
      expiresAt: "De laatste dag waarop de offerte geldig is.",
      status: "Open, geaccepteerd, afgewezen of verlopen op de peildatum; zie hierboven.",
      decidedAt: "Het moment van acceptatie of afwijzing.",
      daysToDecision: "Kalenderdagen van offertedatum tot besluit.",
      daysOpen: "Kalenderdagen van offertedatum tot peildatum; alleen bij open offertes.",
      daysUntilExpiry: "Kalenderdagen van peildatum tot de laatste geldige dag; alleen bij open offertes.",
      expiringSoon: `Of een open offerte nog hooguit ${expiringSoonDays} dagen geldig is.`,
      acceptedLate: "Of de acceptatie na de laatste geldige dag kwam.",
      currency: "De valuta van het bedrag.",
      amount: "Het bedrag van de offerte, exact zoals het portaal het geeft; zie Btw hierboven.",
      signed: "Of het portaal een handtekening bij de offerte bewaart.",
      createdAt: "Het moment waarop de offerte in het portaal is aangemaakt.",
      acceptedViaIp: "Het IP-adres waarvandaan is geaccepteerd: een persoonsgegeven.",
      acceptedViaUserAgent: "De browser waarmee is geaccepteerd: een persoonsgegeven.",
      remarks: "Wat er aan deze offerte opvalt.",
    },
  },
};

function countCustomers(count: number): string {
  return count === 1 ? "1 klant" : `${count} klanten`;
}
