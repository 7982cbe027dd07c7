import { randomUUID } from "node:crypto";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { demandConditions } from "./s3-store--condition.ts";
import { refuse } from "./s3rver--error.ts";
import { createLock } from "./s3-store--lock.ts";
import { FileStore, type Metadata, type Range, type StoredObject } from "./s3rver.ts";

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
