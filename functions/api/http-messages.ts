import type { Context, LambdaFunctionURLEvent } from "aws-lambda";
import { logFault } from "../adapters/log/log.ts";
import { type ErrorKind, ExportError } from "../core/basics/errors.ts";
import { describeProblem } from "../core/contract/error-responses.ts";

export type HttpEvent = LambdaFunctionURLEvent;

export type HttpAnswer = {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
  isBase64Encoded?: boolean;
};

export type HttpHandler = (event: HttpEvent, context: Context) => Promise<HttpAnswer>;

/** Returns the method for which a link in the answer is signed. S3 accepts a signed link for one method only. */
export function readMethod({ requestContext }: HttpEvent): "GET" | "HEAD" {
  return requestContext.http.method === "HEAD" ? "HEAD" : "GET";
}

/** The largest size of a body. A body with all options is many times smaller. */
const maxBytes = 64 * 1024;

/** Throws when the body is larger than any route needs. Measures the body without decoding it. */
export function limitBody({ body = "", isBase64Encoded }: HttpEvent): void {
  if (Buffer.byteLength(body, isBase64Encoded ? "base64" : "utf8") <= maxBytes) return;
  throw new ExportError("oversized", "body_too_large", `The body is larger than ${maxBytes / 1024} KB.`);
}

/**
 * Returns the JSON of the request's body, not yet validated. An empty body counts as `{}`. When an object contains a
 * name twice, the last value counts. Throws when the content type is not JSON, and when the text is not JSON.
 */
export function readJsonBody(event: HttpEvent): unknown {
  const type = event.headers["content-type"] ?? "application/json";
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    const detail = "Send the options as a JSON object, with `Content-Type: application/json`.";
    throw new ExportError("unsupported", "unsupported_media_type", detail);
  }
  try {
    const text = decodeBody(event, { fatal: true }).trim();
    return text === "" ? {} : JSON.parse(text);
  } catch (cause) {
    const detail = "The body is no JSON. Send the options as a JSON object.";
    throw new ExportError("invalid", "invalid_json", detail, { cause });
  }
}

/** Returns the body as text, whatever its content type is. Bytes that are not UTF-8 become U+FFFD. */
export function readBodyText(event: HttpEvent): string {
  return decodeBody(event, { fatal: false });
}

/** Decodes the body as UTF-8. Invalid bytes become U+FFFD, or lead to an error when `fatal` is true. */
function decodeBody({ body = "", isBase64Encoded }: HttpEvent, { fatal }: { fatal: boolean }): string {
  if (!isBase64Encoded) return body;
  return new TextDecoder("utf-8", { fatal }).decode(Buffer.from(body, "base64"));
}

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

const awsKinds = new Set<ErrorKind>(["storage", "workflow"]);

/** Logs bugs and failures of AWS. Other errors are not logged, because the caller or the portal has to fix them. */
export async function logFailure(error: unknown): Promise<void> {
  if (!(error instanceof ExportError) || awsKinds.has(error.kind)) await logFault(error);
}

export async function answerFailure(error: unknown, requestId: string): Promise<HttpAnswer> {
  await logFailure(error);
  return answerProblem(error, requestId, error instanceof ExportError ? error.headers : {});
}
