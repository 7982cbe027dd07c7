import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { dirname, join } from "node:path";
import {
  type Call,
  decode,
  FileStore,
  type Metadata,
  type Middleware,
  type Range,
  refuse,
  type Store,
  type StoredObject,
} from "./s3rver-parts.ts";

/** Returns a function that runs work. Work with the same name runs one after the other. */
function createLock() {
  const tails = new Map<string, Promise<unknown>>();
  return async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const before = tails.get(name);
    const run = before === undefined ? work() : before.then(work);
    const tail = run.catch(() => undefined).finally(() => tails.get(name) === tail && tails.delete(name));
    tails.set(name, tail);
    return run;
  };
}

/** The folder of incomplete writes. No bucket can have this name. */
export const staging = ".staged";

type ObjectLocation = { bucket: string; key: string };

/** A store that writes objects atomically, and checks the conditions of a write at the moment of the write. */
export class SafeStore extends FileStore {
  readonly #exclusively = createLock();

  override getResourcePath(bucket: string, key: string | undefined, resource: string): string {
    if (key?.split("/").some((part) => part === "." || part === "..")) {
      throw refuse("InvalidURI", "A key has no . or .. in it here.");
    }
    return super.getResourcePath(bucket, key, resource);
  }

  override async getBucket(name: string): Promise<unknown> {
    return /^[a-z0-9][a-z0-9.-]+[a-z0-9]$/.test(name) ? super.getBucket(name) : null;
  }

  /** Reads an object under the object's lock, so that the object's three files come from the same write. */
  override async getObject(bucket: string, key: string, range?: Range): Promise<StoredObject | null> {
    return this.#exclusively(`${bucket}/${key}`, () => super.getObject(bucket, key, range));
  }

  override async putObject(object: StoredObject): Promise<{ size: number; md5: string }> {
    return this.#stage(object, (staged) => super.putObject({ ...object, ...staged }));
  }

  override async copyObject(...locations: [string, string, string, string, Metadata?]): Promise<Metadata> {
    const [fromBucket, fromKey, bucket, key, metadata] = locations;
    return this.#stage({ bucket, key }, (staged) =>
      super.copyObject(fromBucket, fromKey, staged.bucket, staged.key, metadata),
    );
  }

  /**
   * Deletes an object, but leaves empty folders in place. s3rver's implementation removes empty folders, and may
   * remove a new object with them.
   */
  override async deleteObject(bucket: string, key: string): Promise<void> {
    await this.#exclusively(`${bucket}/${key}`, async () => {
      await checkConditions(this, bucket, key);
      for (const path of this.#listPaths({ bucket, key })) await rm(path, { force: true });
    });
  }

  /**
   * Writes an object's files to the staging folder, then moves the files to the object's path under the object's lock.
   */
  async #stage<T>(location: ObjectLocation, write: (staged: ObjectLocation) => Promise<T>): Promise<T> {
    const staged = { bucket: staging, key: randomUUID() };
    const from = this.#listPaths(staged).toReversed();
    const to = this.#listPaths(location).toReversed();
    try {
      const written = await write(staged);
      await this.#exclusively(`${location.bucket}/${location.key}`, async () => {
        await checkConditions(this, location.bucket, location.key);
        await mkdir(dirname(this.getResourcePath(location.bucket, location.key, "object")), {
          recursive: true,
        });
        for (const [index, path] of to.entries()) await rename(from[index] ?? "", path);
      });
      return written;
    } finally {
      for (const path of from) await rm(path, { force: true });
    }
  }

  /** Lists the paths of an object's three files. The file that decides whether the object exists comes first. */
  #listPaths({ bucket, key }: ObjectLocation): string[] {
    return ["object", "object.md5", "metadata.json"].map((part) => this.getResourcePath(bucket, key, part));
  }
}

const conditions = new AsyncLocalStorage<IncomingHttpHeaders>();

/** Keeps a write's headers for `checkConditions`, because s3rver does not pass them to the store. */
export async function storeConditions({ method, headers }: Call, next: () => Promise<void>): Promise<void> {
  await conditions.run(method === "GET" || method === "HEAD" ? {} : headers, next);
}

async function checkConditions(store: Store, bucket: string, key: string): Promise<void> {
  const { "if-match": ifMatch, "if-none-match": ifNoneMatch } = conditions.getStore() ?? {};
  if (ifMatch === undefined && ifNoneMatch === undefined) return;
  const exists = await store.existsObject(bucket, key);
  const failed = refuse(
    "PreconditionFailed",
    "At least one of the pre-conditions you specified did not hold",
  );
  if (ifNoneMatch !== undefined && exists) throw failed;
  if (ifMatch === undefined) return;
  if (!exists) throw refuse("NoSuchKey", "The specified key does not exist.");
  const { etag = "" } = await store.getMetadata(bucket, key);
  if (ifMatch !== "*" && unquote(ifMatch) !== unquote(etag)) throw failed;
}

function unquote(etag: string): string {
  return etag.replaceAll('"', "");
}

/** Refuses requests for unknown multipart uploads, and implements AbortMultipartUpload. s3rver does neither. */
export function checkUpload(store: Store): Middleware {
  return async (call, next) => {
    const { uploadId } = call.query;
    if (uploadId === undefined) return next();
    const [, bucket = ""] = call.path.split("/").map(decode);
    const folder = join(store.getResourcePath(bucket, undefined, "uploads"), uploadId);
    const isOpen = /^[0-9a-f]{32}$/.test(uploadId) && (await hasUpload(folder));
    if (!isOpen) throw refuse("NoSuchUpload", "The specified multipart upload does not exist.");
    if (call.method !== "DELETE") return next();
    await rm(folder, { recursive: true, force: true });
    call.status = 204;
  };
}

async function hasUpload(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}
