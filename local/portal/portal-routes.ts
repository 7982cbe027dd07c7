import * as z from "zod";
import {
  type Answer,
  type Item,
  makeStoredWebhook,
  type PortalStore,
  refuse,
  type Scope,
  WebhookRequest,
} from "./portal-store.ts";

/** A request to the portal. `body` is the parsed JSON; undefined when the request has none. */
export type Call = { method: string; target: string; body: unknown; scopes: readonly Scope[] };

type Resource = { scope: Scope; items: readonly Item[] };

function findResource({ offers, customers, webhooks }: PortalStore, name: string): Resource | undefined {
  if (name === "customer-offers") return { scope: "offers.read", items: offers.all() };
  if (name === "customers") return { scope: "customers.read", items: customers.all() };
  if (name === "webhooks") return { scope: "webhooks.read", items: webhooks };
  return undefined;
}

/** Answers a request whose key is valid and has not used up its rate limit. */
export function answerCall(store: PortalStore, { method, target, body, scopes }: Call): Answer {
  const url = URL.parse(new URL(store.url).origin + target);
  const [, name = "", id] = /^\/v1\/([^/]+)(?:\/([^/]+))?$/.exec(url?.pathname ?? "") ?? [];
  const resource = method === "GET" ? findResource(store, name) : findChange(method, name, id);
  if (!url || !resource) return refuse(404, "Not found.");
  if (!isGranted(scopes, resource.scope)) return refuse(403, `The key lacks the scope ${resource.scope}.`);
  if ("apply" in resource) return resource.apply(store, { id: id ?? "", body });
  if (id === undefined) return showPage(store, resource.items, { name, query: url.searchParams });
  const item = resource.items.find((one) => one.id === id);
  return item ? { status: 200, body: item } : refuse(404, "Not found.");
}

/**
 * True when the key's scopes include the scope. Write access to webhooks includes read access here, although the
 * portal's documentation does not say so.
 */
function isGranted(scopes: readonly Scope[], scope: Scope): boolean {
  return scopes.includes(scope) || (scope === "webhooks.read" && scopes.includes("webhooks.write"));
}

type PageRequest = { name: string; query: URLSearchParams };

function showPage(
  { url, pageSize, nextPageSuffix }: PortalStore,
  items: readonly Item[],
  request: PageRequest,
): Answer {
  const page = readPageNumber(request.query);
  return {
    status: 200,
    body: makePage(items, { page, pageSize, path: `${url}/${request.name}`, nextPageSuffix }),
  };
}

type ChangeRequest = { id: string; body: unknown };

type Change = { scope: Scope; hasId: boolean; apply: (store: PortalStore, request: ChangeRequest) => Answer };

const moment = z.iso.datetime({ offset: true }).nullish();
const Decision = z.object({ acceptedAt: moment, rejectedAt: moment });

const invalidData = refuse(422, "The given data was invalid.");
const notFound = refuse(404, "Not found.");

/** The routes that change data, by method and resource. */
const changes = new Map<string, Change>([
  [
    "PATCH customer-offers",
    {
      scope: "offers.write",
      hasId: true,
      apply({ offers }, { id, body }) {
        const offer = offers.find(id);
        if (offer === undefined) return notFound;
        const decision = Decision.safeParse(body);
        if (!decision.success) return invalidData;
        offers.replace({ ...offer, ...decision.data });
        return { status: 200, body: offers.find(id) };
      },
    },
  ],
  [
    "POST webhooks",
    {
      scope: "webhooks.write",
      hasId: false,
      apply({ webhooks, now }, { body }) {
        const request = WebhookRequest.safeParse(body);
        if (!request.success) return invalidData;
        const webhook = makeStoredWebhook(request.data, now());
        webhooks.push(webhook);
        return { status: 201, body: webhook };
      },
    },
  ],
  [
    "DELETE webhooks",
    {
      scope: "webhooks.write",
      hasId: true,
      apply({ webhooks }, { id }) {
        const index = webhooks.findIndex((webhook) => webhook.id === id);
        if (index < 0) return notFound;
        webhooks.splice(index, 1);
        return { status: 200, body: {} };
      },
    },
  ],
]);

/** Returns the route that changes data; null when the portal has no such route. */
function findChange(method: string, resource: string, id: string | undefined): Change | null {
  const change = changes.get(`${method} ${resource}`);
  return change?.hasId === (id !== undefined) ? change : null;
}

export type Page = {
  current_page: number;
  data: readonly Item[];
  first_page_url: string;
  from: number | null;
  next_page_url: string | null;
  path: string;
  per_page: number;
  prev_page_url: string | null;
  to: number | null;
};

type PageOptions = { page: number; pageSize: number; path: string; nextPageSuffix: string };

/**
 * Returns the index of the requested page, from 1. Like Laravel, returns 1 for any text that is not a positive whole
 * number, such as `2,`.
 */
function readPageNumber(query: URLSearchParams): number {
  const text = query.getAll("page").at(-1)?.trim() ?? "";
  const page = /^\+?[1-9]\d*$/.test(text) ? Number(text) : 1;
  return Number.isSafeInteger(page) ? page : 1;
}

/** Makes a page in the format of Laravel's `simplePaginate`, which states neither the total nor the last page. */
export function makePage(items: readonly Item[], options: PageOptions): Page {
  const { page, pageSize, path, nextPageSuffix } = options;
  const start = (page - 1) * pageSize;
  const data = items.slice(start, start + pageSize);
  const hasMore = items.length > start + pageSize;
  return {
    current_page: page,
    data,
    first_page_url: `${path}?page=1`,
    from: data.length > 0 ? start + 1 : null,
    next_page_url: hasMore ? `${path}?page=${page + 1}${nextPageSuffix}` : null,
    path,
    per_page: pageSize,
    prev_page_url: page > 1 ? `${path}?page=${page - 1}` : null,
    to: data.length > 0 ? start + data.length : null,
  };
}
