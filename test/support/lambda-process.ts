import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { resumeRunner } from "./workflow-runs.ts";

// This program runs the workflow behind Lambda's API. Tests kill its process.
const [directory = ".", port = "0", speed = "1"] = process.argv.slice(2);

const runner = await resumeRunner(directory, Number(speed));
const server = createServer((request, response) => {
  void json(request)
    .then((payload) => runner.start(String(request.headers["x-amz-durable-execution-name"]), payload))
    .then(() => response.writeHead(202).end());
});
server.listen(Number(port), "127.0.0.1", () => process.stdout.write("running\n"));
