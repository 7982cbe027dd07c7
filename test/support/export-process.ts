import { resumeRunner } from "./workflow-runs.ts";

// This program runs or resumes one export and ends when the export ends. Tests kill its process.
const [directory = ".", id = "", speed = "1"] = process.argv.slice(2);

const runner = await resumeRunner(directory, Number(speed));
await runner.start(id, { id });
process.stdout.write("running\n");
await runner.finish(id);
await runner.close();
