import type { FaultRates } from "../faults/fault-source.ts";
import type { ListedPage } from "./portal-habits.ts";
import type { ListChange } from "./portal-list.ts";

/** An answer that gives no data, or a failure of the connection. `refused`, `no host` and the like never reach the portal. */
export type PortalError = keyof typeof errors;

/**
 * An answer to a page, or to one offer, that looks right and is not. One such answer may hide nothing from a report.
 *
 * These are not drawn, because no reader could tell them from the truth:
 * - one answer with a wrong value of an offer, or an old one: nothing says when an offer was changed
 * - a page as it was before an offer on that page was deleted: it has the right number of offers, and shares none with
 *   the pages beside it
 * - two such answers in one reading that confirm each other
 * - an invented offer, or one of another account
 */
export type PortalLie = keyof typeof lies;

/** For how long all requests meet the same error. */
export const outageMs = { min: 5_000, max: 15 * 60_000 };

type ErrorAnswer = {
  /** False when something before the portal answers: the request does not count, and no header states the limit. */
  isCounted: boolean;
  status: number;
  contentType?: string;
  body?: string;
  headers?: (nowMs: number) => [string, string][];
  /** The pause that the answer asks for; 0 for a 429 that names no usable time. */
  pauseMs?: number;
  /** How the connection fails instead. `silence`: no answer comes. `cut`: the right answer breaks off in its body. */
  failure?:
    | "unsent"
    | "unanswered"
    | "silence"
    | "cut"
    | "cut text"
    | "ECONNREFUSED"
    | "ENOTFOUND"
    | "CERT_HAS_EXPIRED";
};

const html = "<!DOCTYPE html><html><body><h1>Attention required</h1></body></html>";
const isHtml = { contentType: "text/html; charset=utf-8", body: html };
const isJson = { contentType: "application/json" };
const refuse = (code: number, message: string) => ({ ...isJson, body: JSON.stringify({ code, message }) });
const date = (aheadMs: number) => (nowMs: number) => new Date(nowMs + aheadMs + 999).toUTCString();
const after = (text: string) => (): [string, string][] => [["retry-after", text]];

const errors = {
  unsent: { isCounted: false, status: 0, failure: "unsent" },
  unanswered: { isCounted: true, status: 0, failure: "unanswered" },
  silence: { isCounted: true, status: 0, failure: "silence" },
  cut: { isCounted: true, status: 200, failure: "cut" },
  "cut text": { isCounted: true, status: 200, failure: "cut text" },
  refused: { isCounted: false, status: 0, failure: "ECONNREFUSED" },
  "no host": { isCounted: false, status: 0, failure: "ENOTFOUND" },
  "no trust": { isCounted: false, status: 0, failure: "CERT_HAS_EXPIRED" },
  "html 200": { isCounted: false, status: 200, ...isHtml },
  "html 403": { isCounted: false, status: 403, ...isHtml },
  "html 404": { isCounted: false, status: 404, ...isHtml },
  "html 502": { isCounted: false, status: 502, ...isHtml },
  "302": { isCounted: false, status: 302, ...isHtml, headers: () => [["location", "https://login.test/"]] },
  "bare 401": { isCounted: false, status: 401, body: "" },
  "bare 403": { isCounted: false, status: 403, ...isJson, body: '{"message":"Forbidden"}' },
  "504": { isCounted: false, status: 504, contentType: "text/plain", body: "upstream timed out" },
  "401": { isCounted: true, status: 401, ...refuse(401, "Unauthenticated.") },
  "403": { isCounted: true, status: 403, ...refuse(403, "Invalid scope(s) provided.") },
  "408": { isCounted: true, status: 408, ...refuse(408, "Request timeout.") },
  "409": { isCounted: true, status: 409, ...refuse(409, "Conflict.") },
  "425": { isCounted: true, status: 425, ...refuse(425, "Too early.") },
  "500": { isCounted: true, status: 500, ...refuse(500, "Server Error") },
  "200 with 429": { isCounted: true, status: 200, ...refuse(429, "Too many requests."), pauseMs: 0 },
  "429": { isCounted: false, status: 429, ...refuse(429, "Too many requests."), pauseMs: 0 },
  "429 for 0 s": {
    isCounted: false,
    status: 429,
    ...refuse(429, "Too many requests."),
    headers: after("0"),
    pauseMs: 0,
  },
  "429 for odd time": {
    isCounted: false,
    status: 429,
    ...refuse(429, "Too many requests."),
    headers: after("-30 soon"),
    pauseMs: 0,
  },
  "429 until date": {
    isCounted: false,
    status: 429,
    ...refuse(429, "Too many requests."),
    headers: (nowMs) => [["retry-after", date(150_000)(nowMs)]],
    pauseMs: 150_000,
  },
  "503 for 20 s": { isCounted: false, status: 503, ...isHtml, headers: after("20"), pauseMs: 20_000 },
  "503 until date": {
    isCounted: false,
    status: 503,
    ...isHtml,
    headers: (nowMs) => [["retry-after", date(15_000)(nowMs)]],
    pauseMs: 15_000,
  },
  "broken json": { isCounted: true, status: 200, ...isJson, body: '{"current_page":1,"data":[{"id":"off_' },
  "empty body": { isCounted: true, status: 200, ...isJson, body: "" },
  "no page": { isCounted: true, status: 200, ...isJson, body: '{"data":[]}' },
  "other object": { isCounted: true, status: 200, ...isJson, body: '{"ok":true}' },
} satisfies Record<string, ErrorAnswer>;

