import { ExportError } from "../../core/basics/errors.ts";
import { keyRefusedCode, notApiCode, notFoundCode, scopeMissingCode } from "./response-errors.ts";
import { type RetryableError, OddAnswerError } from "./rate-headers.ts";

/** What has been seen to work in this export: the key, and the scope of what is asked for. */
export type KnownToWork = { key: boolean; scope: boolean };

/** The code of a portal that failed for some seconds: it may be back in some minutes. */
export const unavailableCode = "portal_unavailable";

const passing: ReadonlySet<string> = new Set([unavailableCode, notApiCode, notFoundCode, keyRefusedCode, scopeMissingCode]);

/** Whether a portal that has worked before may be back in some minutes: what it answered may be somebody else's. */
export function mayPass(error: unknown): error is ExportError {
  return error instanceof ExportError && passing.has(error.code);
}

/** What was seen and how often, in the order of the first times: `answered 502 with text/html 3 times`. */
export function tallySeen(seen: string[]): string {
  const counts = Map.groupBy(seen, (text) => text);
  const told = [...counts].map(([text, { length }]) =>
    length === 1 ? text : `${text} ${length === 2 ? "twice" : `${length} times`}`,
  );
  return told.join(", and then ");
}

type Seen = { seen: string; known: KnownToWork };

/** What a question's last failure means, after all that was seen before it. */
export function describeLostRequest(error: RetryableError, { seen, known }: Seen): ExportError {
  if (!(error instanceof OddAnswerError)) {
    const remedy = error.remedy ?? "Try again later.";
    return new ExportError("portal", unavailableCode, `The portal failed: it ${seen}.`, { remedy, cause: error });
  }
  const { verdict } = error;
  const hasWorked = verdict.code === scopeMissingCode ? known.scope : known.key;
  if (!hasWorked) return addSeen(verdict, seen);
  const isRefused = verdict.code === keyRefusedCode || verdict.code === scopeMissingCode;
  if (isRefused && error.isExplicit) return addSeen(verdict, seen);
  const detail = `The portal has answered as it should before, and now what came is not its API's: it ${seen}.`;
  return new ExportError("portal", notApiCode, detail, { remedy: wait, cause: error });
}

const wait =
  "The address and the key have worked, so try again later; if it stays so, ask the portal's supplier what " +
  "answers in its place.";

function addSeen({ code, detail, remedy }: ExportError, seen: string): ExportError {
  const told = detail.includes(seen) ? detail : `${detail} It ${seen}.`;
  return new ExportError("portal", code, told, remedy === null ? {} : { remedy });
}
