import { findSettingIn, readConfig } from "../../functions/adapters/settings/settings.ts";
import { readWebhooks } from "../../functions/adapters/webhook/webhook-receivers.ts";
import { openContext } from "../../functions/app/context.ts";
import { createExportWorkflow } from "../../functions/app/workflow/export-workflow.ts";
import { createFastClock } from "../../local/fast-clock.ts";
import { type Runner, startRunner } from "../../local/durable/runner.ts";
import { longestMs } from "../../local/function-url/url-response--limit.ts";

/** The workflow's runner in a process that is to be killed, set by its environment; goes on with what was running. */
export async function resumeRunner(directory: string, speed: number): Promise<Runner> {
  const clock = createFastClock(speed);
  const webhooks = readWebhooks(findSettingIn(process.env), { allowLoopback: true });
  return await startRunner({
    directory,
    handler: createExportWorkflow(openContext(readConfig(process.env), { clock, webhooks })),
    clock,
    functionName: "export",
    invocationTimeoutMs: longestMs * speed,
  });
}
