import { ExportError } from "../../core/basics/errors.ts";
import { keyRefused, notApi, notFound, scopeMissing } from "./response-errors.ts";
import { type LostReply, OddReply } from "./rate-headers.ts";

/** What has been seen to work in this export: the key, and the scope of what is asked for. */
export type Known = { key: boolean; scope: boolean };

/** The code of a portal that failed for some seconds: it may be back in some minutes. */
export const unavailable = "portal_unavailable";

const passing: ReadonlySet<string> = new Set([unavailable, notApi, notFound, keyRefused, scopeMissing]);

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

type Seen = { seen: string; known: Known };

/** What a question's last failure means, after all that was seen before it. */
export function describeLoss(error: LostReply, { seen, known }: Seen): ExportError {
  if (!(error instanceof OddReply)) {
    const remedy = error.remedy ?? "Try again later.";
    return new ExportError("portal", unavailable, `The portal failed: it ${seen}.`, { remedy, cause: error });
  }
  const { verdict } = error;
  const hasWorked = verdict.code === scopeMissing ? known.scope : known.key;
  if (!hasWorked) return addSeen(verdict, seen);
  const isRefused = verdict.code === keyRefused || verdict.code === scopeMissing;
  if (isRefused && error.isExplicit) return addSeen(verdict, seen);
  const detail = `The portal has answered as it should before, and now what came is not its API's: it ${seen}.`;
  return new ExportError("portal", notApi, detail, { remedy: wait, cause: error });
}

const wait =
  "The address and the key have worked, so try again later; if it stays so, ask the portal's supplier what " +
  "answers in its place.";

function addSeen({ code, detail, remedy }: ExportError, seen: string): ExportError {
  const told = detail.includes(seen) ? detail : `${detail} It ${seen}.`;
  return new ExportError("portal", code, told, remedy === null ? {} : { remedy });
}
