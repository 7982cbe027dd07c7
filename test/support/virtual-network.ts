import type { IncomingHttpHeaders } from "node:http";
import { brotliDecompressSync, gunzipSync } from "node:zlib";

export type RawRequest = {
  method?: string;
  /** The path to send, without normalisation. The default is the URL's path. */
  path?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
};

export type RawResponse = { status: number; headers: IncomingHttpHeaders; body: Buffer };

/** Answers a request. A rejection breaks the connection. */
export type Serve = (request: Request) => Promise<Response>;

/** A request and a response without what `fetch` adds, removes and decodes. */
export type ServeRaw = (request: RawRequest) => Promise<RawResponse>;

export type VirtualNetwork = {
  /** Gives the server an origin on loopback, at which `fetch` finds it. `serveRaw` answers requests of `sendRaw`. */
  listen: (serve: Serve, serveRaw?: ServeRaw) => string;
  close: (origin: string) => void;
  /** Sends a request as it is. Returns null when there is no server at this origin. */
  sendRaw: (origin: string, request: RawRequest) => Promise<RawResponse> | null;
  fetch: typeof globalThis.fetch;
};

const maxRedirects = 20;

/** Creates servers without sockets, and a `fetch` that reaches them and no others. */
export function createNetwork(): VirtualNetwork {
  const servers = new Map<string, { serve: Serve; serveRaw: ServeRaw | undefined }>();
  let opened = 0;

  async function send(request: Request): Promise<Response> {
    const server = servers.get(new URL(request.url).origin);
    if (server === undefined) throw makeFetchError("ECONNREFUSED", "connect ECONNREFUSED");
    const response = await orAbort(server.serve(request), request.signal);
    return decompress(response);
  }

  return {
    listen(serve, serveRaw) {
      const origin = `http://127.0.0.1:${20_000 + (opened += 1)}`;
      servers.set(origin, { serve, serveRaw });
      return origin;
    },
    close: (origin) => void servers.delete(origin),
    sendRaw(origin, request) {
      const server = servers.get(origin);
      if (server === undefined) return null;
      return server.serveRaw?.(request) ?? sendPlain(server.serve, origin, request);
    },
    async fetch(input, init) {
      let request = new Request(input, init);
      const { method, redirect, signal } = request;
      for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
        const response = await send(request);
        Object.defineProperty(response, "url", { value: request.url });
        const location = response.headers.get("location");
        if (redirect !== "follow" || location === null || !isRedirect(response)) return response;
        // As browsers do, leaves out the headers, because the next server may be another one.
        request = new Request(new URL(location, request.url), { method, signal });
      }
      throw makeFetchError("ERR_REDIRECTS", "redirect count exceeded");
    },
  };
}

async function sendPlain(serve: Serve, origin: string, request: RawRequest): Promise<RawResponse> {
  const { method = "GET", path = "/", headers = {} } = request;
  const response = await serve(new Request(new URL(path, origin), { method, headers }));
  const { status } = response;
  const body = Buffer.from(await response.arrayBuffer());
  return { status, headers: Object.fromEntries(response.headers), body };
}

function isRedirect({ status }: Response): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

/** An error as Node's `fetch` throws it. */
export function makeFetchError(code: string, message: string): TypeError {
  return new TypeError("fetch failed", { cause: Object.assign(new Error(message), { code }) });
}

/** Throws the reason of the abort if the signal aborts first. */
function orAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  return Promise.race([work, promise]).finally(() => signal.removeEventListener("abort", abort));
}

const decompressors = new Map([
  ["gzip", gunzipSync],
  ["br", brotliDecompressSync],
]);

async function decompress(response: Response): Promise<Response> {
  const decode = decompressors.get(response.headers.get("content-encoding") ?? "");
  if (decode === undefined || response.body === null) return response;
  const { status, headers } = response;
  return new Response(Uint8Array.from(decode(await response.arrayBuffer())), { status, headers });
}
