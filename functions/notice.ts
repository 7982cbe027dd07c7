import { listNamed } from "./core/notice/notice.ts";
import { answerEmpty } from "./io/http/answer.ts";
import { readText } from "./io/http/body.ts";
import type { Answer, Event } from "./io/http/http.ts";
import { markOffers } from "./io/notice/marks.ts";
import type { World } from "./io/world.ts";

/** Marks the offers that one of the portal's webhooks names. It may be told twice, and in any order. */
export async function takeNotice(world: World, event: Event): Promise<Answer> {
  const ids = listNamed(readText(event));
  if (ids.length > 0) await markOffers(world, ids);
  return answerEmpty();
}
