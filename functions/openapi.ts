import { describeApi } from "./core/openapi.ts";
import { answerJson } from "./io/answer.ts";
import type { Answer } from "./io/http.ts";

export async function showDescription(): Promise<Answer> {
  return answerJson(200, describeApi());
}
