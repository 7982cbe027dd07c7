import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { readConfig } from "../../functions/io/config.ts";
import { openWorld } from "../../functions/io/world.ts";
import { createWorkflow } from "../../functions/workflow.ts";
import { createFastClock } from "../../local/clock.ts";
import { startRunner } from "../../local/durable/runner.ts";
import { longestMs } from "../../local/front/limit.ts";

// A process to be killed: the workflow's function behind Lambda's own API; goes on with what was running.
const [directory = ".", port = "0", given = "1"] = process.argv.slice(2);
const speed = Number(given);
const clock = createFastClock(speed);

const runner = await startRunner({
  directory,
  handler: createWorkflow(openWorld(readConfig(process.env), { clock })),
  clock,
  functionName: "export",
  invocationTimeoutMs: longestMs * speed,
});
const server = createServer((request, response) => {
  void json(request)
    .then((payload) => runner.start(String(request.headers["x-amz-durable-execution-name"]), payload))
    .then(() => response.writeHead(202).end());
});
server.listen(Number(port), "127.0.0.1", () => process.stdout.write("running\n"));
