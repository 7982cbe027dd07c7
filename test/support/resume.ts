import { findIn, readConfig } from "../../functions/io/config.ts";
import { readWebhooks } from "../../functions/io/delivery/webhooks.ts";
import { openWorld } from "../../functions/io/world.ts";
import { createWorkflow } from "../../functions/workflow.ts";
import { createFastClock } from "../../local/clock.ts";
import { type Runner, startRunner } from "../../local/durable/runner.ts";
import { longestMs } from "../../local/front/limit.ts";

/** The workflow's runner in a process that is to be killed, set by its environment; goes on with what was running. */
export async function resumeRunner(directory: string, speed: number): Promise<Runner> {
  const clock = createFastClock(speed);
  const webhooks = readWebhooks(findIn(process.env), { allowLoopback: true });
  return await startRunner({
    directory,
    handler: createWorkflow(openWorld(readConfig(process.env), { clock, webhooks })),
    clock,
    functionName: "export",
    invocationTimeoutMs: longestMs * speed,
  });
}
