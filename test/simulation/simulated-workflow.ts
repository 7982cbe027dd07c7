import type { ExportWorkflow } from "../../functions/adapters/workflow/lambda-workflow.ts";
import { ExportError } from "../../functions/core/basics/errors.ts";
import { describeJob } from "../../functions/core/delivery/delivery-state.ts";
import type { DurableEngine } from "./durable-engine.ts";
import type { FaultRates, FaultSource } from "./fault-source.ts";
import type { HistoryTrace } from "./history-trace.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** What can go wrong with the start of an execution. */
export type StartFault =
  /** Lambda refuses the start, and starts nothing. */
  | "refused"
  /** The request does not arrive, and the caller waits in vain for an answer. */
  | "unsent"
  /** The execution starts, and the caller waits in vain for an answer. */
  | "unanswered"
  /** The execution starts, and the client sends the request again because the first answer was lost. */
  | "twice";

type WorkflowSettings = {
  engine: DurableEngine;
  clock: VirtualClock;
  faults: FaultSource;
  trace: HistoryTrace;
  rates: FaultRates<StartFault>;
};

const delaysMs = { min: 5, max: 400 };
/** The service's client gives up after this time. */
const timeoutMs = 10_000;

/** Opens a process's way to start executions on the engine. */
export function openSimulatedWorkflow(
  { engine, clock, faults, trace, rates }: WorkflowSettings,
  process: SimulatedProcess,
): ExportWorkflow {
  async function send(id: string, jobName: string | undefined): Promise<void> {
    const { name, payload } = describeJob({ id, errand: jobName });
    const fault = faults.drawFault("workflow start", rates);
    await clock.sleep(faults.drawDelayMs("workflow start", delaysMs.min, delaysMs.max));
    const started = fault === "refused" || fault === "unsent" ? null : engine.start(name, payload);
    if (fault === "twice") engine.start(name, payload);
    trace.note(process.name, `start ${name} -> ${fault ?? started}`);
    await clock.sleep(fault === "unsent" || fault === "unanswered" ? timeoutMs : delaysMs.min);
    if (fault !== null && fault !== "twice") throw makeStartError(fault);
  }
  return {
    async start(id, jobName) {
      try {
        await send(id, jobName);
      } finally {
        await process.pass();
      }
    },
  };
}

/** Lambda refuses another payload under a known name, and the service's client ignores that. */
function makeStartError(fault: StartFault): ExportError {
  return new ExportError("workflow", "workflow_failed", `The export was not started: ${fault}.`);
}
