import { relative } from "node:path";
import type { Command } from "./command/command-line.ts";
import { defaultFormat, exportFlags, readExportQuery } from "./command/export-flags.ts";
import { openProgressLine } from "./command/progress-line.ts";
import {
  openReportTarget,
  type ReportTarget,
  type SavedReport,
  saveReport,
} from "./command/report-target.ts";
import {
  deliveryMs,
  endOnSignal,
  exitOnDiskFault,
  print,
  runCommand,
  stopOnSignal,
} from "./command/run-command.ts";
import { prepareCommand } from "./command/running-stack.ts";
import type { Access } from "./control-socket.ts";
import { describeMoment } from "./command/report-times.ts";
import { type ExportOrigin, type FinishedExport, followExport } from "./command/follow-export.ts";
import type { LocalSettings } from "./stack-settings.ts";
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

const beginnings = {
  new: "exporting",
  continued: "continuing an earlier export",
};
const alreadyMade = "this export has been made already";

await runCommand(command, async (given) => {
  const query = readExportQuery(given, process.env);
  const format = query.get("format") ?? defaultFormat;
  const target = await openReportTarget({ out: given.flags.get("out"), format }, userFolder);
  const path = `export?${query.toString()}`;
  const use = { work: "makes the export", isForOwnPortal: true };
  const { settings, running } = await prepareCommand(process.env, use);
  if (running === null) return await exportWithOwnStack(settings, { path, target });
  endOnSignal("the running stack goes on with the export; the same command then saves it");
  await exportWith(running, { path, target });
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
    await stack.stop({ graceMs: deliveryMs });
  }
}

async function exportWith(
  access: Access,
  { path, target }: Errand,
  interruption?: AbortSignal,
): Promise<void> {
  const progress = openProgressLine(process.stderr, { signal: interruption });
  const onBegin = (origin: ExportOrigin) =>
    print(origin === "reused" ? alreadyMade : `${beginnings[origin]} … (times are those of ${access.zone})`);
  const finished = await followExport(path, access, { onBegin, print: progress.show }).finally(progress.end);
  const saved = await saveReport(finished, target);
  for (const line of describeReport(finished, saved, access.zone)) print(line);
}

function describeReport(
  { result }: FinishedExport,
  { path, isReplaced }: SavedReport,
  zone: string,
): string[] {
  const name = `${relative(userFolder, path)}${isReplaced ? " (replaced)" : ""}`;
  const readAt = describeMoment(result.snapshotAt, zone);
  return [
    `saved: ${name}, ${result.rows} of ${result.offers} offers, read at ${readAt}`,
    `completeness: ${result.completeness}`,
    ...result.remarks.map((remark) => `remark: ${remark}`),
  ];
}
