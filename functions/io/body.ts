import type { LambdaFunctionURLEvent } from "aws-lambda";
import { ExportError } from "../core/error.ts";

/** The request's JSON, of any shape; nothing at all is an empty object. */
export function readJsonBody({ body = "", isBase64Encoded }: LambdaFunctionURLEvent): unknown {
  const text = isBase64Encoded ? Buffer.from(body, "base64").toString("utf8") : body;
  try {
    return text.trim() === "" ? {} : JSON.parse(text);
  } catch (cause) {
    const detail = "The body is no JSON. Send the options as a JSON object.";
    throw new ExportError("invalid", "invalid_json", detail, { cause });
  }
}
