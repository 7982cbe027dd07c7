import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { Readable } from "node:stream";

export type Metadata = Record<string, string | undefined>;
export type StoredObject = {
  bucket: string;
  key: string;
  metadata: Metadata;
  size: number;
  lastModifiedDate: Date;
};
export type Range = { start?: number; end?: number };
export type Query = Record<string, string | undefined>;

/** The methods of s3rver's file store that this project uses or overrides. */
export type Store = {
  getResourcePath(bucket: string, key: string | undefined, resource: string): string;
  getBucket(name: string): Promise<unknown>;
  putBucket(name: string): Promise<unknown>;
  existsObject(bucket: string, key: string): Promise<boolean>;
  getMetadata(bucket: string, key: string): Promise<Metadata>;
  getObject(bucket: string, key: string, range?: Range): Promise<StoredObject | null>;
  listObjects(bucket: string, options: { prefix: string }): Promise<{ objects: StoredObject[] }>;
  putObject(object: StoredObject): Promise<{ size: number; md5: string }>;
  copyObject(...locations: [string, string, string, string, Metadata?]): Promise<Metadata>;
  deleteObject(bucket: string, key: string): Promise<void>;
};

/** Koa's context: a request and its answer in s3rver. */
export type Call = {
  req: Readable;
  readonly request: { readonly req: IncomingMessage };
  readonly headers: IncomingHttpHeaders;
  readonly method: string;
  readonly originalUrl: string;
  readonly query: Query;
  path: string;
  querystring: string;
  status: number;
  type: string;
  body: unknown;
  state: { account?: object };
};

export type Middleware = (call: Call, next: () => Promise<void>) => Promise<void>;

type App = {
  store: Store;
  context: { store: Store };
  middleware: Middleware[];
  callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  on(name: "error", listener: (error: Error) => void): void;
};

// Loads s3rver with `require` and declares its types here, because s3rver is CommonJS without types.
const load = createRequire(import.meta.url);
export const S3rver: new (options: object) => App = load("@20minutes/s3rver");
export const FileStore: new (directory: string) => Store = load("@20minutes/s3rver/lib/stores/filesystem.js");
const S3Error: new (code: string, message: string) => Error & { status: number } = load(
  "@20minutes/s3rver/lib/models/error.js",
);

/** Makes an error that s3rver sends to the client. s3rver adds the HTTP status that S3 has for the code. */
export function refuse(code: string, message: string) {
  return new S3Error(code, message);
}

// Matches the codes of errors that occur when a client disconnects.
const goneCode = /^(ECONNRESET|EPIPE|ERR_STREAM_PREMATURE_CLOSE|HPE_\w+)$/;

export function reportFailure(error: Error & { code?: string }): void {
  if (error instanceof S3Error || goneCode.test(error.code ?? "")) return;
  console.error(`s3: ${error.name}: ${error.message}`);
}

export type Pair = [name: string, value: string];

/** Parses the query of a URL. Keeps each + as it is, unlike URLSearchParams, which reads a + as a space. */
export function parseQuery(url: string): Pair[] {
  const pairs = url.replace(/^[^?]*\??/, "").split("&");
  return pairs.filter(Boolean).map((pair) => {
    const [name = "", ...value] = pair.split("=");
    return [decode(name), decode(value.join("="))];
  });
}

export function encodeQuery(query: Pair[]): string {
  return query.map((pair) => pair.map(encode).join("=")).join("&");
}

/** Escapes every character that RFC 3986 reserves, as S3's signatures require. */
export function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Compares two texts by their UTF-8 bytes, as S3 does. */
export function compareBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
