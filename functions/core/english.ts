import type { Locale } from "./locale.ts";

export const english: Locale = {
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
    reordered: "While the list was read its order changed: offers may be missing.",
    twosided: "Offers were added at both ends of the list: offers may be missing.",
    doubled: "The portal gave offers twice: the order of its list cannot be trusted, offers may be missing.",
    slid: "While the list was read a whole page of offers was deleted: offers may be missing.",
    nameless: "The portal gave offers without an id: that all are here cannot be proved.",
    overlooked:
      "An offer of the last time was no longer in the list, yet it still exists: more may be missing.",
  },
  about: {
    sheetName: "About",
    labels: {
      asOf: "As of",
      zone: "Time zone",
      startedAt: "Portal read from",
      finishedAt: "Portal read until",
      offers: "Offers in the portal",
      rows: "Of these in this file",
      pages: "Pages read",
      requests: "Requests to the portal",
      completeness: "Completeness",
      promise: "What complete means",
      assumption: "Assumption",
      remark: "Remark",
    },
    describeZone: (zone) => `${zone} (holds for all times in this file)`,
    verdicts: {
      complete: "Complete, provided that the assumptions below hold.",
      uncertain: "Uncertain: that this file is complete cannot be proved. The remarks below say why.",
    },
    promise:
      "Every offer that existed from the first request to the last and that the chosen options let through stands in " +
      "this file exactly once. Every offer in this file existed at some moment in between.",
    assumptions: [
      "Offers that stay keep their order in the portal's list.",
      "New offers enter at one end of that list.",
      "No offer is made and deleted again between two looks.",
    ],
    noRemarks: "None",
  },
};
