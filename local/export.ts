import { relative } from "node:path";
import type { Command } from "./command/command-line.ts";
import { exportFlags, readExportQuery } from "./command/export-flags.ts";
import { openProgressLine } from "./command/progress-line.ts";
import { openReportTarget, type ReportTarget, saveReport } from "./command/report-target.ts";
import {
  endOnSignal,
  exitOnDiskFault,
  print,
  runCommand,
  stopAfterWork,
  stopOnSignal,
} from "./command/run-command.ts";
import { describeUnusedSettings, hasUnusedKey, unusedKey } from "./command/setting-notices.ts";
import { findRunningStack, identifyPortal, type StackAccess } from "./control-socket.ts";
import { type Access, type FinishedExport, followExport } from "./command/follow-export.ts";
import { type LocalSettings, readSettings } from "./stack-settings.ts";
import { startStack } from "./stack.ts";

const command: Command = {
  call: "npm run export",
  about:
    "Exports the offers of the portal that PORTAL_API_URL and PORTAL_API_KEY name into a file. Without them it exports " +
    "the demo portal.",
  flags: {
    out: { values: "file", help: "the file; by default the report's own name, in the current folder" },
    ...exportFlags,
  },
};

/** npm runs its scripts in the project's folder. The folder in which the user called npm is in INIT_CWD. */
const userFolder = process.env["INIT_CWD"] ?? process.cwd();

await runCommand(command, async (given) => {
  const query = readExportQuery(given, process.env);
  const target = await openReportTarget(given.flags.get("out"), userFolder);
  // A file of invented offers would look like the portal's own.
  if (hasUnusedKey(process.env)) throw new Error(unusedKey);
  for (const notice of describeUnusedSettings(process.env)) print(notice);
  const settings = { ...readSettings(process.env), port: 0 };
  const path = `export?${query.toString()}`;
  const running = await findRunningStack(settings.directory);
  if (running === null) return await exportWithOwnStack(settings, { path, target });
  const access = checkPortal(running);
  endOnSignal("the running stack goes on with the export; the same command then saves it");
  await exportWith(access, { path, target });
});
// A step that was cut off may wait for long, and would keep the process alive.
process.exit();

type Errand = { path: string; target: ReportTarget };

async function exportWithOwnStack(settings: LocalSettings, errand: Errand): Promise<void> {
  const stack = await startStack(settings, process.env, exitOnDiskFault);
  let isSaved = false;
  const describeRest = () => (isSaved ? null : "the export goes on at the next run of the same command");
  const interruption = stopOnSignal(stack, { describeRest });
  if (stack.demoNotice !== null) print(`PORTAL_API_URL is not set. ${stack.demoNotice}`);
  try {
    await exportWith(stack, errand, interruption);
    isSaved = true;
  } catch (error) {
    if (!interruption.aborted) throw error;
  } finally {
    await stopAfterWork(stack, interruption);
  }
}

/** Throws when the running stack serves another portal than this command's settings name. */
function checkPortal(running: StackAccess): StackAccess {
  print("the stack that runs in the folder of LOCAL_DIR makes the export");
  if (running.portal === identifyPortal(process.env)) return running;
  throw new Error(
    "that stack serves another portal: stop it, or let the setting LOCAL_DIR name another folder",
  );
}

async function exportWith(
  access: Access,
  { path, target }: Errand,
  interruption?: AbortSignal,
): Promise<void> {
  print("exporting …");
  const progress = openProgressLine(process.stderr, { signal: interruption });
  const finished = await followExport(path, access, progress.show).finally(progress.end);
  const saved = await saveReport(finished, target);
  for (const line of describeReport(finished, saved)) print(line);
}

function describeReport({ result }: FinishedExport, path: string): string[] {
  const readAt = new Date(result.snapshotAt).toLocaleString("sv").slice(0, -3);
  return [
    `saved: ${relative(userFolder, path)}, ${result.rows} of ${result.offers} offers, read at ${readAt}`,
    `completeness: ${result.completeness}`,
    ...result.remarks.map((remark) => `remark: ${remark}`),
  ];
}
