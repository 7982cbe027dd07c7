import * as z from "zod";
import { ExportError } from "./errors.ts";

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
