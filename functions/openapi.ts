import type { LambdaFunctionURLResult } from "aws-lambda";
import { describeApi } from "./core/openapi.ts";
import { answerJson } from "./io/answer.ts";

export async function showDescription(): Promise<LambdaFunctionURLResult> {
  return answerJson(200, describeApi());
}
