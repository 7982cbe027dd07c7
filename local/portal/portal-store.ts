import { randomBytes } from "node:crypto";
import { Temporal } from "temporal-polyfill";
import * as z from "zod";
import { timeZone, writeAtom } from "./demo-random.ts";

/** A record of the portal. `id` is the only field that every record has. */
export type Item = { id: string; [field: string]: unknown };

export type List = {
  all(): readonly Item[];
  find(id: string): Item | undefined;
  insert(item: Item, index: number): void;
  /** Removes the item with this id. Throws when no item has this id. */
  remove(id: string): void;
  /** Replaces the item that has the same id as `item`. Throws when no item has this id. */
  replace(item: Item): void;
};

export function makeList(initial: readonly Item[]): List {
  const items = [...initial];

  function locate(id: string): number {
    const index = items.findIndex((item) => item.id === id);
    if (index < 0) throw new Error(`the demo portal holds no ${id}`);
    return index;
  }

  return {
    all: () => items,
    find: (id) => items.find((item) => item.id === id),
    insert: (item, index) => void items.splice(index, 0, item),
    remove: (id) => void items.splice(locate(id), 1),
    replace: (item) => void items.splice(locate(item.id), 1, item),
  };
}

export type PortalStore = {
  offers: List;
  customers: List;
  webhooks: StoredWebhook[];
  /** Returns the time in milliseconds since 1970. */
  now: () => number;
  /** The base URL of the API, which ends in `/v1`. Every link in an answer starts with this URL. */
  url: string;
  pageSize: number;
  nextPageSuffix: string;
};

const WebhookType = z.enum(["offer-created", "offer-deleted", "offer-accepted", "offer-rejected"]);
export type WebhookType = z.infer<typeof WebhookType>;

/** The body of a request that registers a webhook. */
export const WebhookRequest = z.object({ url: z.url({ protocol: /^https?$/ }), type: WebhookType });

/**
 * A registered webhook. Each call of the webhook sends the secret in plain text, so that the receiver can recognise
 * the call.
 */
export type StoredWebhook = Item & { type: WebhookType; url: string; secret: string; createdAt: string };

export function makeStoredWebhook(
  { url, type }: z.infer<typeof WebhookRequest>,
  nowMs: number,
): StoredWebhook {
  const [id, secret] = [randomBytes(8).toString("hex").slice(1), randomBytes(24).toString("base64url")];
  const created = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timeZone);
  return { id: `wbh_${id}`, type, url, secret, createdAt: writeAtom(created) };
}

export type Scope = "offers.read" | "offers.write" | "customers.read" | "webhooks.read" | "webhooks.write";

export type Answer = { status: number; body: unknown };

export function refuse(status: number, message: string): Answer {
  return { status, body: { code: status, message } };
}
