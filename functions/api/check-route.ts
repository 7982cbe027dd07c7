import { answerJson } from "./http-messages--answer.ts";
import { checkSetup } from "../app/check/run-setup-check.ts";
import type { Answer } from "./http-messages.ts";
import type { World } from "../app/context.ts";

/** 200 whatever it finds: that something does not work is its answer. */
export async function showCheck(world: World): Promise<Answer> {
  return answerJson(200, await checkSetup(world));
}
