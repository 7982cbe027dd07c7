import type { AppContext } from "../app/context.ts";
import { touchOffers } from "../app/snapshot/snapshot-store.ts";
import { findOfferIds } from "../core/portal-webhooks/portal-webhook.ts";
import { answerEmpty, type HttpAnswer, type HttpEvent, readBodyText } from "./http-messages.ts";

/** Marks the offers that one of the portal's webhooks names. It may be told twice, and in any order. */
export async function takePortalWebhook(app: AppContext, event: HttpEvent): Promise<HttpAnswer> {
  const ids = findOfferIds(readBodyText(event));
  if (ids.length > 0) await touchOffers(app, ids);
  return answerEmpty();
}
