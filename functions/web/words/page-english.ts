import { columnHeadings } from "../../core/language/column-headings.ts";
import { expiringSoonDays } from "../../core/offer/offer-status.ts";
import type { PageWords } from "./page-dutch.ts";

/** The text for errors that appear only when the page is older or newer than the server. */
const outdated = "This page no longer goes with the server. Load the page again and try once more.";

export const englishWords: PageWords = {
  product: "Offer export",
  signOut: "Sign out",
  skip: "Skip to content",
  home: "To the start page",
  problemTitle: "That did not work",
  details: "Technical details",
  signIn: {
    title: "All your offers in one spreadsheet",
    intro:
      "This page fetches your offers from MijnKlantportaal and puts them into an Excel or CSV file, with status, durations and totals worked out.",
    label: "Access token",
    hint: "You got it from whoever set this page up for you. It is remembered until you close this tab.",
    submit: "Continue",
    empty: "Enter the access token.",
    wrong: "This token is not right. See whether you have all of it, without spaces.",
    ended: "Your access token is no longer valid. Enter the new token.",
  },
  form: {
    title: "All your offers in one spreadsheet",
    intro: "Choose what goes into it. The file is downloaded as soon as it is ready.",
    format: "File",
    formats: { xlsx: "Excel", csv: "CSV" },
    formatHints: { xlsx: "with a summary", csv: "rows only" },
    dialect: "Kind of CSV",
    dialects: { excel: "to open in Excel", machine: "for another program" },
    period: "Offers of",
    periods: {
      all: "all years",
      "this-month": "this month",
      "last-month": "last month",
      "last-quarter": "last quarter",
      "this-year": "this year",
      month: "a month or year…",
      days: "from … to …",
    },
    periodHint: "By the date on the offer.",
    year: "Year",
    month: "Month",
    wholeYear: "the whole year",
    issuedFrom: "From",
    issuedTo: "To",
    status: "Status",
    language: "File language",
    languages: { nl: "Dutch", en: "English" },
    asOf: "As of",
    asOfHint: "The state of affairs at the end of this day.",
    advanced: "More choices",
    advancedTitle: "Data",
    customers: "Names of customers",
    evidence: "Evidence of acceptance: IP address and browser",
    evidenceHint: "These are personal data. Ask for them only if you need them, and keep the file with care.",
    columns: "Columns",
    columnSets: { all: "all", short: "short, for bookkeeping", own: "my own choice" },
    moveUp: "up",
    moveDown: "down",
    describePlace: (column, place, places) => `${column} is at place ${place} of ${places}.`,
    submit: "Make the spreadsheet",
    invalid: "Look at the marked choices again.",
    errors: {
      format: "Choose Excel or CSV.",
      dialect: "This goes with a CSV file only.",
      period: "Choose a month or a year.",
      issuedFrom: "Choose a day that exists.",
      issuedTo: "Choose a day that exists.",
      status: "Choose at least one status.",
      language: "Choose Dutch or English.",
      asOf: "Choose a day that exists, today or earlier.",
      columns: "Choose the columns again.",
    },
    mistakes: {
      noSuchDay: "This date does not exist or is not complete.",
      daysMissing: "Enter a first or a last day.",
      daysReversed: "The first day is after the last one.",
      noStatus: "Choose at least one status.",
      asOfMissing: "Enter the day of the report.",
      asOfAhead: "This day is in the future. Choose today or an earlier day.",
      noColumns: "Choose at least one column.",
    },
    oddYear: (year) => `The year ${year}? See whether this date is right.`,
    misread: (parts) =>
      `This was in the address of this page, but was not understood and is left out: ${parts}.`,
    describeError: (parameter) => `In this page's address “${parameter}” is not right.`,
  },
  sentence: {
    formats: { xlsx: "Excel", excel: "CSV for Excel", machine: "CSV for programs" },
    all: "all years",
    from: (day) => `from ${day}`,
    to: (day) => `until ${day}`,
    between: (from, to) => `${from} to ${to}`,
    allStatuses: "all statuses",
    only: (names) => `only ${names}`,
    noStatus: "no status chosen",
    asOf: (day) => `as of ${day}`,
    languages: { nl: "Dutch", en: "English" },
    noCustomers: "without customer names",
    evidence: "with IP addresses",
    columns: (count) => (count === 0 ? "no columns" : count === 1 ? "1 column" : `${count} columns`),
  },
  statuses: { open: "Open", accepted: "Accepted", rejected: "Rejected", expired: "Expired" },
  columns: columnHeadings.en,
  progress: {
    title: "Your offers are being fetched",
    bar: "Progress",
    pages: "Pages",
    offers: "Offers",
    finish: "Done",
    unknown: "not known yet",
    since: "Running since",
    whyUnknown:
      "How long it will take cannot be told, because the portal does not say how many offers there are. The next time it is known.",
    finishAt: (time, left) => `at about ${time}, ${left}`,
    soon: "in a moment",
    minutes: (minutes) => (minutes === 1 ? "in 1 minute" : `in ${minutes} minutes`),
    hours: (hours, minutes) => `in ${hours} h ${minutes} min`,
    starting: "The fetching begins.",
    reading: "The portal is being read.",
    waiting: (limit, seconds) =>
      `The portal allows ${limit ?? "a limited number of"} requests a minute; going on in ${seconds} s.`,
    lost: "No connection for a moment. The fetching goes on; this page tries again.",
    leave: "You can close this page. The fetching goes on, and you will find it here when you come back.",
    cancel: "Cancel",
    cancelTitle: "Stop the fetching?",
    cancelText: "Then there will be no file, not for anybody else who waits for this same file either.",
    confirmCancel: "Stop",
    goOn: "Go on",
    cancelled: "The fetching was cancelled.",
    announce: (pages, offers) => `${pages} pages and ${offers} offers fetched.`,
  },
  result: {
    title: "Your spreadsheet is ready",
    nothing: "No offer fits these choices",
    nothingDated: "No offer has a date in this period",
    nothingText: "So the file has no offers.",
    portalEmpty: "The portal has no offers yet",
    adjust: "Change the choices",
    downloading: "The download has begun. If nothing happens, choose Download.",
    download: "Download",
    again: "Another spreadsheet",
    fetchAgain: "Fetch again",
    file: (name, size) => `${name}, ${size}`,
    readAt: (time) => `Fetched on ${time}.`,
    offersTitle: "At a glance",
    offers: (count, text) => (count === 1 ? "1 offer" : `${text} offers`),
    conversion: "Conversion",
    byCount: "by count",
    byValue: "by value",
    conversionHint: "Accepted, of all that was accepted, rejected or expired.",
    fewDecided: (accepted, decided) => `${accepted} of ${decided}`,
    tooFew: "accepted; too few for a percentage",
    noneDecided: "None of these offers is accepted, rejected or expired. So there is no conversion yet.",
    conversionNeeds:
      "Conversion is worked out only for a selection with all accepted, rejected and expired offers.",
    inSelection: (text) => `In this selection: ${text}`,
    undated: (count) =>
      count === 1
        ? "The file has 1 offer without a date that can be read; it counts, because it may fall in the period."
        : `The file has ${count} offers without a date that can be read; they count, because they may fall in the period.`,
    otherCurrencies: (currency) =>
      `Values by status are in ${currency}; the totals at the top name each currency.`,
    withoutAmount: (count) =>
      count === 1
        ? "1 offer has no amount that can be read."
        : `${count} offers have no amount that can be read.`,
    verdict: "Completeness",
    complete: (offers) =>
      `Complete. The portal holds ${offers}, and each one that your choices let through is in it exactly once.`,
    uncertain: "Uncertain. Offers may be missing; the remarks say why.",
    remarks: "Remarks",
    remarksLanguage: (language) => `In the language of the file: ${language}.`,
    problem: "The fetching has failed",
    retry: "Try again",
    cancelled: "Cancelled",
  },
  delivery: {
    title: "Sent to",
    webhook: (which) => `Webhook ${which}`,
    sentAt: (time) => `sent on ${time}`,
    states: {
      waiting: "being sent",
      sending: "being sent",
      sent: "sent",
      failed: "did not arrive",
      unknown: "not known whether it arrived; it is not sent again",
      skipped: "not sent: there was no reason to",
    },
  },
  chart: {
    title: (month) => `The twelve months to ${month}`,
    caption: "Number of offers per month of issue",
    selectionCaption: "Number of offers in this selection, per month of issue",
    table: "As a table",
    scroll: "Scroll the table sideways for the rest.",
    month: "Month",
    total: "Total",
    periodTitle: (first, last) => `From ${first} to ${last}`,
    older: (count, offers, first) =>
      `${offers} from before ${first} ${count === 1 ? "is" : "are"} not in this chart, but in the file.`,
    oldTitle: "By month",
    old: (count, offers, first) =>
      `Figures by month go back to ${first}. In this period ${offers} ${count === 1 ? "is" : "are"} older; the file has ${count === 1 ? "it" : "them"}.`,
    describe: (count, months, highest, best) =>
      `Bar chart: ${count} in ${months === 12 ? "twelve" : months} months; the highest number, ${highest}, in ${best}.`,
    empty: "No offer has a date in these months.",
    emptySelection: "In this selection no offer has a date in these months.",
  },
  followUp: {
    title: "Expiring soon",
    intro: (count, offers, value) =>
      count === 1
        ? `${offers} of ${value} expires within ${expiringSoonDays} days.`
        : `${offers}, ${value} in total, expire within ${expiringSoonDays} days.`,
    cut: (count) => `The ${count} of the highest value:`,
    countedFrom: (day) => `Counted from the day of the report, ${day}.`,
    number: "Offer",
    customer: "Customer",
    amount: "Amount",
    days: "Still valid",
    daysLeft: (days) => (days === 0 ? "today only" : days === 1 ? "1 day" : `${days} days`),
    sheet: "Follow up",
    more: (sheet) => `More of these offers are in the file, on the sheet ${sheet}.`,
  },
  file: {
    gone: "This file has been cleaned up. Files are not kept for ever, but a new one is made in no time.",
    deleted:
      "This file was deleted, by you or by somebody else with an access token. A new one is made in no time.",
    title: "This file is no longer there",
    missing: {
      title: "There is no such export",
      text: "There is no export at this address. It may have been made long ago, or the address is not complete.",
    },
    make: "Make it again with the same choices",
  },
  recent: {
    title: "Earlier exports",
    running: "In progress",
    empty: "Nothing yet. What you make can be found here.",
    states: {
      queued: "Running",
      running: "Running",
      succeeded: "Ready",
      failed: "Failed",
      cancelled: "Cancelled",
    },
    justNow: {
      queued: "Running now",
      running: "Running now",
      succeeded: "Just made",
      failed: "Just failed",
      cancelled: "Just cancelled",
    },
    download: "Download",
    look: "View",
    follow: "Follow",
    again: "Again",
    remove: "Delete",
    removeTitle: "Delete this export?",
    confirmRemove: (what) =>
      `“${what}” is removed from the list, with its file and its figures. That cannot be undone.`,
    removed: "The export has been deleted.",
    hide: "Take off the list",
    hidden: "The export is no longer in the list.",
    all: (count) => `Show all ${count}`,
    unreachable: "The list cannot be fetched now.",
  },
  shares: {
    title: "Permanent link",
    givesNewest:
      "A permanent link always gives the newest file, mostly at most an hour old, without an access token.",
    givesFixed: (day) =>
      `With the day that you chose, the link always gives the state of affairs on ${day}, without an access token.`,
    intro:
      "Handy as a bookmark, or to bring an Excel file up to date. Whoever has the link has the file: give it only to those who may see the offers.",
    evidence:
      "Note that this file has IP addresses. They are personal data, and whoever has the link sees them without an access token.",
    name: "Name",
    namePlaceholder: "Offers for the bookkeeper",
    expiry: "Valid for",
    expiries: { 30: "a month", 90: "three months", 365: "a year" },
    submit: "Make a permanent link",
    made: "Your permanent link",
    once: "Copy it now: for safety it is shown only once.",
    copy: "Copy",
    copied: "Copied",
    list: "Permanent links",
    until: (day) => `valid until ${day}`,
    revoke: "Revoke",
    confirmTitle: "Revoke this link?",
    confirm: (name) => `“${name}” then stops working at once, for everybody. That cannot be undone.`,
    revoked: (name) => `The link “${name}” has been revoked and no longer works.`,
    keep: "Keep it",
    errors: {
      name: "Give the link a name, so that you recognise it later.",
      expiresInDays: "Choose how long the link is valid.",
    },
    guides: {
      bookmark: {
        title: "As a bookmark",
        steps: [
          "Open the link in your browser: the file is downloaded.",
          "Drag the link to your bookmarks bar, or put it in a mail to yourself.",
        ],
      },
      excel: {
        title: "In Excel, refreshed with one click",
        steps: [
          "In Excel choose Data › From Web.",
          "Paste the link and choose OK. If Excel asks how to sign in, choose Anonymous.",
          "Later, Data › Refresh All brings everything up to date.",
        ],
        loadSheet: "Choose the sheet of offers, then Load.",
        loadRows: "Excel shows a preview of the rows. Choose Load.",
      },
      sheets: {
        title: "In Google Sheets",
        formula: 'Put into cell A1: =IMPORTDATA("the link")',
        refreshes: "Google Sheets brings the data up to date by itself, about every hour.",
        otherForWorkbook:
          "This link gives an Excel file, which Google Sheets cannot read from a link. Make a second link for it: choose CSV as the file, and “for another program” as the kind of CSV.",
        otherForExcel:
          "This link gives a CSV file for Excel. Make a second link for Google Sheets: choose “for another program” as the kind of CSV.",
        otherFormula: 'Put into cell A1: =IMPORTDATA("the second link")',
      },
    },
  },
  share: {
    title: "The newest file is being fetched",
    expired: {
      title: "This link has expired",
      text: "Ask whoever gave you this link for a new one, or make it yourself if you have an access token.",
    },
    unknown: {
      title: "This link does not work",
      text: "It may have been revoked, or the address is not complete. Ask whoever gave you the link, or make a new one if you have an access token.",
    },
  },
  unknown: { title: "This page does not exist", text: "See whether the address is right." },
  problems: {
    portal_key_refused:
      "The portal no longer accepts the API key. Have whoever runs this page set a new one.",
    portal_scope_missing:
      "The API key may not read offers. Have whoever runs this page give it the scope offers.read.",
    portal_not_found:
      "There are no offers at the portal's address that was set. Have whoever runs this page check it.",
    portal_not_api: "The portal gave an answer that cannot be understood. Try again later.",
    portal_unavailable: "The portal does not answer as it should. Try again in a few minutes.",
    portal_closed: "The portal cannot be reached now. Try again in a few minutes.",
    portal_rate_starved: "Something else uses up all requests that the portal allows. Try again later.",
    portal_repeats: "The portal gave the same page over and over. Try again later.",
    portal_contradicts_itself:
      "The portal contradicted itself, so that nothing was certain. Try again later.",
    too_many_pages: "The portal has more offers than can be fetched at once.",
    storage_failed: "The storage of the files does not work now. Try again in a few minutes.",
    workflow_failed: "The fetching could not begin. Try again in a few minutes.",
    interrupted: "The fetching was interrupted before it was done. Try again.",
    version_changed: "The program was changed while this was being fetched. Try again.",
    cancelled: "This export was cancelled.",
    rate_reserve_too_large:
      "The settings leave all of the portal's requests to others, so that none is left. Have whoever runs this page lower PORTAL_RATE_RESERVE.",
    snapshot_gone: "What had been read from the portal has been cleaned up. Try again.",
    file_gone: "This file has been cleaned up. Make it again with the same choices.",
    export_gone: "This export has been cleaned up. Make a new one.",
    export_not_found: "There is no such export. Make a new one.",
    export_queued: "The file is not ready yet. Wait until the fetching is done.",
    export_running: "The file is not ready yet. Wait until the fetching is done.",
    export_failed: "There is no file, since the fetching has failed. Try again.",
    too_many_shares: "There are too many permanent links. Revoke one that nobody needs any more.",
    share_not_found: "This permanent link is no longer there. Ask for a new one or make it.",
    share_expired: "This permanent link has expired. Ask for a new one or make it.",
    share_not_ready: "The newest file is still being fetched. Try again in a minute.",
    unauthorized: "The access token is not right. Sign out and enter it again.",
    invalid_parameters: "Not all that you chose or filled in is right. Look it over and try again.",
    too_many_requests: "There are too many visitors at once. Try again in a moment.",
    not_found: outdated,
    forbidden: outdated,
    method_not_allowed: outdated,
    unsupported_media_type: outdated,
    invalid_json: outdated,
    body_too_large: outdated,
    idempotency_key_reused: outdated,
    unreachable: "There is no connection. See whether your internet works and try again.",
    other:
      "Something went wrong. Try again; if it goes on, give the technical details to whoever runs this page.",
  },
  check: {
    title: "First check",
    fine: "All is well: the portal can be reached and files can be kept.",
    pace: (limit) => `The portal allows ${limit} requests a minute.`,
    wrong: "Something needs attention",
    dismiss: "Close",
    names: {
      key: "API key",
      offers: "Reading offers",
      customers: "Reading customers' names",
      rateLimit: "Requests a minute",
      bucket: "Storage",
      timeZone: "Clock",
    },
    faults: {
      portal_key_refused:
        "The portal does not accept the API key. Have whoever runs this page make a new one in the portal, under Settings › API keys, and set it here.",
      portal_scope_missing:
        "The API key may not do this. Have whoever runs this page give it the scope in the portal.",
      "customers portal_scope_missing":
        "The API key may not read customers: your file then holds their numbers instead of their names. Whoever runs this page can give the key the scope customers.read in the portal.",
      portal_not_found:
        "This cannot be found at the portal's address that was set. Have whoever runs this page check PORTAL_API_URL: the API's own address, ending in /v1.",
      portal_not_api:
        "Something other than the portal answers at the address that was set. Have whoever runs this page check PORTAL_API_URL: the API's own address, ending in /v1.",
      portal_unavailable:
        "The portal does not answer now. Try again in a few minutes; if it stays so, have whoever runs this page check PORTAL_API_URL.",
      rate_unknown:
        "The portal does not tell how many requests a minute it allows. Fetching works all the same. Whoever runs this page can ask the portal's supplier why X-RateLimit-Limit is missing.",
      rate_reserve_too_large:
        "The settings leave all of the portal's requests to others, so that none is left. Have whoever runs this page lower PORTAL_RATE_RESERVE.",
      rate_used_up:
        "The portal lets nothing through at this moment. That passes by itself, mostly within a minute. If it keeps coming back, have whoever runs this page give it an API key of its own.",
      clock_differs:
        "The server's clock differs from the portal's. Have whoever runs this page set the server's clock right.",
      storage_failed:
        "Files cannot be kept now. Try again in a few minutes; if it stays so, have whoever runs this page check that the storage is there and may be read and written.",
      condition_ignored:
        "The storage of the files does not keep apart what is written at the same time, so a spreadsheet may be wrong. Have whoever runs this page use a storage with conditional writes.",
      condition_refused:
        "The storage of the files does not take conditional writes, so nothing can be fetched. Have whoever runs this page use a storage that does.",
    },
    other: "This does not work as it should. Give the technical details to whoever runs this page.",
  },
};
