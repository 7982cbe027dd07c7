import { ExportError, type ErrorKind } from "../core/basics/errors.ts";
import { answerProblem } from "./http-messages--answer.ts";
import type { HttpAnswer } from "./http-messages.ts";
import { logFault } from "../adapters/log/log.ts";

const aws = new Set<ErrorKind>(["storage", "workflow"]);

/** A bug and what AWS does not do are logged; the rest is the caller's or the portal's to mend. */
export async function logFailure(error: unknown): Promise<void> {
  if (!(error instanceof ExportError) || aws.has(error.kind)) await logFault(error);
}

export async function answerFailure(error: unknown, requestId: string): Promise<HttpAnswer> {
  await logFailure(error);
  return answerProblem(error, requestId, error instanceof ExportError ? error.headers : {});
}
