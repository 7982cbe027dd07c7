import { describeApi } from "../core/contract/openapi-document.ts";
import { answerJson, type HttpAnswer } from "./http-messages.ts";

export async function showOpenApi(): Promise<HttpAnswer> {
  return answerJson(200, describeApi());
}
