import { join } from "node:path";
import { fileKey } from "../functions/core/basics/bucket-keys.ts";
import { statuses } from "../functions/core/offer/offer-status.ts";
import type { Options } from "../functions/core/options/export-options.ts";
import type { Arguments, Command } from "./command/command-line.ts";
import {
  deliveryMs,
  endOnSignal,
  exitOnDiskFault,
  print,
  runCommand,
  stopOnSignal,
} from "./command/run-command.ts";
import { followExport, saveFile } from "./command/follow-export.ts";
import { followMails } from "./command/follow-mails.ts";
import { prepareCommand } from "./command/running-stack.ts";
import { type Access, requestTick, type StartedExports, type TickRequest } from "./control-socket.ts";
import type { LocalSettings } from "./stack-settings.ts";
import { startStack } from "./stack.ts";

const command: Command = {
  call: "npm run schedule",
  about: "Runs a tick of a schedule on the local stack, and saves the tick's reports.",
  flags: {
    at: { values: "YYYY-MM-DDTHH:MM", help: "the tick's time in REPORT_TIMEZONE" },
    schedule: { values: "name", help: "the schedule's name in SCHEDULES; the first one by default" },
  },
};

const mailsAreGone =
  "mails went to a trial mail server that ends now: to read them in a browser, run npm start before this command";

/** Runs a tick on the running stack, or on a new stack when none is running, and saves the tick's reports. */
await runCommand(command, async (given) => {
  const request = readRequest(given);
  const { settings, running } = await prepareCommand(process.env, { work: "runs the tick" });
  if (running === null) return await runWithOwnStack(settings, request);
  endOnSignal("the running stack goes on with the reports; the same command then saves them");
  const sinceMs = Date.now();
  const started = await requestTick(settings.directory, request);
  await saveReports(started, { directory: settings.directory, sinceMs });
});
// A step that was cut off may wait for long, and would keep the process alive.
process.exit();

async function runWithOwnStack(settings: LocalSettings, request: TickRequest): Promise<void> {
  const stack = await startStack(settings, process.env, exitOnDiskFault);
  if (stack.demoNotice !== null) print(stack.demoNotice);
  let isSaved = false;
  const describeRest = () => (isSaved ? null : "the reports go on at the next run of the same command");
  const interruption = stopOnSignal(stack, { describeRest });
  try {
    const sinceMs = Date.now();
    const saving = { directory: settings.directory, sinceMs };
    const hasMails = await saveReports(await stack.runTick(request), saving);
    isSaved = true;
    if (hasMails && stack.mailsUrl !== null) print(mailsAreGone);
  } catch (error) {
    if (!interruption.aborted) throw error;
  } finally {
    await stack.stop({ graceMs: deliveryMs });
  }
}

function readRequest({ flags }: Arguments): TickRequest {
  const at = flags.get("at");
  if (!at)
    throw new Error("--at is missing: the tick's time in REPORT_TIMEZONE, as in --at 2026-12-01T06:00");
  return { at, schedule: flags.get("schedule") ?? null };
}

type Saving = { directory: string; sinceMs: number };

/**
 * Saves the reports of the exports one after the other. Returns true when one of them is mailed. When an export fails, the
 * other reports are still saved, and an error is thrown at the end.
 */
async function saveReports({ ids, notice, ...access }: StartedExports, saving: Saving): Promise<boolean> {
  if (notice !== null) print(notice);
  print(`reports: ${ids.length} (times are those of ${access.zone})`);
  const failures: unknown[] = [];
  let hasMails = false;
  for (const id of ids)
    try {
      hasMails = (await saveReport(id, access, saving)) || hasMails;
    } catch (failure) {
      failures.push(failure);
    }
  if (failures.length > 0) throw new Error(failures.map(describeFailure).join("\n"));
  return hasMails;
}

/**
 * Saves a report in a folder named after the export's id, because all reports of a day have the same file name. Returns
 * true when the report is mailed.
 */
async function saveReport(id: string, access: Access, { directory, sinceMs }: Saving): Promise<boolean> {
  const finished = await followExport(`exports/${id}`, access, { sinceMs, print });
  const { options, origin, result } = finished;
  const path = join(directory, fileKey(id, result.file.name));
  await saveFile(finished, path);
  const done = origin === "reused" ? "made already" : "exported";
  print(
    `${done} ${result.rows} of ${result.offers} offers: ${describeFilters(options)}, as of ${options.asOf}`,
  );
  print(`spreadsheet: ${path}`);
  const mails = await followMails(id, access);
  if (mails !== null) print(`mails: ${mails}`);
  return mails !== null;
}

function describeFilters({ status, period, issuedFrom, issuedTo }: Options): string {
  const filters = [
    status.length < statuses.length ? `status ${status.join(",")}` : null,
    period,
    issuedFrom && `issued from ${issuedFrom}`,
    issuedTo && `issued to ${issuedTo}`,
  ].filter((filter) => filter !== null);
  return filters.join(", ") || "all";
}

function describeFailure(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
