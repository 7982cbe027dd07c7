import { type RawOffer, readId } from "../core/offer.ts";
import { makePage, type Page, parsePage } from "../core/page.ts";
import { parseJson } from "./json.ts";
import { notTheApi, refuse } from "./refusal.ts";
import { LostReply, type Rate, readRate, readRetryAt, type Reply } from "./reply.ts";

export type Attempt = { now: () => number; signal: AbortSignal };

/** Each asks once, and throws a LostReply when asking again may help, an ExportError when it can't. */
export interface Portal {
  requestPage: (number: number, attempt: Attempt) => Promise<Reply<Page>>;
  /** Null when there is no such offer. */
  requestOffer: (id: string, attempt: Attempt) => Promise<Reply<RawOffer>>;
}

const timeoutMs = 30_000;

type Received = { status: number; body: string; rate: Rate };

/**
 * Pages are asked for by number under the configured address and nowhere else: neither `next_page_url`
 * nor a redirect can lead the key to another origin.
 */
export function openPortal({ url, key }: { url: string; key: string }): Portal {
  const headers = { authorization: `Bearer ${key}`, accept: "application/json" };

  async function send(path: string, signal: AbortSignal): Promise<Response> {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    try {
      return await fetch(`${url}${path}`, { headers, redirect: "manual", signal: bounded });
    } catch (cause) {
      throw new LostReply(`${request} got no answer`, { cause });
    }
  }

  /** What may be another answer the next time is thrown as a LostReply. */
  async function receive(path: string, { now, signal }: Attempt): Promise<Received> {
    const response = await send(path, signal);
    const { status } = response;
    const rate = readRate(response.headers);
    const body = await readBody(response, rate);
    const isRefusal = status === 429;
    if (!isRefusal && status !== 408 && status < 500) return { status, body, rate };
    const retryAtMs = readRetryAt(response.headers, now());
    throw new LostReply(`${request} answered ${status}`, { rate, isRefusal, retryAtMs });
  }

  return {
    async requestPage(number, attempt) {
      const { status, body, rate } = await receive(`${offersPath}?page=${number}`, attempt);
      if (status === 404 && number > 1) return { value: makePage(number, [], true), rate };
      if (status !== 200) throw refuse(status);
      const page = parsePage(number, readJson(body, rate));
      if (page === null) throw notTheApi(200);
      return { value: page, rate };
    },
    async requestOffer(id, attempt) {
      const { status, body, rate } = await receive(`${offersPath}/${encodeURIComponent(id)}`, attempt);
      if (status === 404) return { value: null, rate };
      if (status !== 200) throw refuse(status);
      const offer: RawOffer = readJson(body, rate);
      if (readId(offer) !== id) throw notTheApi(200);
      return { value: offer, rate };
    },
  };
}

const offersPath = "/customer-offers";
const request = `GET ${offersPath}`;

async function readBody(response: Response, rate: Rate): Promise<string> {
  try {
    return await response.text();
  } catch (cause) {
    throw new LostReply(`${request} broke off in its answer`, { rate, cause });
  }
}

/** An empty or half a JSON body may be whole the next time; what is no JSON at all stays none. */
function readJson(body: string, rate: Rate): unknown {
  try {
    return parseJson(body);
  } catch (cause) {
    if (/^\s*[^\s{[]/.test(body)) throw notTheApi(200);
    throw new LostReply(`${request} answered with broken JSON`, { rate, cause });
  }
}
