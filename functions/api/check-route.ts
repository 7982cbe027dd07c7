import { checkSetup } from "../app/check/run-setup-check.ts";
import type { AppContext } from "../app/context.ts";
import { answerJson, type HttpAnswer } from "./http-messages.ts";

/** 200 whatever it finds: that something does not work is its answer. */
export async function showCheck(app: AppContext): Promise<HttpAnswer> {
  return answerJson(200, await checkSetup(app));
}
