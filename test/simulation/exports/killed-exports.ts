// oxlint-disable-next-line import/no-unassigned-import -- it must run before others import node:zlib
import "../time/synchronous-zlib.ts";
import { readConfig } from "../../../functions/adapters/settings/settings.ts";
import { type AppContext, openContext } from "../../../functions/app/context.ts";
import { readExport } from "../../../functions/app/export/export-store.ts";
import { requestExport } from "../../../functions/app/export/start-export.ts";
import { createExportWorkflow } from "../../../functions/app/workflow/export-workflow.ts";
import { parseQuery } from "../../../functions/core/options/export-request.ts";
import { openStaticPortal } from "../../../local/bench/static-portal.ts";
import { openDurableEngine } from "../lambda/durable-engine.ts";
import { simulatedSettings } from "../lambda/function-settings.ts";
import { openFaultSource } from "../faults/fault-source.ts";
import { openHistoryTrace } from "../time/history-trace.ts";
import { openSimulatedProcess, type SimulatedProcess } from "../time/simulated-process.ts";
import { openSimulatedS3 } from "../s3/simulated-s3.ts";
import { openSimulatedWorkflow } from "../lambda/simulated-workflow.ts";
import { openVirtualClock } from "../time/virtual-clock.ts";
import { installVirtualGlobals } from "../time/virtual-globals.ts";

const config = readConfig(simulatedSettings);

/** The requests that the portal allows in each window of its rate limit. */
export const limit = 15;
/** Each page has one offer of a customer of its own. */
export const pages = 60;

/**
 * Runs an export of which nothing fails but its processes: at `kill` of 1,000 requests to S3 the process dies, after the
 * request has taken effect and before its answer arrives. `seen` lists the different contents of all report files that
 * were ever in the bucket.
 */
export async function runKilledExport(seed: string, query: string, kill: number) {
  const clock = openVirtualClock(Date.UTC(2026, 0, 31, 8));
  const uninstall = installVirtualGlobals(clock, seed);
  try {
    const trace = openHistoryTrace(clock.now);
    const faults = openFaultSource(seed);
    const { portal, facts } = openStaticPortal({ kind: "fixed", pages, limit, hasCustomers: true, clock });
    const s3 = openSimulatedS3({ clock, faults, trace, rates: {} });
    const seen = new Map<string, Buffer>();
    let running: SimulatedProcess | null = null;
    let kills = 0;
    s3.watch((request) => {
      if (running !== null && !running.hasCrashed() && faults.drawFault("process", { kill }) !== null) {
        running.crash();
        kills += 1;
      }
      if (request.kind !== "put" && request.kind !== "complete-upload") return;
      const object = request.key.startsWith("files/") ? s3.objects.find(request.key) : null;
      if (object !== null) seen.set(object.etag, Buffer.from(object.body));
    });
    const openProcess = (name: string) => {
      const process = openSimulatedProcess(name, seed, clock);
      const app = openContext(config, { clock: process.clock, random: process.random });
      s3.serve(app.bucket.s3.client, process);
      return { process, app: { ...app, portal: reach(portal, process) } };
    };
    const openEnvironment = (name: string) => {
      const { process, app } = openProcess(name);
      running = process;
      return { process, handler: createExportWorkflow(app) };
    };
    const engine = openDurableEngine({
      clock,
      faults,
      trace,
      rates: {},
      openEnvironment,
    });
    const { process, app } = openProcess("user");
    const workflow = openSimulatedWorkflow({ engine, clock, faults, trace, rates: {} }, process);
    const request = parseQuery(new URLSearchParams(query), app.calendar.dayOf(clock.now()));
    const { id } = await clock.complete(requestExport(app, workflow, request));
    await clock.advance();
    faults.calm();
    const state = await clock.complete(readExport(app, id));
    const files = s3.objects.listKeys("files/").map((key) => Buffer.from(s3.objects.find(key)?.body ?? []));
    return { status: state?.status, kills, requests: facts().requests, files, seen: [...seen.values()] };
  } finally {
    uninstall();
  }
}

type Portal = AppContext["portal"];

/** Returns the portal as a process reaches it. A process that has crashed gets no answers. */
function reach(portal: Portal, process: SimulatedProcess): Portal {
  const pass = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer;
    } finally {
      await process.pass();
    }
  };
  return {
    requestPage: (...given) => pass(portal.requestPage(...given)),
    requestOffer: (...given) => pass(portal.requestOffer(...given)),
    requestCustomers: (...given) => pass(portal.requestCustomers(...given)),
    requestCustomer: (...given) => pass(portal.requestCustomer(...given)),
  };
}
