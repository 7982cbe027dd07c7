import type { List } from "./list.ts";
import { makePage, readPageNumber } from "./page.ts";

export type Scope = "offers.read" | "customers.read";

export type Answer = { status: number; body: unknown };

export type Shop = {
  offers: List;
  customers: List;
  /** Ends in `/v1`; every link in an answer starts with it. */
  url: string;
  pageSize: number;
  nextPageSuffix: string;
};

export type Call = { method: string; target: string; scopes: readonly Scope[] };

export function refuse(status: number, message: string): Answer {
  return { status, body: { code: status, message } };
}

function findResource(shop: Shop, name: string | undefined): { scope: Scope; list: List } | undefined {
  if (name === "customer-offers") return { scope: "offers.read", list: shop.offers };
  if (name === "customers") return { scope: "customers.read", list: shop.customers };
  return undefined;
}

/** What the portal says to a caller whose key is known and whose budget is not spent. */
export function answerCall(shop: Shop, call: Call): Answer {
  const target = URL.parse(new URL(shop.url).origin + call.target);
  const match = /^\/v1\/([^/]+)(?:\/([^/]+))?$/.exec(target?.pathname ?? "");
  const resource = findResource(shop, match?.[1]);
  if (call.method !== "GET" || !target || !resource) return refuse(404, "Not found.");
  if (!call.scopes.includes(resource.scope)) return refuse(403, `The key lacks the scope ${resource.scope}.`);

  const id = match?.[2];
  if (id === undefined) {
    const page = readPageNumber(target.searchParams);
    const path = `${shop.url}/${match?.[1]}`;
    const { pageSize, nextPageSuffix } = shop;
    return { status: 200, body: makePage(resource.list.all(), { page, pageSize, path, nextPageSuffix }) };
  }
  const item = resource.list.find(id);
  return item ? { status: 200, body: item } : refuse(404, "Not found.");
}
