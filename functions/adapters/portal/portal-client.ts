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
import { type SystemTimer, systemTimer } from "../clock/clock.ts";
import { describeNetworkFailure } from "./network-errors.ts";
import {
  createResponseError,
  customerResource,
  isBeyondLastPage,
  isHtml,
  isRateLimited,
  offerResource,
  type ReceivedResponse,
  type Resource,
  RetryableError,
} from "./portal-errors.ts";
import { decodeBody, type RateHeaders, readRateHeaders, readRetryAt } from "./response-headers.ts";

export type RequestAttempt = {
  now: () => number;
  signal: AbortSignal;
  /** Called with the headers of every response, also when the response refuses the request. */
  onHeaders?: (headers: Headers) => void;
};

/**
 * `isBlank` is true when the response only shows that the list does not have the requested page. Such a response does
 * not prove that the key and the address work.
 */
export type PortalResponse<T> = { value: T; rate: RateHeaders; isBlank?: boolean };

/** Reads the portal's offers. Each method sends one request, and throws a RetryableError when a retry may help. */
export interface OfferPortal {
  requestPage: (number: number, attempt: RequestAttempt) => Promise<PortalResponse<OfferPage>>;
  /** The value is null when the portal has no offer with this id. */
  requestOffer: (id: string, attempt: RequestAttempt) => Promise<PortalResponse<RawOffer>>;
}

/** Reads the portal's customers. Each method sends one request, and throws a RetryableError when a retry may help. */
export interface CustomerPortal {
  requestCustomers: (number: number, attempt: RequestAttempt) => Promise<PortalResponse<CustomerPage>>;
  /** The value is null when the portal has no customer with this id. */
  requestCustomer: (id: string, attempt: RequestAttempt) => Promise<PortalResponse<Customer | null>>;
}

export type Portal = OfferPortal & CustomerPortal;

const timeoutMs = 30_000;

/**
 * Opens a client of the portal's API. The client requests pages by their numbers, at the configured address. It follows
 * neither `next_page_url` nor redirects, so the API key never reaches another origin.
 */
export function openPortal({ url, key }: { url: string; key: string }, options: PortalOptions = {}): Portal {
  const { fetch = globalThis.fetch, timer = systemTimer } = options;
  const access = { url, key, fetch, timer };
  const requestOffers = createListRequest(access, offerResource);
  const requestCustomers = createListRequest(access, customerResource);
  const requestCustomer = createItemRequest(access, customerResource);
  return {
    async requestPage(number, attempt) {
      const { value, ...response } = await requestOffers(number, attempt);
      return { ...response, value: makeOfferPage(number, value.items, value.isLast, value.isMiscounted) };
    },
    requestOffer: createItemRequest(access, offerResource),
    async requestCustomers(number, attempt) {
      const { value, ...response } = await requestCustomers(number, attempt);
      const customers = value.items.map(parseCustomer).filter((customer) => customer !== null);
      return { ...response, value: { number, customers, isLast: value.isLast } };
    },
    async requestCustomer(id, attempt) {
      const { value, rate } = await requestCustomer(id, attempt);
      return { value: parseCustomer(value), rate };
    },
  };
}

/** `fetch` sends the requests, and `timer` limits the time for each response. */
type Transport = { fetch: typeof globalThis.fetch; timer: Pick<SystemTimer, "timeout"> };

export type PortalOptions = { [Name in keyof Transport]?: Transport[Name] | undefined };

type PortalAccess = { url: string; key: string } & Transport;

type RequestList = (number: number, attempt: RequestAttempt) => Promise<PortalResponse<PortalPage>>;

function createListRequest(access: PortalAccess, resource: Resource): RequestList {
  return async (number, attempt) => {
    const received = await receive(access, { resource, suffix: `?page=${number}` }, attempt);
    const { status, rate } = received;
    if (isRateLimited(received)) throw createResponseError(resource, received);
    if (number > 1 && isBeyondLastPage(status)) return { value: beyondEnd, rate, isBlank: true };
    if (status !== 200) throw createResponseError(resource, received);
    const listing = parsePortalPage(number, parseBody(resource, received));
    if (listing === null)
      throw createResponseError(resource, received, ` that is no page of ${resource.name}`);
    return { value: listing, rate };
  };
}

