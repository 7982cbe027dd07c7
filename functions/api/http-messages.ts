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

/** What a link in the answer must be signed for: HEAD's is refused to GET, and the other way round. */
export function readMethod({ requestContext }: HttpEvent): "GET" | "HEAD" {
  return requestContext.http.method === "HEAD" ? "HEAD" : "GET";
}

/** Many times what all options together take. */
const maxBytes = 64 * 1024;

/** Throws for a body of more than any route takes, before it is looked at. */
export function limitBody({ body = "", isBase64Encoded }: HttpEvent): void {
  if (Buffer.byteLength(body, isBase64Encoded ? "base64" : "utf8") <= maxBytes) return;
  throw new ExportError("oversized", "body_too_large", `The body is larger than ${maxBytes / 1024} KB.`);
}

/** The request's JSON, of any shape; nothing at all is an empty object. Of a name given twice the last counts. */
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

/** The body as text, of whatever it is. */
export function readBodyText(event: HttpEvent): string {
  return decodeBody(event, { fatal: false });
}

/** What is no UTF-8 is replaced, or throws where it is `fatal`. */
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

const aws = new Set<ErrorKind>(["storage", "workflow"]);

/** A bug and what AWS does not do are logged; the rest is the caller's or the portal's to mend. */
export async function logFailure(error: unknown): Promise<void> {
  if (!(error instanceof ExportError) || aws.has(error.kind)) await logFault(error);
}

export async function answerFailure(error: unknown, requestId: string): Promise<HttpAnswer> {
  await logFailure(error);
  return answerProblem(error, requestId, error instanceof ExportError ? error.headers : {});
}
