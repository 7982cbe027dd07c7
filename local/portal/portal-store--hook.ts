import { randomBytes } from "node:crypto";
import { Temporal } from "temporal-polyfill";
import * as z from "zod";
import type { Item } from "./portal-store.ts";
import { timeZone, writeAtom } from "./demo-random--moment.ts";

const WebhookType = z.enum(["offer-created", "offer-deleted", "offer-accepted", "offer-rejected"]);
export type WebhookType = z.infer<typeof WebhookType>;

/** What an address registers with. */
export const WebhookRequest = z.object({ url: z.url({ protocol: /^https?$/ }), type: WebhookType });

/** A webhook as the portal keeps it; whoever is told knows it by the secret, which goes along as it is. */
export type StoredWebhook = Item & { type: WebhookType; url: string; secret: string; createdAt: string };

export function makeStoredWebhook({ url, type }: z.infer<typeof WebhookRequest>, nowMs: number): StoredWebhook {
  const [id, secret] = [randomBytes(8).toString("hex").slice(1), randomBytes(24).toString("base64url")];
  const created = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timeZone);
  return { id: `wbh_${id}`, type, url, secret, createdAt: writeAtom(created) };
}
