import { answerJson } from "./io/http/answer.ts";
import { checkSetup } from "./io/check/check.ts";
import type { Answer } from "./io/http/http.ts";
import type { World } from "./io/world.ts";

/** 200 whatever it finds: that something does not work is its answer. */
export async function showCheck(world: World): Promise<Answer> {
  return answerJson(200, await checkSetup(world));
}
