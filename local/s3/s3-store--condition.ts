import { AsyncLocalStorage } from "node:async_hooks";
import type { IncomingHttpHeaders } from "node:http";
import { refuse } from "./s3rver--error.ts";
import type { Call, Store } from "./s3rver.ts";

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
