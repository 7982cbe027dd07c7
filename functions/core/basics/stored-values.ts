import * as z from "zod";
import { ExportError } from "./errors.ts";

export const wholeNumber = z.int().min(0);
export const isoMoment = z.iso.datetime();

/** The progress of a crawl or a refresh, as the API shows it. */
export const Progress = z.object({
  pages: wholeNumber,
  offers: wholeNumber,
  /**
   * The time at which the present wait is expected to end, for example a wait for the rate limit. Null when no such
   * time is known.
   */
  waitingUntil: isoMoment.nullable(),
  estimatedFinishAt: isoMoment.nullable(),
});
export type Progress = z.infer<typeof Progress>;

export const noProgress: Progress = { pages: 0, offers: 0, waitingUntil: null, estimatedFinishAt: null };

/**
 * The result of a change to an object that several processes write. `after` is the object's new value, or null to
 * leave the object unchanged. `answer` is the value that the caller of the change gets.
 */
export type RecordUpdate<T, A> = { after: T | null; answer: A };

/** The reason why an export failed, as it is stored and shown. */
export const Problem = z.object({ code: z.string(), detail: z.string() });
export type Problem = z.infer<typeof Problem>;

/** Converts an error to the problem that a failed export shows. Only the message of an `ExportError` is shown. */
export function toProblem(error: unknown): Problem {
  if (error instanceof ExportError) return { code: error.code, detail: error.message };
  return {
    code: "internal_error",
    detail:
      "The export failed by a fault of its own. Try again; if it fails again, the log of this moment says why.",
  };
}

/** Parses JSON. Returns undefined for a text that is not JSON. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
