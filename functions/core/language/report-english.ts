import { minDecided } from "../figures/shown-conversion.ts";
import { expiringSoonDays, recentlyExpiredDays } from "../offer/offer-status.ts";
import { columnHeadings } from "./column-headings.ts";
import { formatMaxCellLength, type Locale } from "./locale.ts";

export const englishLocale: Locale = {
  language: "en",
  fileName: {
    start: "offers",
    from: "from",
    to: "to",
    withoutNames: "without-names",
    evidence: "with-ip-addresses",
    machine: "for-programs",
    countColumns: (columns) => (columns === 1 ? "1-column" : `${columns}-columns`),
  },
  sheetName: "Offers",
  headings: columnHeadings.en,
  fields: { id: "Offer ID", acceptedAt: "Accepted at", rejectedAt: "Rejected at" },
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
      case "placeholder":
        return `${remark.field} counts as empty: "${remark.text}"`;
      case "noOffset":
        return `${remark.field} has no time zone and was read in the report's: "${remark.text}"`;
      case "notAnOffer":
        return `the portal gave no offer here: "${remark.text}"`;
      case "bothDecided":
        return "both accepted and rejected; the later decision counts";
      case "createdLater":
        return "created after the as-of date, but included because it has no usable issue date";
      case "issuedLater":
        return "issued after the as-of date, but included because it is not known when it was created";
      case "periodUnknown":
        return "included in every period, because it has no usable issue date";
      case "textCut":
        return `${remark.field} was cut at ${formatMaxCellLength("en")} characters, because a cell holds no more`;
      case "amountTooPrecise":
        return "the amount has more digits than a spreadsheet can calculate with, so it is shown as text";
    }
  },
  countRemarks(code, count) {
    const offers = count === 1 ? "1 offer" : `${count} offers`;
    const have = count === 1 ? "it has" : "they have";
    switch (code) {
      case "missing":
        return `${offers}: a field is missing`;
      case "unreadable":
        return `${offers}: a date or an amount cannot be read`;
      case "placeholder":
        return `${offers}: a date counts as empty, such as 0000-00-00`;
      case "noOffset":
        return `${offers}: a moment has no time zone and was read in the report's`;
      case "notAnOffer":
        return `${offers}: the portal gave something other than an offer`;
      case "bothDecided":
        return `${offers}: both accepted and rejected; the later decision counts`;
      case "createdLater":
        return `${offers}: created after the as-of date, but included because ${have} no usable issue date`;
      case "issuedLater":
        return `${offers}: issued after the as-of date, but included because it is not known when ${count === 1 ? "it was" : "they were"} created`;
      case "periodUnknown":
        return `${offers}: included in every period, because ${have} no usable issue date`;
      case "textCut":
        return `${offers}: a text was cut at ${formatMaxCellLength("en")} characters, because a cell holds no more`;
      case "amountTooPrecise":
        return `${offers}: the amount has more digits than a spreadsheet can calculate with, so it is shown as text`;
    }
  },
  pastState:
    "What was deleted or edited after the as-of date cannot be undone: deleted offers are missing, and edited ones are shown with their later data.",
  describeLater: (offers) =>
    offers === 1
      ? "1 offer was created and issued after the as-of date and is left out"
      : `${offers} offers were created and issued after the as-of date and are left out`,
  doubts: {
    restless: "The portal changed faster than it can be read: offers may be missing.",
    inserted: "While the list was read, an offer appeared in the middle of it: more may be missing.",
    reordered: "While the list was read, its order changed: offers may be missing.",
    twosided: "Offers were added at both ends of the list: offers may be missing.",
    doubled:
      "The portal gave offers twice: the order of its list cannot be trusted, and offers may be missing.",
    slid: "While the list was read, a whole page of offers was deleted: offers may be missing.",
    nameless: "The portal gave offers without an ID: it cannot be proved that none are missing.",
    overlooked:
      "An offer from last time was no longer in the list, yet it still exists: more may be missing.",
    unsettled:
      "Offers from last time are no longer in the list, and the portal did not say whether they still exist: offers may be missing.",
    miscounted: "A page of the portal's list held fewer offers than it should: offers may be missing.",
  },
  notes: {
    contradicted:
      "The portal contradicts itself about where its list ends. The export went on until there were no more offers.",
  },
  names: {
    troubles: {
      scope:
        "The API key lacks the scope customers.read: customers' names cannot be fetched. Where no name is known, the customer's ID is shown.",
      portal:
        "The portal did not give all customers' names. Where no name is known, the customer's ID is shown; the next export asks again.",
    },
    describeUnknown: (customers) =>
      `${countCustomers(customers)}: the name has not been fetched yet, so the customer's ID is shown; the next export goes on`,
    describeNameless: (customers) =>
      `${countCustomers(customers)}: the portal has no name for them (any more), so the customer's ID is shown`,
  },
  monthPattern: "[$-809]mmmm yyyy",
  pageNumber: "Page &P of &N",
  filter: {
    all: "All offers",
    describeStatuses: (names) => `Status: ${names.join(", ")}`,
    issuedFrom: (day) => `Issued from ${day}`,
    issuedTo: (day) => `Issued until ${day}`,
    issuedBetween: (from, to) => `Issued from ${from} to ${to}`,
    leftOut: {
      open: "This selection leaves out open offers.",
      expired: "This selection leaves out expired offers.",
    },
  },
  summary: {
    sheetName: "Summary",
    title: "Offers: summary",
    verdicts: {
      complete: "Complete",
      uncertain: "Uncertain: offers may be missing (see About)",
    },
    byStatus: "By status",
    count: "Offers",
    countShare: "Share of offers",
    value: "Value",
    valueShare: "Share of value",
    total: "Total",
    otherCurrencies: "Value in other currencies",
    currency: "Currency",
    noCurrency: "no currency",
    decisions: "Conversion and time to decision",
    conversionByCount: "Conversion by count",
    conversionByValue: "Conversion by value",
    medianDays: "Days to decision, median",
    meanDays: "Days to decision, mean",
    decided: "Number of decisions",
    describeUntimed: (decisions) =>
      decisions === 1
        ? "1 decision that took an unknown number of days is not counted here"
        : `${decisions} decisions that took an unknown number of days are not counted here`,
    conversionFormula: "Conversion = accepted ÷ (accepted + rejected + expired)",
    conversionNeeds:
      "Conversion is worked out only for a selection with all accepted, rejected and expired offers.",
    noneDecided: {
      all: "On the as-of date, no offer had been accepted or rejected, and none had expired.",
      selection:
        "On the as-of date, no offer in this selection had been accepted or rejected, and none had expired.",
    },
    fewDecided: (accepted, decided) =>
      `Accepted: ${accepted} of ${
        decided === 1
          ? "the 1 offer that was accepted, rejected or expired"
          : `the ${decided} offers that were accepted, rejected or expired`
      }. A percentage needs at least ${minDecided}.`,
    ageing: "Open offers by age",
    age: "Since issue",
    ages: {
      "0-7": "0–7 days",
      "8-14": "8–14 days",
      "15-30": "15–30 days",
      "31-60": "31–60 days",
      "61+": "over 60 days",
      later: "issued after the as-of date",
      unknown: "no readable issue date",
    },
    customers: "Customers with the most open value",
    customer: "Customer",
    unknownCustomer: "unknown",
    noOpenOffers: { all: "No open offers", selection: "No open offers in this selection" },
    monthlyCounts: "Number of offers by month of issue",
    monthlyValues: "Value by month of issue",
    month: "Month",
    outside: { earlier: "earlier", later: "later", unknown: "no readable date" },
    describeChart: (heading) =>
      `Column chart: ${heading}, stacked by status. The numbers are in the table of the same name on this sheet.`,
    describeCurrency: (currency) =>
      `Values are in ${currency}. Offers in other currencies are included in the counts.`,
    describeUnvalued: (offers) =>
      offers === 1
        ? "1 offer has no readable amount: it is included in the counts, not in the values."
        : `${offers} offers have no readable amount: they are included in the counts, not in the values.`,
    describeUndated: (offers) =>
      offers === 1
        ? "1 offer has no readable issue date: it is included, because it may fall in the period."
        : `${offers} offers have no readable issue date: they are included, because they may fall in the period.`,
  },
  followUp: {
    sheetName: "Follow up",
    title: "Offers to follow up",
    expiring: `Expiring soon: open, with at most ${expiringSoonDays} days to go`,
    expired: `Expired in the ${recentlyExpiredDays} days before the as-of date`,
    offersPattern: '[=1]0 "offer";0 "offers"',
    daysLeft: "Days left",
    daysSince: "Days since",
    unknownAmount: "unknown",
    none: { all: "No offers", selection: "No offers in this selection" },
    cut: (shown, offers) => `These are the ${shown} with the highest value of ${offers} offers.`,
    otherCurrencies: (currency) =>
      `The total counts all offers, and the amounts in ${currency}; other currencies stand at the end.`,
  },
  changes: {
    sheetName: "Changes",
    title: "Changes since the report before",
    asOfBefore: "As of, before",
    readBefore: "Portal read until, before",
    uncertain: "Uncertain: either report may lack offers, and what is said of those is wrong then",
    totals: "What happened",
    what: "Change",
    kinds: {
      new: "New",
      accepted: "Accepted",
      rejected: "Rejected",
      expired: "Expired",
      reopened: "Open again",
      gone: "Gone from the portal",
      amount: "Amount changed",
      dates: "Date changed",
    },
    was: (heading) => `${heading}, before`,
    is: (heading) => `${heading}, now`,
    difference: "Difference",
    rules: [
      "Compared are the offers that stand in this report or in the one before, each as of that report's date.",
      "An offer counts in every change that it had: a new one that has been accepted counts in both.",
      "The value is the amount now; of those that are gone the last known, of changed amounts the difference.",
    ],
    describeSince: (asOf, completeness) =>
      `Compared with the report before of the same options, as of ${asOf}: see Changes.${
        completeness === "complete" ? "" : " That report was uncertain: what it lacked stands here as new."
      }`,
    none: {
      first: "Not compared: there is no earlier report of the same options.",
      gone: "Not compared: the data of the report before are no longer kept.",
    },
  },
  customers: {
    sheetName: "Customers",
    title: "Offers by customer",
    customers: "Customers",
    countOf: (status) => `Offers, ${status}`,
    valueOf: (status) => `Value, ${status}`,
    all: "total",
    lastOffer: "Last offer",
    rest: (customers) => (customers === 1 ? "1 other customer" : `${customers} other customers`),
    cut: (shown, customers) =>
      `These are the ${shown} customers with the most open value of ${customers} customers; the others are together in one line.`,
    cutByOffers: (shown, customers) =>
      `These are the ${shown} customers with the most offers of ${customers} customers; the others are together in one line.`,
    conversionMinimum: `A conversion needs at least ${minDecided} offers that were accepted, rejected or expired.`,
  },
  mail: {
    offersOf: (days) => `Offers ${days}`,
    allOffers: (asOf) => `All offers as of ${asOf}`,
    quarter: (number, year) => `Q${number} ${year}`,
    from: (day) => `from ${day}`,
    to: (day) => `until ${day}`,
    between: (from, to) => `${from} to ${to}`,
    countOffers: (offers, written) => (offers === 1 ? "1 offer" : `${written} offers`),
    noOffers: "no offers",
    uncertain: "uncertain",
    ready: (offers) => `The report is ready: ${offers}.`,
    countAndSum: (offers, counted, sums) =>
      offers === 1 ? `${counted}, ${sums}` : `${counted}, ${sums} together`,
    uncertainVerdict: "Uncertain: offers may be missing",
    download: { xlsx: "Download the Excel file", csv: "Download the CSV file" },
    worksUntil: (moment) => `The link works until ${moment}.`,
    bearer: "Who has the link has the file. Forward this mail only to who may see it.",
    evidence: "The file holds IP addresses: personal data.",
    expiring: `Expires within ${expiringSoonDays} days`,
    describeExpiring: (offers, worth) =>
      `${worth}, ${offers === 1 ? "has" : "have"} at most ${expiringSoonDays} days to go after the as-of date.`,
    noneExpiring: {
      all: `No open offer expires within ${expiringSoonDays} days of the as-of date.`,
      selection: `No open offer in this selection expires within ${expiringSoonDays} days of the as-of date.`,
    },
    inSelection: (text) => `In this selection: ${text}`,
    customerAndNumber: "Customer and offer number",
    validThrough: (day) => `valid through ${day}`,
    moreOffers: (more, written) =>
      more === 1 ? "1 more stands in the report." : `${written} more stand in the report.`,
    moreRemarks: (more) => (more === 1 ? "and 1 more remark" : `and ${more} more remarks`),
    moreCurrencies: (more) => (more === 1 ? "1 other currency" : `${more} other currencies`),
    comparedWith: (asOf, readUntil) => `Compared with the report as of ${asOf}, read on ${readUntil}.`,
    unchanged: {
      all: "Nothing has changed since.",
      selection: "Nothing in this selection has changed since.",
    },
    describeTimes: (zone) => `Times are those of ${zone}. Amounts are rounded to cents.`,
    scheduled: (schedule) => `Made by the schedule ${schedule}.`,
    nextMail: {
      changed: {
        all: "The next mail comes when something has changed.",
        selection: "The next mail comes when something in the selection has changed.",
      },
      expiring: {
        all: `The next mail comes when an open offer expires within ${expiringSoonDays} days.`,
        selection: `The next mail comes when an open offer in the selection expires within ${expiringSoonDays} days.`,
      },
    },
  },
  about: {
    sheetName: "About",
    labels: {
      asOf: "As of",
      zone: "Time zone",
      selection: "Selection",
      startedAt: "Portal read from",
      finishedAt: "Portal read until",
      offers: "Offers in the portal",
      rows: "Of these in this file",
      pages: "Pages in the portal",
      requests: "Requests for offers",
      nameRequests: "Requests for names",
      method: "How the portal was read",
      requestsSaved: "Requests saved",
      completeness: "Completeness",
      promise: "What complete means",
      assumption: "Assumption",
      remark: "Remark",
      changes: "Changes",
      vat: "VAT",
      rowsSha256: "SHA-256 of the rows",
      hashed: "What it is taken over",
      version: "Made with",
      statuses: "How the status is decided",
      columns: "What the columns mean",
    },
    describeZone: (zone) => `${zone} (holds for all times in this file)`,
    methods: {
      full: "In full: every offer was read between the moments above.",
      refresh:
        "Refreshed: the offers that may have been added or deleted or can still be decided were read between the " +
        "moments above, and a part of the rest. The other offers are shown as they were last read; the dates are below.",
    },
    reused:
      "These data had already been read when this file was requested. So no offers were read for this file: the " +
      "requests for offers were made earlier.",
    describeReading: (from, to) =>
      to === null ? `Offers read on ${from}` : `Offers read from ${from} to ${to}`,
    verdicts: {
      complete: "Complete, provided that the assumptions below hold.",
      uncertain: "Uncertain: that this file is complete cannot be proved. The remarks below say why.",
    },
    promise:
      "Every offer that existed during the whole reading and that the chosen options let through is in this file " +
      "exactly once. Every offer in this file existed at some moment during the reading.",
    assumptions: [
      "Offers that stay keep their order in the portal's list.",
      "New offers enter at one end of that list.",
      "No offer is made and deleted again between two looks.",
    ],
    noRemarks: "None",
    nameOffers: (named, more) => `(${named.join(", ")}${more > 0 ? ` and ${more} more` : ""})`,
    vat:
      "The portal gives one amount per offer, and does not say whether it includes VAT. All amounts and values in this " +
      "file are these amounts: no VAT was added or subtracted.",
    hashed:
      "For each row, in the order of this file (the newest offer first), one line of JSON (UTF-8, with a line feed " +
      "behind it) of nine texts as the machine CSV has them: offerNumber, offerId, customerId, issuedAt, expiresAt, " +
      "status, decidedAt, currency and amount. The hash is the same in every language and file format.",
    asOfRule:
      "The status is that at the end of the as-of date. Later decisions do not count, and offers that were both " +
      "created and issued later are not in this file.",
    statusRules: {
      accepted: "There is an acceptance. If there is a rejection too, the later decision counts.",
      rejected: "There is a rejection, and no acceptance of the same moment or later.",
      expired: "There is no decision, and the last valid day lies before the as-of date.",
      open: "There is no decision, and on the as-of date the offer is still valid or has no readable last day.",
    },
    meanings: {
      offerNumber: "The offer's number, as the portal gives it.",
      offerId: "What the portal knows the offer by.",
      customerId: "What the portal knows the customer by.",
      customerName: "The customer's name; where none is known, the customer's id.",
      issuedAt: "The date on the offer.",
      expiresAt: "The last day on which the offer is valid.",
      status: "Open, accepted, rejected or expired on the as-of date; see above.",
      decidedAt: "The moment of acceptance or rejection.",
      daysToDecision: "Calendar days from issue to decision.",
      daysOpen: "Calendar days from issue to the as-of date; open offers only.",
      daysUntilExpiry: "Calendar days from the as-of date to the last valid day; open offers only.",
      expiringSoon: `Whether an open offer has at most ${expiringSoonDays} days to go.`,
      acceptedLate: "Whether the acceptance came after the last valid day.",
      currency: "The currency of the amount.",
      amount: "The offer's amount, exactly as the portal gives it; see VAT above.",
      signed: "Whether the portal has a signature on file.",
      createdAt: "The moment at which the offer was made in the portal.",
      acceptedViaIp: "The IP address of the acceptance: personal data.",
      acceptedViaUserAgent: "The browser of the acceptance: personal data.",
      remarks: "What was odd about this offer.",
    },
  },
};

function countCustomers(count: number): string {
  return count === 1 ? "1 customer" : `${count} customers`;
}
