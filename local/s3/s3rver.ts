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

/** What of s3rver's file store is used or changed here. */
export type Store = {
  getResourcePath(bucket: string, key: string | undefined, resource: string): string;
  getBucket(name: string): Promise<unknown>;
  putBucket(name: string): Promise<unknown>;
  existsObject(bucket: string, key: string): Promise<boolean>;
  getMetadata(bucket: string, key: string): Promise<Metadata>;
  getObject(bucket: string, key: string, range?: Range): Promise<StoredObject | null>;
  listObjects(bucket: string, options: { prefix: string }): Promise<{ objects: StoredObject[] }>;
  putObject(object: StoredObject): Promise<{ size: number; md5: string }>;
  copyObject(...places: [string, string, string, string, Metadata?]): Promise<Metadata>;
  deleteObject(bucket: string, key: string): Promise<void>;
};

/** A request and its answer on their way through s3rver: Koa's context. */
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

// s3rver is CommonJS without types
const load = createRequire(import.meta.url);
export const S3rver: new (options: object) => App = load("@20minutes/s3rver");
export const FileStore: new (directory: string) => Store = load("@20minutes/s3rver/lib/stores/filesystem.js");
export const S3Error: new (code: string, message: string) => Error & { status: number } = load(
  "@20minutes/s3rver/lib/models/error.js",
);