export function describeError(kind: PortalError): ErrorAnswer {
  return errors[kind];
}

type PageView = {
  page: ListedPage;
  /** The rows of any page as the list is now. */
  readRows: (page: number) => readonly string[];
  /** The rows of the page as the list was some changes ago. Null when an offer on the page has been deleted since. */
  readStale: () => readonly string[] | null;
};

type Lie = (view: PageView) => ListedPage | { status: 400 | 404 | 422 } | null;

const withRows = (page: ListedPage, rows: readonly string[]): ListedPage => ({
  ...page,
  rows,
  to: page.from === null ? null : page.from + rows.length - 1,
});
const beyondEnd = (page: ListedPage): ListedPage => ({
  ...page,
  rows: [],
  from: null,
  to: null,
  hasNext: false,
});

const lies = {
  "empty page": ({ page }) => beyondEnd(page),
  "empty page, announcing": ({ page }) => ({ ...beyondEnd(page), hasNext: true }),
  "early end": ({ page }) => ({ ...page, hasNext: false }),
  "no end": ({ page }) => ({ ...page, hasNext: true }),
  "page is missing": ({ page }) => (page.number === 1 ? null : { status: 404 }),
  "page is refused": ({ page }) => (page.number === 1 ? null : { status: 422 }),
  "a row is missing": ({ page }) => ({ ...page, rows: page.rows.slice(1) }),
  "a row is not counted": ({ page }) => (page.hasNext ? withRows(page, page.rows.slice(0, -1)) : null),
  "wrong counts": ({ page }) => ({ ...page, from: (page.from ?? 0) + 3 }),
  "the first offer instead": ({ page, readRows }) =>
    page.number === 1 ? null : { ...page, rows: [...readRows(1).slice(0, 1), ...page.rows.slice(1)] },
  "page 1 instead": ({ page, readRows }) => (page.number === 1 ? null : withRows(page, readRows(1))),
  "the page before": ({ page, readRows }) =>
    page.number === 1 ? null : withRows(page, readRows(page.number - 1)),
  "an earlier moment": ({ page, readStale }) => {
    const rows = readStale();
    return rows === null ? null : withRows(page, rows);
  },
} satisfies Record<string, Lie>;

/** Returns the page as the lie has it. Null when the lie does not fit the page. */
export function tellLie(kind: PortalLie, view: PageView): ReturnType<Lie> {
  const lie: Lie = lies[kind];
  return lie(view);
}

export type PortalRates = {
  /** Errors of a single answer. */
  errors: FaultRates<PortalError>;
  /** Errors of all answers for a while. The rate is that of its beginning. */
  outages: FaultRates<PortalError>;
  /** Drawn for each page. At most one in twelve hours happens, so that two never confirm each other. */
  lies: FaultRates<PortalLie>;
  /** A request for an offer by its id says that there is none. Counts as a lie. */
  goneOffers: number;
  /** Changes of the list before an answer. */
  changes: FaultRates<ListChange>;
};

function evenly<K extends string>(kinds: Record<K, unknown>, rate: number): FaultRates<K> {
  const rates: Partial<Record<K, number>> = {};
  for (const kind in kinds) rates[kind] = rate;
  return rates;
}

export const quietRates: PortalRates = { errors: {}, outages: {}, lies: {}, goneOffers: 0, changes: {} };

/** A portal with every kind of fault. A crawl of 100 pages meets three errors and, now and then, a lie. */
export const stormyRates: PortalRates = {
  errors: { ...evenly(errors, 1), "401": 0, "403": 0 },
  outages: {
    "html 502": 0.3,
    "html 403": 0.2,
    "html 200": 0.2,
    "504": 0.2,
    silence: 0.1,
    "503 for 20 s": 0.2,
  },
  lies: evenly(lies, 1),
  goneOffers: 20,
  changes: { insert: 6, delete: 4, decide: 8, correct: 2, import: 0.3, purge: 0.2 },
};
