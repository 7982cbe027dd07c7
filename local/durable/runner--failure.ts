import * as z from "zod";
import { outdated } from "../../functions/core/export/export-state.ts";
import { toProblem } from "../../functions/core/basics/stored-values--failure.ts";
import { publishFailure } from "../../functions/app/report/publish-report.ts";
import type { AppContext } from "../../functions/app/context.ts";
import { isMismatch } from "./execution--mismatch.ts";
import type { Failure } from "./runner.ts";

/** A later errand has no export that could fail. */
const OfExport = z.strictObject({ id: z.string() });

/** Ends the export whose execution failed without a word of its own: nothing will go on with it. */
export function failExports(world: AppContext): (failure: Failure) => Promise<void> {
  return async ({ payload, error }) => {
    const given = OfExport.safeParse(payload);
    if (!given.success) return;
    await publishFailure(world, given.data.id, isMismatch(error) ? outdated : toProblem(error));
  };
}
