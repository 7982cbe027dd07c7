import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { refuse } from "./s3rver--error.ts";
import { decode } from "./s3rver--query.ts";
import type { Middleware, Store } from "./s3rver.ts";

/** s3rver takes parts of uploads that do not exist, and cannot abort one. */
export function checkUpload(store: Store): Middleware {
  return async (call, next) => {
    const { uploadId } = call.query;
    if (uploadId === undefined) return next();
    const [, bucket = ""] = call.path.split("/").map(decode);
    const folder = join(store.getResourcePath(bucket, undefined, "uploads"), uploadId);
    const isOpen = /^[0-9a-f]{32}$/.test(uploadId) && (await exists(folder));
    if (!isOpen) throw refuse("NoSuchUpload", "The specified multipart upload does not exist.");
    if (call.method !== "DELETE") return next();
    await rm(folder, { recursive: true, force: true });
    call.status = 204;
  };
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}
