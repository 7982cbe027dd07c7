import { listNamed } from "../core/portal-webhooks/portal-webhook.ts";
import { answerEmpty } from "./http-messages--answer.ts";
import { readText } from "./http-messages--body.ts";
import type { Answer, Event } from "./http-messages.ts";
import { markOffers } from "../app/snapshot/snapshot-store--marks.ts";
import type { World } from "../app/context.ts";

/** Marks the offers that one of the portal's webhooks names. It may be told twice, and in any order. */
export async function takeNotice(world: World, event: Event): Promise<Answer> {
  const ids = listNamed(readText(event));
  if (ids.length > 0) await markOffers(world, ids);
  return answerEmpty();
}
