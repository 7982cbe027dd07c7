import { describeProblem } from "../core/contract/error-responses.ts";
import type { HttpAnswer } from "./http-messages.ts";

export function answerJson(status: number, body: unknown, headers: Record<string, string> = {}): HttpAnswer {
  const contentType = { "content-type": "application/json" };
  return { statusCode: status, headers: { ...contentType, ...headers }, body: JSON.stringify(body) };
}

export function answerBytes(bytes: Buffer, headers: Record<string, string>): HttpAnswer {
  return { statusCode: 200, headers, body: bytes.toString("base64"), isBase64Encoded: true };
}

export function answerRedirect(location: string, headers: Record<string, string> = {}): HttpAnswer {
  return { statusCode: 302, headers: { ...headers, location }, body: "" };
}

export function answerEmpty(headers: Record<string, string> = {}): HttpAnswer {
  return { statusCode: 204, headers, body: "" };
}

export function answerProblem(error: unknown, requestId: string, headers = {}): HttpAnswer {
  const problem = describeProblem(error, requestId);
  return answerJson(problem.status, problem, { "content-type": "application/problem+json", ...headers });
}
