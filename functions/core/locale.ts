import type { ColumnName } from "./column.ts";
import type { Doubt } from "./crawl.ts";
import type { Remark } from "./remark.ts";
import type { Status } from "./status.ts";

export const languages = ["nl", "en"] as const;
export type Language = (typeof languages)[number];

/** The words of one language, and how its Excel writes numbers and dates. */
export type Locale = {
  language: Language;
  /** The start of a report's file name, plain ASCII. */
  fileName: string;
  sheetName: string;
  headings: Record<ColumnName, string>;
  statuses: Record<Status, string>;
  yes: string;
  no: string;
  /** Date patterns in the letters of a spreadsheet's number format. */
  dayPattern: string;
  momentPattern: string;
  decimalMark: "," | ".";
  delimiter: ";" | ",";
  describeRemark: (remark: Remark) => string;
  /** Sums up a kind of remark over the whole report. */
  countRemarks: (code: Remark["code"], count: number) => string;
  /** On a report as of a day in the past. */
  pastState: string;
  /** Why a report may lack offers. */
  doubts: Record<Doubt, string>;
};

const nl: Locale = {
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
    doubled:
      "De portal gaf offertes dubbel: de volgorde van de lijst is niet te vertrouwen, er kunnen offertes ontbreken.",
    slid: "Tijdens het lezen is een hele pagina offertes verwijderd: er kunnen offertes ontbreken.",
    nameless: "De portal gaf offertes zonder id: dat ze er allemaal zijn, is niet te bewijzen.",
  },
};

const en: Locale = {
  language: "en",
  fileName: "offers",
  sheetName: "Offers",
  headings: {
    offerNumber: "Offer number",
    offerId: "Offer ID",
    customerId: "Customer ID",
    customerName: "Customer",
    issuedAt: "Issued on",
    expiresAt: "Valid through",
    status: "Status",
    decidedAt: "Decided at",
    daysToDecision: "Days to decision",
    daysOpen: "Days open",
    daysUntilExpiry: "Days until expiry",
    expiringSoon: "Expiring soon",
    acceptedLate: "Accepted late",
    currency: "Currency",
    amount: "Amount",
    signed: "Signed",
    createdAt: "Created at",
    acceptedViaIp: "Accepted via IP address",
    acceptedViaUserAgent: "Accepted via user agent",
    remarks: "Remarks",
  },
  statuses: { open: "open", accepted: "accepted", rejected: "rejected", expired: "expired" },
  yes: "yes",
  no: "no",
  dayPattern: "yyyy-mm-dd",
  momentPattern: "yyyy-mm-dd hh:mm:ss",
  decimalMark: ".",
  delimiter: ",",
  describeRemark(remark) {
    switch (remark.code) {
      case "missing":
        return `${remark.field} is missing`;
      case "unreadable":
        return `${remark.field} cannot be read: "${remark.text}"`;
      case "notAnOffer":
        return `not an offer: "${remark.text}"`;
      case "bothDecided":
        return "both accepted and rejected; the later decision counts";
      case "periodUnknown":
        return "without a usable issue date nobody can say whether it belongs in the period";
      case "textCut":
        return `${remark.field} was cut at 32,767 characters`;
      case "amountTooPrecise":
        return "the amount has more digits than a spreadsheet can calculate with and stands there as text";
    }
  },
  countRemarks(code, count) {
    const offers = count === 1 ? "1 offer" : `${count} offers`;
    switch (code) {
      case "missing":
        return `${offers}: a field is missing`;
      case "unreadable":
        return `${offers}: a date or an amount cannot be read`;
      case "notAnOffer":
        return `${offers}: the portal gave something else than an offer`;
      case "bothDecided":
        return `${offers}: both accepted and rejected; the later decision counts`;
      case "periodUnknown":
        return `${offers}: no usable issue date, so kept in the period`;
      case "textCut":
        return `${offers}: a text was cut at 32,767 characters`;
      case "amountTooPrecise":
        return `${offers}: the amount stands there as text, it has too many digits`;
    }
  },
  pastState: "What has been deleted or edited since that day cannot be undone.",
  doubts: {
    restless: "The portal changed faster than it can be read: offers may be missing.",
    inserted: "While the list was read an offer appeared in the middle of it: more may be missing.",
    doubled: "The portal gave offers twice: the order of its list cannot be trusted, offers may be missing.",
    slid: "While the list was read a whole page of offers was deleted: offers may be missing.",
    nameless: "The portal gave offers without an id: that all are here cannot be proved.",
  },
};

export const locales: Record<Language, Locale> = { nl, en };

/** The remarks on one offer as its cell holds them. */
export function describeRemarks(remarks: Remark[], locale: Locale): string | null {
  return remarks.length === 0 ? null : remarks.map(locale.describeRemark).join("; ");
}
