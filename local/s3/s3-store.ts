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
} from "./s3rver.ts";

/** Runs what has the same name one after the other. */
export function createLock() {
  const tails = new Map<string, Promise<unknown>>();
  return async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const before = tails.get(name);
    const run = before === undefined ? work() : before.then(work);
    const tail = run.catch(() => undefined).finally(() => tails.get(name) === tail && tails.delete(name));
    tails.set(name, tail);
    return run;
  };
}

export const staging = ".staged"; // no bucket can be called this

type Place = { bucket: string; key: string };

/** Objects appear whole or not at all, and conditions are checked in the moment of the write. */
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

  /** Its three files are of one write. */
  override async getObject(bucket: string, key: string, range?: Range): Promise<StoredObject | null> {
    return this.#exclusively(`${bucket}/${key}`, () => super.getObject(bucket, key, range));
  }

  override async putObject(object: StoredObject): Promise<{ size: number; md5: string }> {
    return this.#stage(object, (staged) => super.putObject({ ...object, ...staged }));
  }

  override async copyObject(...places: [string, string, string, string, Metadata?]): Promise<Metadata> {
    const [fromBucket, fromKey, bucket, key, metadata] = places;
    return this.#stage({ bucket, key }, (staged) =>
      super.copyObject(fromBucket, fromKey, staged.bucket, staged.key, metadata),
    );
  }

  /** Unlike s3rver's, leaves empty folders: removing them can take a new neighbour along. */
  override async deleteObject(bucket: string, key: string): Promise<void> {
    await this.#exclusively(`${bucket}/${key}`, async () => {
      await demandConditions(this, bucket, key);
      for (const path of this.#listPaths({ bucket, key })) await rm(path, { force: true });
    });
  }

  /** Writes elsewhere, then moves what was written to its place in one go. */
  async #stage<T>(place: Place, write: (staged: Place) => Promise<T>): Promise<T> {
    const staged = { bucket: staging, key: randomUUID() };
    const from = this.#listPaths(staged).toReversed();
    const to = this.#listPaths(place).toReversed();
    try {
      const written = await write(staged);
      await this.#exclusively(`${place.bucket}/${place.key}`, async () => {
        await demandConditions(this, place.bucket, place.key);
        await mkdir(dirname(this.getResourcePath(place.bucket, place.key, "object")), { recursive: true });
        for (const [index, path] of to.entries()) await rename(from[index] ?? "", path);
      });
      return written;
    } finally {
      for (const path of from) await rm(path, { force: true });
    }
  }

  /** The object itself first: what is there is decided by it. */
  #listPaths({ bucket, key }: Place): string[] {
    return ["object", "object.md5", "metadata.json"].map((part) => this.getResourcePath(bucket, key, part));
  }
}

const kept = new AsyncLocalStorage<IncomingHttpHeaders>();

/** s3rver's store does not see a write's conditions: they go around it. */
export async function keepConditions({ method, headers }: Call, next: () => Promise<void>): Promise<void> {
  await kept.run(method === "GET" || method === "HEAD" ? {} : headers, next);
}

export async function demandConditions(store: Store, bucket: string, key: string): Promise<void> {
  const { "if-match": ifMatch, "if-none-match": ifNoneMatch } = kept.getStore() ?? {};
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

/** s3rver takes parts of uploads that do not exist, and cannot abort one. */
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
