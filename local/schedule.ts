import { join } from "node:path";
import { fileKey } from "../functions/core/basics/bucket-keys.ts";
import type { Arguments, Command } from "./command/command-line.ts";
import {
  endOnSignal,
  exitOnDiskFault,
  print,
  runCommand,
  stopAfterWork,
  stopOnSignal,
} from "./command/run-command.ts";
import { describeUnusedSettings } from "./command/setting-notices.ts";
import { requestTick, type StartedExports, type TickRequest } from "./control-socket.ts";
import { type Access, followExport, saveFile } from "./command/follow-export.ts";
import { readSettings } from "./stack-settings.ts";
import { startStack } from "./stack.ts";

const command: Command = {
  call: "npm run schedule",
  about: "Runs a tick of a schedule on the local stack, and saves the tick's reports.",
  flags: {
    at: { values: "YYYY-MM-DDTHH:MM", help: "the tick's time in REPORT_TIMEZONE" },
    schedule: { values: "name", help: "the schedule's name in SCHEDULES; the first one by default" },
  },
};

/** Runs a tick on the running stack, or on a new stack when none is running, and saves the tick's reports. */
await runCommand(command, async (given) => {
  const request = readRequest(given);
  for (const notice of describeUnusedSettings(process.env)) print(notice);
  const settings = { ...readSettings(process.env), port: 0 };
  const started = await requestTick(settings.directory, request);
  if (started !== null) {
    endOnSignal("the running stack goes on with the reports; the same command then saves them");
    return await saveReports(started, settings.directory);
  }
  const stack = await startStack(settings, process.env, exitOnDiskFault);
  if (stack.demoNotice !== null) print(stack.demoNotice);
  let isSaved = false;
  const describeRest = () => (isSaved ? null : "the reports go on at the next run of the same command");
  const interruption = stopOnSignal(stack, { describeRest });
  try {
    await saveReports(await stack.runTick(request), settings.directory);
    isSaved = true;
  } catch (error) {
    if (!interruption.aborted) throw error;
  } finally {
    await stopAfterWork(stack, interruption);
  }
});
// A step that was cut off may wait for long, and would keep the process alive.
process.exit();

function readRequest({ flags }: Arguments): TickRequest {
  return { at: flags.get("at") ?? "", schedule: flags.get("schedule") ?? null };
}

/**
 * Saves the reports of the exports one after the other. When an export fails, the other reports are still saved, and
 * an error is thrown at the end.
 */
async function saveReports({ ids, ...access }: StartedExports, directory: string): Promise<void> {
  const failures: unknown[] = [];
  for (const id of ids)
    await saveReport(id, access, directory).catch((failure: unknown) => failures.push(failure));
  if (failures.length > 0) throw new Error(failures.map(describeFailure).join("\n"));
}

/** Saves a report in a folder named after the export's id, because all reports of a day have the same file name. */
async function saveReport(id: string, access: Access, directory: string): Promise<void> {
  const finished = await followExport(`exports/${id}`, access, print);
  const { options, result } = finished;
  const path = join(directory, fileKey(id, result.file.name));
  await saveFile(finished, path);
  const selection = `${options.period ?? "all"}, as of ${options.asOf}`;
  print(`exported ${result.rows} of ${result.offers} offers: ${selection}`);
  print(`spreadsheet: ${path}`);
}

function describeFailure(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
