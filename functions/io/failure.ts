import type { LambdaFunctionURLResult } from "aws-lambda";
import { ExportError } from "../core/error.ts";
import { answerProblem } from "./answer.ts";
import { logFault } from "./log.ts";

/** A bug and a failing storage are logged, once and here; the rest is the caller's or the portal's to mend. */
export function answerFailure(error: unknown, requestId: string): LambdaFunctionURLResult {
  if (!(error instanceof ExportError) || error.kind === "storage") logFault(error, { requestId });
  return answerProblem(error, requestId, error instanceof ExportError ? error.headers : {});
}
