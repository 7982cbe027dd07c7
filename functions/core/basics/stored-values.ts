import * as z from "zod";
import { ExportError } from "./errors.ts";

export const wholeNumber = z.int().min(0);
export const isoMoment = z.iso.datetime();

/** How far the reading of the portal has come, as its reader is told. */
export const Progress = z.object({
  pages: wholeNumber,
  offers: wholeNumber,
  /** While the rate limit lets nothing through. */
  waitingUntil: isoMoment.nullable(),
  estimatedFinishAt: isoMoment.nullable(),
});
export type Progress = z.infer<typeof Progress>;

export const noProgress: Progress = { pages: 0, offers: 0, waitingUntil: null, estimatedFinishAt: null };

/** What becomes of an object that others change too, and what its change tells; null leaves it as it is. */
export type RecordUpdate<T, A> = { after: T | null; answer: A };

/** A failure as it is kept with an export and told to its reader. */
export const Problem = z.object({ code: z.string(), detail: z.string() });
export type Problem = z.infer<typeof Problem>;

/** What an export that failed tells its reader; a bug tells nothing of itself. */
export function toProblem(error: unknown): Problem {
  if (error instanceof ExportError) return { code: error.code, detail: error.message };
  return {
    code: "internal_error",
    detail:
      "The export failed by a fault of its own. Try again; if it fails again, the log of this moment says why.",
  };
}

/** The text's JSON, or undefined where it is none. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
