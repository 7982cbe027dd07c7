import { resumeRunner } from "./workflow-runs.ts";

// A process that tests kill: it runs or resumes one export and ends with it.
const [directory = ".", id = "", speed = "1"] = process.argv.slice(2);

const runner = await resumeRunner(directory, Number(speed));
await runner.start(id, { id });
process.stdout.write("running\n");
await runner.finish(id);
await runner.close();
