import type { PortalResponse } from "../../local/portal/portal-server.ts";
import { makeFetchError } from "./virtual-network.ts";

/** A response that code writes as it writes Node's `ServerResponse`. `response` is what `fetch` returns for it. */
export class VirtualResponse implements PortalResponse {
  readonly response: Promise<Response>;
  statusCode = 200;
  headersSent = false;
  readonly #headers = new Headers();
  readonly #given = Promise.withResolvers<Response>();
  readonly #closing: (() => void)[] = [];
  #stream: ReadableStreamDefaultController<Uint8Array> | null = null;
  #hasEnded = false;

  constructor() {
    this.response = this.#given.promise;
    this.response.catch(() => undefined);
  }

  setHeader(name: string, value: string | number): void {
    this.#headers.set(name, String(value));
  }

  setHeaders(headers: Map<string, string | number>): void {
    for (const [name, value] of headers) this.setHeader(name, value);
  }

  removeHeader(name: string): void {
    this.#headers.delete(name);
  }

  writeHead(status: number, headers: Record<string, string | number> = {}): this {
    this.statusCode = status;
    for (const [name, value] of Object.entries(headers)) this.setHeader(name, value);
    this.headersSent = true;
    return this;
  }

  write(chunk: string | Uint8Array): boolean {
    this.headersSent = true;
    if (this.#stream === null) {
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => void (this.#stream = controller),
      });
      this.#answer(body);
    }
    this.#stream?.enqueue(Buffer.from(chunk));
    return true;
  }

  end(chunk: string | Uint8Array = ""): this {
    this.headersSent = true;
    if (this.#stream === null) this.#answer(chunk.length > 0 ? Buffer.from(chunk) : null);
    else {
      if (chunk.length > 0) this.#stream.enqueue(Buffer.from(chunk));
      this.#stream.close();
    }
    this.#close();
    return this;
  }

  destroy(): this {
    if (this.#hasEnded) return this;
    this.#given.reject(makeFetchError("UND_ERR_SOCKET", "other side closed"));
    this.#stream?.error(makeFetchError("UND_ERR_SOCKET", "other side closed"));
    this.#close();
    return this;
  }

  on(_event: "close", listener: () => void): void {
    this.#closing.push(listener);
  }

  #answer(body: Buffer<ArrayBuffer> | ReadableStream<Uint8Array> | null): void {
    const isBodiless = [204, 205, 304].includes(this.statusCode);
    const { statusCode: status } = this;
    this.#given.resolve(new Response(isBodiless ? null : body, { status, headers: this.#headers }));
  }

  #close(): void {
    this.#hasEnded = true;
    for (const listener of this.#closing) listener();
  }
}
