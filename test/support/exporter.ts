import { readConfig } from "../../functions/io/config.ts";
import { openWorld } from "../../functions/io/world.ts";
import { createWorkflow } from "../../functions/workflow.ts";
import { createFastClock } from "../../local/clock.ts";
import { startRunner } from "../../local/durable/runner.ts";
import { longestMs } from "../../local/front/limit.ts";

// A process to be killed: runs one export, or goes on with it, and ends when that has ended.
const [directory = ".", id = "", given = "1"] = process.argv.slice(2);
const speed = Number(given);
const clock = createFastClock(speed);

const runner = await startRunner({
  directory,
  handler: createWorkflow(openWorld(readConfig(process.env), { clock })),
  clock,
  functionName: "export",
  invocationTimeoutMs: longestMs * speed,
});
await runner.start(id, { id });
process.stdout.write("running\n");
await runner.finish(id);
await runner.close();
