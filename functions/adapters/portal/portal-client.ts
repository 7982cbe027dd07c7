import {
  beyondEnd,
  makeOfferPage,
  type OfferPage,
  parsePortalPage,
  type PortalPage,
} from "../../core/crawl/offer-page.ts";
import { type Customer, parseCustomer } from "../../core/customer/customer.ts";
import type { CustomerPage } from "../../core/customer/name-lookup.ts";
import { type RawOffer, readId } from "../../core/offer/offer.ts";
import { describeNetworkFailure } from "./network-errors.ts";
import {
  type PortalReply,
  type RateHeaders,
  readRateHeaders,
  readRetryAt,
  RetryableError,
} from "./rate-headers.ts";
import {
  customerResource,
  decodeBody,
  endsList,
  isHtml,
  isLimited,
  offerResource,
  type ReceivedAnswer,
  refuseAnswer,
  type Resource,
} from "./response-errors.ts";

export type RequestAttempt = {
  now: () => number;
  signal: AbortSignal;
  /** Hears every answer's headers, those of a refusal too. */
  hear?: (headers: Headers) => void;
};

/** Each asks once, and throws a LostReply: asking again may help. */
export interface OfferPortal {
  requestPage: (number: number, attempt: RequestAttempt) => Promise<PortalReply<OfferPage>>;
  /** Null when there is no such offer. */
  requestOffer: (id: string, attempt: RequestAttempt) => Promise<PortalReply<RawOffer>>;
}

/** As for offers. */
export interface CustomerPortal {
  requestCustomers: (number: number, attempt: RequestAttempt) => Promise<PortalReply<CustomerPage>>;
  /** Null when there is no such customer. */
  requestCustomer: (id: string, attempt: RequestAttempt) => Promise<PortalReply<Customer | null>>;
}

export type Portal = OfferPortal & CustomerPortal;

const timeoutMs = 30_000;

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
      const { seen, remedy } = describeNetworkFailure(cause, url);
      throw new RetryableError(`GET ${resource.path} got no answer: ${seen}`, {
        seen: `got no answer: ${seen}`,
        remedy,
        cause,
      });
    }
  }

  async function receive(resource: Resource, tail: string, attempt: RequestAttempt): Promise<ReceivedAnswer> {
    const { now, signal, hear } = attempt;
    const response = await send(resource, tail, signal);
    hear?.(response.headers);
    const { status } = response;
    const rate = readRateHeaders(response.headers);
    const contentType = response.headers.get("content-type");
    const body = decodeBody(await readBytes(resource, response, rate), contentType);
    return { status, contentType, body, rate, retryAtMs: readRetryAt(response.headers, now()) };
  }

  async function requestList(
    resource: Resource,
    number: number,
    attempt: RequestAttempt,
  ): Promise<PortalReply<PortalPage>> {
    const received = await receive(resource, `?page=${number}`, attempt);
    const { status, rate } = received;
    if (isLimited(received)) throw refuseAnswer(resource, received);
    if (number > 1 && endsList(status)) return { value: beyondEnd, rate, isBlank: true };
    if (status !== 200) throw refuseAnswer(resource, received);
    const listing = parsePortalPage(number, parseBody(resource, received));
    if (listing === null) throw refuseAnswer(resource, received, ` that is no page of ${resource.name}`);
    return { value: listing, rate };
  }

  /** Null when there is no such thing. */
  async function requestItem(
    resource: Resource,
    id: string,
    attempt: RequestAttempt,
  ): Promise<PortalReply<unknown>> {
    const received = await receive(resource, `/${encodeURIComponent(id)}`, attempt);
    const { status, rate } = received;
    const isGone = (status === 404 || status === 410) && !isHtml(received);
    if (isGone && !isLimited(received)) return { value: null, rate };
    if (status !== 200) throw refuseAnswer(resource, received);
    const item = unwrap(parseBody(resource, received));
    if (readId(item) !== id) throw refuseAnswer(resource, received, " that is not what was asked for");
    return { value: item, rate };
  }

  return {
    async requestPage(number, attempt) {
      const { value, ...reply } = await requestList(offerResource, number, attempt);
      return { ...reply, value: makeOfferPage(number, value.items, value.isLast, value.isMiscounted) };
    },
    requestOffer: (id, attempt) => requestItem(offerResource, id, attempt),
    async requestCustomers(number, attempt) {
      const { value, ...reply } = await requestList(customerResource, number, attempt);
      const customers = value.items.map(parseCustomer).filter((customer) => customer !== null);
      return { ...reply, value: { number, customers, isLast: value.isLast } };
    },
    async requestCustomer(id, attempt) {
      const { value, rate } = await requestItem(customerResource, id, attempt);
      return { value: parseCustomer(value), rate };
    },
  };
}

async function readBytes({ path }: Resource, response: Response, rate: RateHeaders): Promise<Uint8Array> {
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    const seen = "broke off in its answer";
    throw new RetryableError(`GET ${path} ${seen}`, { seen, rate, cause });
  }
}

/** An empty or half a JSON body may be whole the next time; what is no JSON at all is no answer of the API. */
function parseBody(resource: Resource, received: ReceivedAnswer): unknown {
  const { body, rate, retryAtMs } = received;
  try {
    return parsePortalJson(body);
  } catch (cause) {
    if (/^\s*[^\s{[]/.test(body)) throw refuseAnswer(resource, received);
    const seen = "answered with broken JSON";
    throw new RetryableError(`GET ${resource.path} ${seen}`, { seen, rate, retryAtMs, cause });
  }
}

/** A Laravel resource lies in `data`. */
function unwrap(body: unknown): unknown {
  const isWrapped = typeof body === "object" && body !== null && !("id" in body) && "data" in body;
  return isWrapped ? body.data : body;
}

/** Numbers that a float would change, by their digits or by a zero at the end of their decimals. */
const delicateNumber = /[[:,]\s*-?(?:\d[\d.eE+-]{15,}|\d+\.\d*0)\s*[,}\]]/;

/** Gives such a number as its text, where the API has text anyway. */
export function parsePortalJson(body: string): unknown {
  if (!delicateNumber.test(body)) return JSON.parse(body);
  return JSON.parse(body, (_name, value: unknown, context?: { source?: string }) => {
    const source = context?.source;
    return typeof value === "number" && source !== undefined && String(value) !== source ? source : value;
  });
}