type RequestItem = (id: string, attempt: RequestAttempt) => Promise<PortalResponse<unknown>>;

function createItemRequest(access: PortalAccess, resource: Resource): RequestItem {
  return async (id, attempt) => {
    const received = await receive(access, { resource, suffix: `/${encodeURIComponent(id)}` }, attempt);
    const { status, rate } = received;
    const isGone = (status === 404 || status === 410) && !isHtml(received);
    if (isGone && !isRateLimited(received)) return { value: null, rate };
    if (status !== 200) throw createResponseError(resource, received);
    const item = unwrap(parseBody(resource, received));
    if (readId(item) !== id) throw createResponseError(resource, received, " that is not what was asked for");
    return { value: item, rate };
  };
}

type Target = { resource: Resource; suffix: string };

async function receive(
  access: PortalAccess,
  { resource, suffix }: Target,
  { now, signal, onHeaders }: RequestAttempt,
): Promise<ReceivedResponse> {
  const response = await send(access, `${resource.path}${suffix}`, { path: resource.path, signal });
  onHeaders?.(response.headers);
  const { status } = response;
  const rate = readRateHeaders(response.headers);
  const contentType = response.headers.get("content-type");
  const body = decodeBody(await readBytes(resource, response, rate), contentType);
  return { status, contentType, body, rate, retryAtMs: readRetryAt(response.headers, now()) };
}

/** Sends one request. Error messages name `path` instead of `target`, because `target` contains the query or an id. */
async function send(
  { url, key, fetch, timer }: PortalAccess,
  target: string,
  { path, signal }: { path: string; signal: AbortSignal },
): Promise<Response> {
  const headers = { authorization: `Bearer ${key}`, accept: "application/json" };
  const bounded = AbortSignal.any([signal, timer.timeout(timeoutMs)]);
  try {
    return await fetch(`${url}${target}`, { headers, redirect: "manual", signal: bounded });
  } catch (cause) {
    const { symptom, remedy } = describeNetworkFailure(cause, url);
    throw new RetryableError(`GET ${path} got no answer: ${symptom}`, {
      symptom: `got no answer: ${symptom}`,
      remedy,
      cause,
    });
  }
}

async function readBytes({ path }: Resource, response: Response, rate: RateHeaders): Promise<Uint8Array> {
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    const symptom = "broke off in its answer";
    throw new RetryableError(`GET ${path} ${symptom}`, { symptom, rate, cause });
  }
}

/**
 * Parses the body. Throws a RetryableError when the JSON is broken, because the body may have been cut off. Throws
 * another error when the body does not begin like JSON, because then it does not come from the API.
 */
function parseBody(resource: Resource, received: ReceivedResponse): unknown {
  const { body, rate, retryAtMs } = received;
  try {
    return parsePortalJson(body);
  } catch (cause) {
    if (/^\s*[^\s{[]/.test(body)) throw createResponseError(resource, received);
    const symptom = "answered with broken JSON";
    throw new RetryableError(`GET ${resource.path} ${symptom}`, { symptom, rate, retryAtMs, cause });
  }
}

/** Takes the resource out of `data`, in which Laravel wraps it. */
function unwrap(body: unknown): unknown {
  const isWrapped = typeof body === "object" && body !== null && !("id" in body) && "data" in body;
  return isWrapped ? body.data : body;
}

/** Matches numbers that a float could change: those with more than 15 digits, and decimals that end in zero. */
const inexactNumber = /[[:,]\s*-?(?:\d[\d.eE+-]{15,}|\d+\.\d*0)\s*[,}\]]/;

/**
 * Parses JSON. A number that a float cannot hold exactly becomes a string with the original digits. That is safe,
 * because the API itself sends amounts as strings.
 */
function parsePortalJson(body: string): unknown {
  if (!inexactNumber.test(body)) return JSON.parse(body);
  return JSON.parse(body, (_name, value: unknown, context?: { source?: string }) => {
    const source = context?.source;
    return typeof value === "number" && source !== undefined && String(value) !== source ? source : value;
  });
}
