import { resumeRunner } from "./workflow-runs.ts";

// A process to be killed: runs one export, or goes on with it, and ends when that has ended.
const [directory = ".", id = "", speed = "1"] = process.argv.slice(2);

const runner = await resumeRunner(directory, Number(speed));
await runner.start(id, { id });
process.stdout.write("running\n");
await runner.finish(id);
await runner.close();
