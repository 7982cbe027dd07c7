import type { Timer } from "../../functions/adapters/clock/clock.ts";
import { findSettingIn, readConfig } from "../../functions/adapters/settings/settings.ts";
import { readWebhooks } from "../../functions/adapters/webhook/webhook-receivers.ts";
import type { DurableSteps } from "../../functions/adapters/workflow/durable-steps.ts";
import { type AppContext, openContext } from "../../functions/app/context.ts";
import { requestExport } from "../../functions/app/export/start-export.ts";
import { createExportWorkflow } from "../../functions/app/workflow/export-workflow.ts";
import type { ExportState } from "../../functions/core/export/export-state.ts";
import { parseQuery } from "../../functions/core/options/export-request.ts";
import { type Runner, startRunner } from "../../local/durable/runner.ts";
import { createFastClock } from "../../local/fast-clock.ts";
import { maxInvocationMs } from "../../local/function-url/url-response.ts";

/** Makes steps that run at once, without an execution. `names` lists the steps and waits. */
export function makeImmediateSteps(clock: Timer): DurableSteps & { names: string[] } {
  const names: string[] = [];
  return {
    names,
    async step(name, run) {
      names.push(name);
      return await run();
    },
    async wait(name, seconds) {
      names.push(name);
      await clock.sleep(seconds * 1000);
    },
  };
}

/** Makes an export and does not start its workflow. */
export async function queueExport(app: AppContext, query = ""): Promise<ExportState> {
  const request = parseQuery(new URLSearchParams(query), app.calendar.dayOf(Date.now()));
  return await requestExport(app, { start: async () => undefined }, request);
}

/** Starts the workflow's runner with the settings of the process's environment. Unfinished executions go on. */
export async function resumeRunner(directory: string, speed: number): Promise<Runner> {
  const clock = createFastClock(speed);
  const webhooks = readWebhooks(findSettingIn(process.env), { allowLoopback: true });
  return await startRunner({
    directory,
    handler: createExportWorkflow(openContext(readConfig(process.env), { clock, webhooks })),
    clock,
    functionName: "export",
    invocationTimeoutMs: maxInvocationMs * speed,
  });
}
