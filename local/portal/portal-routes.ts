import { type Answer, refuse, type Scope } from "./portal-store--answer.ts";
import { findChange } from "./portal-routes--change.ts";
import type { Item } from "./portal-store.ts";
import { makePage, readPageNumber } from "./portal-routes--page.ts";
import type { PortalStore } from "./portal-store--shop.ts";

/** `body` is the request's JSON, undefined where it has none. */
export type Call = { method: string; target: string; body: unknown; scopes: readonly Scope[] };

type Resource = { scope: Scope; items: readonly Item[] };

function findResource({ offers, customers, hooks }: PortalStore, name: string): Resource | undefined {
  if (name === "customer-offers") return { scope: "offers.read", items: offers.all() };
  if (name === "customers") return { scope: "customers.read", items: customers.all() };
  if (name === "webhooks") return { scope: "webhooks.read", items: hooks };
  return undefined;
}

/** What the portal says to a caller whose key is known and whose budget is not spent. */
export function answerCall(shop: PortalStore, { method, target, body, scopes }: Call): Answer {
  const url = URL.parse(new URL(shop.url).origin + target);
  const [, name = "", id] = /^\/v1\/([^/]+)(?:\/([^/]+))?$/.exec(url?.pathname ?? "") ?? [];
  const resource = method === "GET" ? findResource(shop, name) : findChange(method, name, id);
  if (!url || !resource) return refuse(404, "Not found.");
  if (!isGranted(scopes, resource.scope)) return refuse(403, `The key lacks the scope ${resource.scope}.`);
  if ("act" in resource) return resource.act(shop, { id: id ?? "", body });
  if (id === undefined) return showPage(shop, resource.items, { name, query: url.searchParams });
  const item = resource.items.find((one) => one.id === id);
  return item ? { status: 200, body: item } : refuse(404, "Not found.");
}

/** Whether write implies read is not documented; here it does. */
function isGranted(scopes: readonly Scope[], scope: Scope): boolean {
  return scopes.includes(scope) || (scope === "webhooks.read" && scopes.includes("webhooks.write"));
}

type Asked = { name: string; query: URLSearchParams };

function showPage({ url, pageSize, nextPageSuffix }: PortalStore, items: readonly Item[], asked: Asked): Answer {
  const page = readPageNumber(asked.query);
  return {
    status: 200,
    body: makePage(items, { page, pageSize, path: `${url}/${asked.name}`, nextPageSuffix }),
  };
}
