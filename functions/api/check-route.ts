import { answerJson } from "./http-messages--answer.ts";
import { checkSetup } from "../app/check/run-setup-check.ts";
import type { HttpAnswer } from "./http-messages.ts";
import type { AppContext } from "../app/context.ts";

/** 200 whatever it finds: that something does not work is its answer. */
export async function showCheck(world: AppContext): Promise<HttpAnswer> {
  return answerJson(200, await checkSetup(world));
}
