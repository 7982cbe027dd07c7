import { describeApi } from "../core/contract/openapi-document.ts";
import { answerJson } from "./http-messages--answer.ts";
import type { Answer } from "./http-messages.ts";

export async function showDescription(): Promise<Answer> {
  return answerJson(200, describeApi());
}
