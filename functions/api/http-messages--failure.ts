import { ExportError, type Kind } from "../core/basics/errors.ts";
import { answerProblem } from "./http-messages--answer.ts";
import type { Answer } from "./http-messages.ts";
import { logFault } from "../adapters/log/log.ts";

const aws = new Set<Kind>(["storage", "workflow"]);

/** A bug and what AWS does not do are logged; the rest is the caller's or the portal's to mend. */
export async function noteFailure(error: unknown): Promise<void> {
  if (!(error instanceof ExportError) || aws.has(error.kind)) await logFault(error);
}

export async function answerFailure(error: unknown, requestId: string): Promise<Answer> {
  await noteFailure(error);
  return answerProblem(error, requestId, error instanceof ExportError ? error.headers : {});
}
