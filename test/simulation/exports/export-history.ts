// oxlint-disable-next-line import/no-unassigned-import -- it must run before others import node:zlib
import "../time/synchronous-zlib.ts";
import { createHash } from "node:crypto";
import { openContext } from "../../../functions/app/context.ts";
import { requestExport } from "../../../functions/app/export/start-export.ts";
import { createExportWorkflow } from "../../../functions/app/workflow/export-workflow.ts";
import { readConfig } from "../../../functions/adapters/settings/settings.ts";
import { exportKey, fileKey, manifestKey } from "../../../functions/core/basics/bucket-keys.ts";
import { ExportState } from "../../../functions/core/export/export-state.ts";
import { parseQuery } from "../../../functions/core/options/export-request.ts";
import { SnapshotManifest } from "../../../functions/core/snapshot/snapshot-manifest.ts";
import { openDurableEngine } from "../lambda/durable-engine.ts";
import { simulatedSettings } from "../lambda/function-settings.ts";
import { openFaultSource } from "../faults/fault-source.ts";
import { openHistoryTrace } from "../time/history-trace.ts";
import { quietRates, stormyRates } from "../portal/portal-faults.ts";
import { plainHabits } from "../portal/portal-habits.ts";
import { drawPortalPlan, openSimulatedPortal, type PortalPlan } from "../portal/simulated-portal.ts";
import { openSimulatedProcess } from "../time/simulated-process.ts";
import { openSimulatedS3 } from "../s3/simulated-s3.ts";
import { openSimulatedWorkflow } from "../lambda/simulated-workflow.ts";
import { openVirtualClock } from "../time/virtual-clock.ts";
import { installVirtualGlobals } from "../time/virtual-globals.ts";

/**
 * One export after the other. With faults the portal's list changes, and the portal, the storage and the invocations
 * fail; without them the list stays. `portal` replaces parts of the drawn portal.
 */
export type ExportHistory = {
  seed: string;
  offers: number;
  exports: number;
  hasFaults: boolean;
  portal?: Partial<PortalPlan>;
  /** Leaves out the faults with these ids. */
  suppressed?: ReadonlySet<string>;
  /** Only the portal fails. */
  isStorageSound?: boolean;
};

const quietPlan: PortalPlan = {
  size: 0,
  order: "stable",
  grows: "near",
  habits: plainHabits,
  limit: { kind: "fixed", limit: 60, windowMs: 60_000, headers: "all", pause: "seconds", others: 0 },
  scopes: ["offers.read"],
  skewMs: 0,
};

const config = readConfig(simulatedSettings);

const s3Rates = { unsent: 4, unanswered: 6, busy: 4, failed: 3, "done and failed": 4, cut: 3 };
const engineRates = {
  invocation: { cold: 100, crash: 120, freeze: 60, overlap: 60, unreturned: 30 },
  checkpoint: { token: 10, throttled: 10, failed: 10, unanswered: 15 },
  execution: { late: 50 },
};
const startRates = { refused: 50, unsent: 30, unanswered: 50, twice: 50 };
const maxSkewMs = 2_000;

/** The time in which an export has ended once nothing goes wrong any more. */
const endMs = 31 * 3_600_000;
/** The list changes once in this time on average while nobody reads it. */
const lifeGapMs = 8 * 3_600_000;

/** Runs a history. Returns the exports at its end, and what they violate. */
export async function runExportHistory(history: ExportHistory) {
  const { seed, offers, exports, hasFaults, portal: given = {}, isStorageSound = false } = history;
  const clock = openVirtualClock(Date.UTC(2026, 0, 31, 8));
  const uninstall = installVirtualGlobals(clock, seed);
  try {
    const trace = openHistoryTrace(clock.now);
    const faults = openFaultSource(seed, history.suppressed);
    const s3 = openSimulatedS3({ clock, faults, trace, rates: hasFaults && !isStorageSound ? s3Rates : {} });
    const plan = { ...(hasFaults ? drawPortalPlan(seed) : quietPlan), size: offers, ...given };
    const rates = hasFaults ? stormyRates : quietRates;
    const portal = openSimulatedPortal({
      ...plan,
      clock,
      faults,
      trace,
      seed,
      rates,
      key: config.portal.key,
    });
    if (hasFaults) portal.live(clock.now() + exports * endMs, lifeGapMs);
    const openProcess = (name: string) => {
      const process = openSimulatedProcess(name, seed, clock, hasFaults && !isStorageSound ? maxSkewMs : 0);
      const fetch = portal.serve(process);
      const app = openContext(config, { clock: process.clock, random: process.random, fetch });
      s3.serve(app.bucket.s3.client, process);
      return { process, app };
    };
    const engine = openDurableEngine({
      clock,
      faults,
      trace,
      rates: hasFaults && !isStorageSound ? engineRates : {},
      openEnvironment: (name) => {
        const { process, app } = openProcess(name);
        return { process, handler: createExportWorkflow(app) };
      },
    });
    const user = openProcess("user");
    const { app } = user;
    const hasLambdaFaults = hasFaults && !isStorageSound;
    const workflow = openSimulatedWorkflow(
      { engine, clock, faults, trace, rates: hasLambdaFaults ? startRates : {} },
      user.process,
    );
    for (let number = 0; number < exports; number += 1) {
      const query = `format=csv&dialect=machine&maxAge=0&freshness=${number === 0 ? "full" : "refresh"}`;
      const request = parseQuery(new URLSearchParams(query), app.calendar.dayOf(clock.now()));
      void requestExport(app, workflow, request).catch(() => undefined);
      await clock.advance(clock.now() + endMs);
    }
    faults.calm();
    await clock.advance();

    const states = s3.objects.listKeys("exports/").map(readState);
    const wrongLimits = portal.limits
      .excesses()
      .filter(({ isLone }) => !isLone || !hasFaults || isStorageSound)
      .map((excess) => `beyond the limit: ${JSON.stringify(excess)}`);
    const violations = [...states.flatMap(checkState), ...wrongLimits];
    return { states, violations, trace, s3, clock, faults, portal };

    function readObject(key: string): string {
      return Buffer.from(s3.objects.find(key)?.body ?? []).toString();
    }

    function readState(key: string): ExportState {
      return ExportState.parse(JSON.parse(readObject(key)));
    }

    function checkState({ id, status, result, run }: ExportState): string[] {
      if (status === "failed") return [];
      if (status !== "succeeded" || result === null) return [`${exportKey(id)}: is ${status} for ever`];
      const file = s3.objects.find(fileKey(id, result.file.name, result.file.attempt ?? null));
      if (file === null) return [`${exportKey(id)}: its file is missing`];
      const hash = createHash("sha256").update(file.body).digest("hex");
      if (hash !== result.file.sha256) return [`${exportKey(id)}: its file has other bytes`];
      if (result.completeness !== "complete") return [];
      const manifest = SnapshotManifest.parse(JSON.parse(readObject(manifestKey(run.snapshotId ?? ""))));
      const [fromMs, toMs] = [Date.parse(manifest.startedAt), Date.parse(manifest.finishedAt)];
      // An offer's id stands in one column only.
      const ids =
        Buffer.from(file.body)
          .toString()
          .match(/off_[NP]\d+/g) ?? [];
      const { lacks, invents } = portal.truth.compareIds(ids, fromMs, toMs);
      return lacks.length + invents.length === 0
        ? []
        : [`${exportKey(id)}: is complete, lacks ${lacks.join(" ")} and invents ${invents.join(" ")}`];
    }
  } finally {
    uninstall();
  }
}
