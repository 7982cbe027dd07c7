import type { FaultSource } from "../faults/fault-source.ts";
import { type PortalRates, tellLie } from "./portal-faults.ts";
import {
  encodeText,
  type ListedPage,
  nameContentType,
  type PortalHabits,
  writePage,
} from "./portal-habits.ts";
import type { PortalList } from "./portal-list.ts";
import { listCustomers } from "./portal-offers.ts";
import type { PortalAnswer } from "./portal-response.ts";

export type PortalScope = "offers.read" | "customers.read";

type AnswerSettings = {
  list: PortalList;
  faults: FaultSource;
  rates: PortalRates;
  habits: PortalHabits;
  scopes: readonly PortalScope[];
};

type PlainAnswer = Pick<PortalAnswer, "status" | "contentType" | "body" | "note">;

const pageSize = 15;
const lieGapMs = 12 * 3_600_000;

/** Opens the answers to requests that nothing hinders: pages and single objects, as the list is now or as a lie has it. */
export function openPortalAnswers({ list, faults, rates, habits, ...settings }: AnswerSettings) {
  let { scopes } = settings;
  let lieAllowedMs = -Infinity;

  /** Answers a request that nothing hinders. */
  function answer(url: URL, nowMs: number): PlainAnswer {
    const [, resource = "", id] = url.pathname.split("/");
    const scope = resource === "customer-offers" ? "offers.read" : "customers.read";
    if (resource !== "customer-offers" && resource !== "customers") return refuse(404, "Not found.");
    if (!scopes.includes(scope)) return refuse(403, "Invalid scope(s) provided.");
    const isOffers = resource === "customer-offers";
    if (id !== undefined) return isOffers ? showOffer(id, nowMs) : showCustomer(id);
    const number = Number(url.searchParams.get("page") ?? 1);
    return isOffers ? showOffers(number, url, nowMs) : showCustomers(number, url);
  }

  const mayLie = (nowMs: number) => nowMs >= lieAllowedMs;
  const noteLie = (nowMs: number) => void (lieAllowedMs = nowMs + lieGapMs);

  function showOffer(id: string, nowMs: number) {
    const offer = list.find(id);
    const lie = faults.drawFault("portal offer", { gone: rates.goneOffers });
    const isGone = offer === null || offer.toMs <= nowMs;
    if (isGone) return refuse(404, "Not found.");
    if (lie !== null && mayLie(nowMs)) {
      noteLie(nowMs);
      return { ...refuse(404, "Not found."), note: " (lie: gone)" };
    }
    return succeed(habits.isItemWrapped ? `{"data":${offer.current.text}}` : offer.current.text);
  }

  function showCustomer(id: string) {
    const customer = listCustomers().find((other) => other.id === id);
    if (customer === undefined) return refuse(404, "Not found.");
    return succeed(habits.isItemWrapped ? `{"data":${customer.text}}` : customer.text);
  }

  function showOffers(number: number, url: URL, nowMs: number) {
    const readRows = (page: number) =>
      list.slice((page - 1) * pageSize, page * pageSize).map(({ current }) => current.text);
    const readStale = () =>
      list.sliceEarlier((number - 1) * pageSize, number * pageSize)?.map(({ current }) => current.text) ??
      null;
    const total = list.length();
    const kind = faults.drawFault(`portal lie ${number}`, rates.lies);
    const page = describePage(number, readRows(number), total);
    const told = kind === null || !mayLie(nowMs) ? null : tellLie(kind, { page, readRows, readStale });
    if (kind === null || told === null) return showPage(page, url, total, readRows);
    noteLie(nowMs);
    const note = ` (lie: ${kind})`;
    if ("status" in told) return { ...refuse(told.status, "Not found."), note };
    return { ...succeed(writePage(told, habits, origin(url))), note };
  }

  function showCustomers(number: number, url: URL) {
    const customers = listCustomers();
    const readRows = (page: number) =>
      customers.slice((page - 1) * pageSize, page * pageSize).map(({ text }) => text);
    return showPage(
      describePage(number, readRows(number), customers.length),
      url,
      customers.length,
      readRows,
    );
  }

  function showPage(page: ListedPage, url: URL, total: number, readRows: (page: number) => string[]) {
    const { beyond } = habits;
    if (page.rows.length > 0 || page.number === 1) return succeed(writePage(page, habits, origin(url)));
    if (typeof beyond === "number") return refuse(beyond, "The page does not exist.");
    const last = Math.max(1, Math.ceil(total / pageSize));
    const shown =
      beyond === "page 1" || beyond === "page 1 as such" ? 1 : beyond === "last page" ? last : page.number;
    const rows = readRows(shown);
    const described = { ...describePage(shown, rows, total), hasNext: beyond === "empty, announcing" };
    const number = beyond === "page 1 as such" ? 1 : page.number;
    return succeed(writePage({ ...described, number }, habits, origin(url)));
  }

  function describePage(number: number, rows: readonly string[], total: number): ListedPage {
    const start = (number - 1) * pageSize;
    const hasRows = rows.length > 0;
    return {
      number,
      rows,
      from: hasRows ? start + 1 : null,
      to: hasRows ? start + rows.length : null,
      hasNext: total > start + pageSize && number !== habits.falseLast,
    };
  }

  function succeed(text: string) {
    return { status: 200, contentType: nameContentType(habits), body: encodeText(text, habits), note: "" };
  }

  return {
    answer,
    grant: (granted: readonly PortalScope[]) => void (scopes = granted),
  };
}

function origin(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

export function refuse(status: number, message: string) {
  const body = JSON.stringify({ code: status, message });
  return { status, contentType: "application/json", body, note: "" };
}
