import { type Customer, parseCustomer } from "../../core/customer/customer.ts";
import type { CustomerPage } from "../../core/customer/naming.ts";
import { type RawOffer, readId } from "../../core/offer/offer.ts";
import { beyondEnd, type Listing, makePage, type Page, parseListing } from "../../core/crawl/page.ts";
import { parseJson } from "../http/json.ts";
import { customerResource, notTheApi, offerResource, refuse, type Resource } from "./refusal.ts";
import { LostReply, type Rate, readRate, readRetryAt, type Reply } from "./reply.ts";

export type Attempt = {
  now: () => number;
  signal: AbortSignal;
  /** Hears every answer's headers, those of a refusal too. */
  hear?: (headers: Headers) => void;
};

/** Each asks once, and throws a LostReply when asking again may help, an ExportError when it can't. */
export interface OfferPortal {
  requestPage: (number: number, attempt: Attempt) => Promise<Reply<Page>>;
  /** Null when there is no such offer. */
  requestOffer: (id: string, attempt: Attempt) => Promise<Reply<RawOffer>>;
}

/** As for offers. */
export interface CustomerPortal {
  requestCustomers: (number: number, attempt: Attempt) => Promise<Reply<CustomerPage>>;
  /** Null when there is no such customer. */
  requestCustomer: (id: string, attempt: Attempt) => Promise<Reply<Customer | null>>;
}

export type Portal = OfferPortal & CustomerPortal;

const timeoutMs = 30_000;

type Received = { status: number; body: string; rate: Rate };

/**
 * Pages are asked for by number under the configured address and nowhere else: neither `next_page_url`
 * nor a redirect can lead the key to another origin.
 */
export function openPortal({ url, key }: { url: string; key: string }): Portal {
  const headers = { authorization: `Bearer ${key}`, accept: "application/json" };

  async function send(resource: Resource, tail: string, signal: AbortSignal): Promise<Response> {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    try {
      return await fetch(`${url}${resource.path}${tail}`, { headers, redirect: "manual", signal: bounded });
    } catch (cause) {
      throw new LostReply(`GET ${resource.path} got no answer`, { cause });
    }
  }

  /** What may be another answer the next time is thrown as a LostReply. */
  async function receive(resource: Resource, tail: string, attempt: Attempt): Promise<Received> {
    const { now, signal, hear } = attempt;
    const response = await send(resource, tail, signal);
    hear?.(response.headers);
    const { status } = response;
    const rate = readRate(response.headers);
    const body = await readBody(resource, response, rate);
    const isRefusal = status === 429;
    if (!isRefusal && status !== 408 && status < 500) return { status, body, rate };
    const retryAtMs = readRetryAt(response.headers, now());
    throw new LostReply(`GET ${resource.path} answered ${status}`, { rate, isRefusal, retryAtMs });
  }

  async function requestList(resource: Resource, number: number, attempt: Attempt): Promise<Reply<Listing>> {
    const received = await receive(resource, `?page=${number}`, attempt);
    const { status, rate } = received;
    if (status === 404 && number > 1) return { value: beyondEnd, rate };
    if (status !== 200) throw refuse(resource, status);
    const listing = parseListing(number, readJson(resource, received));
    if (listing === null) throw notTheApi(resource, 200);
    return { value: listing, rate };
  }

  /** Null when there is no such thing. */
  async function requestItem(resource: Resource, id: string, attempt: Attempt): Promise<Reply<unknown>> {
    const received = await receive(resource, `/${encodeURIComponent(id)}`, attempt);
    const { status, rate } = received;
    if (status === 404) return { value: null, rate };
    if (status !== 200) throw refuse(resource, status);
    const item = readJson(resource, received);
    if (readId(item) !== id) throw notTheApi(resource, 200);
    return { value: item, rate };
  }

  return {
    async requestPage(number, attempt) {
      const { value, rate } = await requestList(offerResource, number, attempt);
      return { value: makePage(number, value.items, value.isLast, value.isMiscounted), rate };
    },
    requestOffer: (id, attempt) => requestItem(offerResource, id, attempt),
    async requestCustomers(number, attempt) {
      const { value, rate } = await requestList(customerResource, number, attempt);
      const customers = value.items.map(parseCustomer).filter((customer) => customer !== null);
      return { value: { number, customers, isLast: value.isLast }, rate };
    },
    async requestCustomer(id, attempt) {
      const { value, rate } = await requestItem(customerResource, id, attempt);
      return { value: parseCustomer(value), rate };
    },
  };
}

async function readBody({ path }: Resource, response: Response, rate: Rate): Promise<string> {
  try {
    return await response.text();
  } catch (cause) {
    throw new LostReply(`GET ${path} broke off in its answer`, { rate, cause });
  }
}

/** An empty or half a JSON body may be whole the next time; what is no JSON at all stays none. */
function readJson(resource: Resource, { body, rate }: Received): unknown {
  try {
    return parseJson(body);
  } catch (cause) {
    if (/^\s*[^\s{[]/.test(body)) throw notTheApi(resource, 200);
    throw new LostReply(`GET ${resource.path} answered with broken JSON`, { rate, cause });
  }
}
