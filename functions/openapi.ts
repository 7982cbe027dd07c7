import { describeApi } from "./core/http/openapi.ts";
import { answerJson } from "./io/http/answer.ts";
import type { Answer } from "./io/http/http.ts";

export async function showDescription(): Promise<Answer> {
  return answerJson(200, describeApi());
}
