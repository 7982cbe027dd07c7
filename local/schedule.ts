import { join } from "node:path";
import { parseArgs } from "node:util";
import { fileKey } from "../functions/core/basics/bucket-keys.ts";
import { requestTick, type StartedExports, type TickRequest } from "./control-socket.ts";
import { type Access, followExport, saveFile } from "./follow-export.ts";
import { readSettings, silenceLogs } from "./stack-settings.ts";
import { startStack, stopOnSignal } from "./stack.ts";

const print = (line: string) => process.stdout.write(`${line}\n`);

/** Runs a tick on the running stack, or on a new stack when none is running, and saves the tick's reports. */
async function main(): Promise<void> {
  const request = readFlags(process.argv.slice(2));
  const settings = { ...readSettings(process.env), port: 0 };
  const started = await requestTick(settings.directory, request);
  if (started !== null) return await saveReports(started, settings.directory);
  const stack = await startStack(settings, process.env);
  const interruption = stopOnSignal(stack, print);
  try {
    await saveReports(await stack.runTick(request), settings.directory);
  } catch (error) {
    if (!interruption.aborted) throw error;
    print("the reports go on at the next start");
  } finally {
    await stack.stop();
  }
}

function readFlags(args: string[]): TickRequest {
  const { values } = parseArgs({ args, options: { at: { type: "string" }, schedule: { type: "string" } } });
  return { at: values.at ?? "", schedule: values.schedule ?? null };
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

silenceLogs(process.env);
try {
  await main();
} catch (error) {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exit(1);
}
