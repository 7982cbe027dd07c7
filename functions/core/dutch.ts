import type { Locale } from "./locale.ts";

export const dutch: Locale = {
  language: "nl",
  fileName: "offertes",
  sheetName: "Offertes",
  headings: {
    offerNumber: "Offertenummer",
    offerId: "Offerte-id",
    customerId: "Klant-id",
    customerName: "Klant",
    issuedAt: "Offertedatum",
    expiresAt: "Geldig t/m",
    status: "Status",
    decidedAt: "Besloten op",
    daysToDecision: "Dagen tot besluit",
    daysOpen: "Dagen open",
    daysUntilExpiry: "Dagen geldig",
    expiringSoon: "Verloopt binnenkort",
    acceptedLate: "Te laat geaccepteerd",
    currency: "Valuta",
    amount: "Bedrag",
    signed: "Ondertekend",
    createdAt: "Aangemaakt op",
    acceptedViaIp: "Geaccepteerd via IP-adres",
    acceptedViaUserAgent: "Geaccepteerd via browser",
    remarks: "Opmerkingen",
  },
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
      case "notAnOffer":
        return `geen offerte: "${remark.text}"`;
      case "bothDecided":
        return "zowel geaccepteerd als afgewezen; het laatste besluit telt";
      case "periodUnknown":
        return "zonder bruikbare offertedatum valt niet te zeggen of deze in de periode hoort";
      case "textCut":
        return `${remark.field} is afgekapt op 32.767 tekens`;
      case "amountTooPrecise":
        return "het bedrag heeft meer cijfers dan een spreadsheet kan rekenen en staat er als tekst";
    }
  },
  countRemarks(code, count) {
    const offers = count === 1 ? "1 offerte" : `${count} offertes`;
    switch (code) {
      case "missing":
        return `${offers}: een veld ontbreekt`;
      case "unreadable":
        return `${offers}: een datum of bedrag is onleesbaar`;
      case "notAnOffer":
        return `${offers}: de portal gaf iets anders dan een offerte`;
      case "bothDecided":
        return `${offers}: zowel geaccepteerd als afgewezen; het laatste besluit telt`;
      case "periodUnknown":
        return `${offers}: zonder bruikbare offertedatum, dus behouden in de periode`;
      case "textCut":
        return `${offers}: een tekst is afgekapt op 32.767 tekens`;
      case "amountTooPrecise":
        return `${offers}: het bedrag staat er als tekst, het heeft te veel cijfers`;
    }
  },
  pastState: "Wat sinds die dag is verwijderd of gewijzigd, is niet terug te halen.",
  doubts: {
    restless: "De portal veranderde sneller dan die te lezen is: er kunnen offertes ontbreken.",
    inserted: "Tijdens het lezen verscheen midden in de lijst een offerte: er kunnen er meer ontbreken.",
    reordered: "Tijdens het lezen veranderde de volgorde van de lijst: er kunnen offertes ontbreken.",
    twosided: "Aan beide einden van de lijst kwamen offertes bij: er kunnen offertes ontbreken.",
    doubled:
      "De portal gaf offertes dubbel: de volgorde van de lijst is niet te vertrouwen, er kunnen offertes ontbreken.",
    slid: "Tijdens het lezen is een hele pagina offertes verwijderd: er kunnen offertes ontbreken.",
    nameless: "De portal gaf offertes zonder id: dat ze er allemaal zijn, is niet te bewijzen.",
    overlooked:
      "Een offerte van de vorige keer stond niet meer in de lijst maar bestaat nog: er kunnen er meer ontbreken.",
  },
  about: {
    sheetName: "Toelichting",
    labels: {
      asOf: "Peildatum",
      zone: "Tijdzone",
      startedAt: "Portal gelezen van",
      finishedAt: "Portal gelezen tot",
      offers: "Offertes in de portal",
      rows: "Daarvan in dit bestand",
      pages: "Gelezen pagina's",
      requests: "Verzoeken aan de portal",
      completeness: "Volledigheid",
      promise: "Wat volledig betekent",
      assumption: "Aanname",
      remark: "Opmerking",
    },
    describeZone: (zone) => `${zone} (geldt voor alle tijden in dit bestand)`,
    verdicts: {
      complete: "Volledig, mits de aannames hieronder kloppen.",
      uncertain:
        "Onzeker: dat dit bestand volledig is, valt niet te bewijzen. De opmerkingen hieronder zeggen waarom.",
    },
    promise:
      "Elke offerte die van het eerste tot en met het laatste verzoek aan de portal bestond en aan de gekozen opties " +
      "voldoet, staat precies één keer in dit bestand. Elke offerte in dit bestand heeft op enig moment daartussen " +
      "bestaan.",
    assumptions: [
      "Offertes die blijven bestaan, houden hun volgorde in de lijst van de portal.",
      "Nieuwe offertes komen er aan één kant van die lijst bij.",
      "Geen offerte wordt tussen twee keer kijken gemaakt en weer verwijderd.",
    ],
    noRemarks: "Geen",
  },
};
