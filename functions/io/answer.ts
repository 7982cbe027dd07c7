import type { LambdaFunctionURLResult } from "aws-lambda";
import { describeProblem } from "../core/problem.ts";

/** What every answer carries: none may be kept by a cache or taken for another type. */
const always = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

export function answerJson(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): LambdaFunctionURLResult {
  const contentType = { "content-type": "application/json" };
  return {
    statusCode: status,
    headers: { ...always, ...contentType, ...headers },
    body: JSON.stringify(body),
  };
}

export function answerRedirect(location: string): LambdaFunctionURLResult {
  return { statusCode: 302, headers: { ...always, location, "referrer-policy": "no-referrer" }, body: "" };
}

export function answerEmpty(): LambdaFunctionURLResult {
  return { statusCode: 204, headers: always, body: "" };
}

export function answerProblem(error: unknown, requestId: string, headers = {}): LambdaFunctionURLResult {
  const problem = describeProblem(error, requestId);
  return answerJson(problem.status, problem, { "content-type": "application/problem+json", ...headers });
}
