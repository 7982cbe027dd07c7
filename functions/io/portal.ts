import { ExportError } from "../core/error.ts";
import { makePage, type Page, parsePage } from "../core/page.ts";

/** What an answer said about the rate limit; null where it said nothing. */
export type Rate = { remaining: number | null; perWindow: number | null };

export type Reply = { page: Page; rate: Rate };

/** A request that brought no usable answer, and may when it is sent again. */
export class LostReply extends Error {
  override name = "LostReply";
  readonly rate: Rate;
  constructor(message: string, rate: Rate, cause?: unknown) {
    super(message, { cause });
    this.rate = rate;
  }
}

/** A 429; `retryAtMs` is when the portal answers again, if it said so. */
export class RefusedReply extends LostReply {
  override name = "RefusedReply";
  readonly retryAtMs: number | null;
  constructor(rate: Rate, retryAtMs: number | null) {
    super("GET /customer-offers answered 429", rate);
    this.retryAtMs = retryAtMs;
  }
}

export interface Portal {
  /** Asks once. Throws a LostReply when asking again may help, an ExportError when it can't. */
  requestPage: (number: number, options: { nowMs: number; signal: AbortSignal }) => Promise<Reply>;
}

const timeoutMs = 30_000;

/**
 * Pages are asked for by number under the configured address and nowhere else: neither `next_page_url`
 * nor a redirect can lead the key to another origin.
 */
export function openPortal({ url, key }: { url: string; key: string }): Portal {
  const headers = { authorization: `Bearer ${key}`, accept: "application/json" };

  async function send(number: number, signal: AbortSignal): Promise<Response> {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    try {
      return await fetch(`${url}/customer-offers?page=${number}`, {
        headers,
        redirect: "manual",
        signal: bounded,
      });
    } catch (error) {
      throw new LostReply("GET /customer-offers got no answer", { remaining: null, perWindow: null }, error);
    }
  }

  async function requestPage(
    number: number,
    { nowMs, signal }: { nowMs: number; signal: AbortSignal },
  ): Promise<Reply> {
    const response = await send(number, signal);
    const rate = readRate(response.headers);
    const body = await readBody(response, rate);
    if (response.status === 429) throw new RefusedReply(rate, readRetryAt(response.headers, nowMs));
    if (response.status >= 500 || response.status === 408)
      throw new LostReply(`GET /customer-offers answered ${response.status}`, rate);
    if (response.status === 404 && number > 1) return { page: makePage(number, [], true), rate };
    if (response.status !== 200) throw refuse(response.status);
    return { page: parseAnswer(number, body, rate), rate };
  }

  return { requestPage };
}

async function readBody(response: Response, rate: Rate): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    throw new LostReply("GET /customer-offers broke off in its answer", rate, error);
  }
}

/** An empty or half a JSON body may be whole the next time; JSON that is no page stays none. */
function parseAnswer(number: number, body: string, rate: Rate): Page {
  let json: unknown;
  try {
    json = parseJson(body);
  } catch (error) {
    if (/^\s*[^\s{[]/.test(body)) throw notTheApi(200);
    throw new LostReply("GET /customer-offers answered with broken JSON", rate, error);
  }
  const page = parsePage(number, json);
  if (page === null) throw notTheApi(200);
  return page;
}

/** Numbers that a float would change, by their digits or by a zero at the end of their decimals. */
const delicateNumber = /[[:,]\s*-?(?:\d[\d.eE+-]{15,}|\d+\.\d*0)\s*[,}\]]/;

/** Gives such a number as its text, where the API has text anyway. */
function parseJson(body: string): unknown {
  if (!delicateNumber.test(body)) return JSON.parse(body);
  return JSON.parse(body, (_name, value: unknown, context?: { source?: string }) => {
    const source = context?.source;
    return typeof value === "number" && source !== undefined && String(value) !== source ? source : value;
  });
}

function refuse(status: number): ExportError {
  if (status === 401) return new ExportError("portal", "portal_key_refused", keyRefused);
  if (status === 403) return new ExportError("portal", "portal_scope_missing", scopeMissing);
  if (status === 404) return new ExportError("portal", "portal_not_found", notFound);
  return notTheApi(status);
}

function notTheApi(status: number): ExportError {
  const detail =
    `The answer to GET /customer-offers (status ${status}) is not one of the portal's API. ` +
    "Check that PORTAL_API_URL is the API's own address, ending in /v1.";
  return new ExportError("portal", "portal_not_api", detail);
}

const keyRefused =
  "The portal does not accept the API key (401). Make a new one in the portal under Settings → API keys, " +
  "with the scope offers.read, and set it as PORTAL_API_KEY (in the cloud: the secret PortalApiKey).";

const scopeMissing =
  "The key lacks the scope offers.read (403). Give it that scope in the portal under Settings → API keys, " +
  "or make a new key that has it.";

const notFound =
  "The portal knows no offers at this address (404). Check that PORTAL_API_URL is the API's own address, ending in /v1.";

function readRate(headers: Headers): Rate {
  return {
    remaining: readCount(headers, "x-ratelimit-remaining"),
    perWindow: readCount(headers, "x-ratelimit-limit"),
  };
}

/** `retry-after` is in seconds from now; `x-ratelimit-reset`, in seconds since 1970, wants clocks that agree. */
function readRetryAt(headers: Headers, nowMs: number): number | null {
  const after = readCount(headers, "retry-after");
  const reset = readCount(headers, "x-ratelimit-reset");
  if (after !== null) return nowMs + after * 1000;
  return reset === null || reset * 1000 <= nowMs ? null : reset * 1000;
}

function readCount(headers: Headers, name: string): number | null {
  const text = headers.get(name);
  return text !== null && /^\d{1,12}$/.test(text) ? Number(text) : null;
}
