import { type ReportAttempt, isFailedAttempt } from "../../core/schedule/overdue-reports.ts";
import type { Problem } from "../../core/basics/stored-values--failure.ts";
import { newExportState } from "../../core/export/export-state.ts";
import { formatExportId } from "../../core/export/export-state--id.ts";
import type { Options } from "../../core/options/options.ts";
import { describeReports, type Tick } from "../../core/schedule/schedules.ts";
import { claimExport, ensureStarted } from "../export/export-store.ts";
import { hashAttempt, hashReport } from "../../adapters/bucket/key-hashes.ts";
import type { ExportWorkflow } from "../../adapters/workflow/lambda-workflow.ts";
import type { AppContext } from "../context.ts";

/** What makes reports: exports, and what runs them. */
export type ReportMaker = { world: Pick<AppContext, "bucket" | "calendar" | "config">; workflow: ExportWorkflow };

/**
 * Makes what is missing of a tick's reports, and tells how they are. The exports are named after the tick, so it
 * may be asked any number of times, at once too, and be cut off anywhere: there is one export of each report, and
 * another one only after it has failed. None is made of offers that were read before the tick.
 */
export async function makeReports(maker: ReportMaker, tick: Tick, now: Date): Promise<ReportAttempt[]> {
  const reports = describeReports(tick, maker.world.calendar).map((options) =>
    makeReport(maker, tick, { options, now }),
  );
  // One that cannot be made keeps no other from it.
  await Promise.allSettled(reports);
  return await Promise.all(reports);
}

async function makeReport(
  { world, workflow }: ReportMaker,
  { schedule, at }: Tick,
  { options, now }: { options: Options; now: Date },
): Promise<ReportAttempt> {
  const place = { startedMs: at, optionsKey: hashReport(world.config, options) };
  const maxAgeSeconds = Math.max(0, Math.floor((now.getTime() - at) / 1000));
  let failed: Problem | null = null;
  for (let number = 1; ; number += 1) {
    const id = formatExportId(place, hashAttempt(schedule.name, number));
    const state = await claimExport(
      world,
      newExportState(
        id,
        { options, maxAgeSeconds, schedule: schedule.name, recipients: schedule.recipients ?? [] },
        now,
      ),
    );
    if (!isFailedAttempt(state)) return { number, failed, state: await ensureStarted(workflow, state) };
    failed = state.problem;
  }
}
