import { listNamedOffers } from "../core/portal-webhooks/portal-webhook.ts";
import { answerEmpty } from "./http-messages--answer.ts";
import { readBodyText } from "./http-messages--body.ts";
import type { HttpAnswer, HttpEvent } from "./http-messages.ts";
import { touchOffers } from "../app/snapshot/snapshot-store--marks.ts";
import type { AppContext } from "../app/context.ts";

/** Marks the offers that one of the portal's webhooks names. It may be told twice, and in any order. */
export async function takePortalWebhook(world: AppContext, event: HttpEvent): Promise<HttpAnswer> {
  const ids = listNamedOffers(readBodyText(event));
  if (ids.length > 0) await touchOffers(world, ids);
  return answerEmpty();
}
