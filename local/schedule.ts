import { join } from "node:path";
import { parseArgs } from "node:util";
import { fileKey } from "../functions/core/basics/bucket-keys.ts";
import { type AskedTick, askRunningStack, type Ticked } from "./control-socket.ts";
import { type Access, followExport, saveFile } from "./follow-export.ts";
import { readSettings, silenceLogs } from "./stack-settings.ts";
import { startStack, stopOnSignal } from "./stack.ts";

const say = (line: string) => process.stdout.write(`${line}\n`);

/** Runs a tick on the running stack, or else on a new one, and saves the reports. */
async function main(): Promise<void> {
  const asked = readFlags(process.argv.slice(2));
  const settings = { ...readSettings(process.env), port: 0 };
  const ticked = await askRunningStack(settings.directory, asked);
  if (ticked !== null) return await saveReports(ticked, settings.directory);
  const stack = await startStack(settings, process.env);
  const interruption = stopOnSignal(stack, say);
  try {
    await saveReports(await stack.take(asked), settings.directory);
  } catch (error) {
    if (!interruption.aborted) throw error;
    say("the reports go on at the next start");
  } finally {
    await stack.stop();
  }
}

function readFlags(args: string[]): AskedTick {
  const { values } = parseArgs({ args, options: { at: { type: "string" }, schedule: { type: "string" } } });
  return { at: values.at ?? "", schedule: values.schedule ?? null };
}

/** Saves one report after the other. A failed report does not stop the others. */
async function saveReports({ ids, ...access }: Ticked, directory: string): Promise<void> {
  const failures: unknown[] = [];
  for (const id of ids)
    await saveReport(id, access, directory).catch((failure: unknown) => failures.push(failure));
  if (failures.length > 0) throw new Error(failures.map(describeFailure).join("\n"));
}

/** Saves a report in a folder named after its export, because all reports of a day have the same file name. */
async function saveReport(id: string, access: Access, directory: string): Promise<void> {
  const finished = await followExport(`exports/${id}`, access, say);
  const { options, result } = finished;
  const path = join(directory, fileKey(id, result.file.name));
  await saveFile(finished, path);
  const selection = `${options.period ?? "all"}, as of ${options.asOf}`;
  say(`exported ${result.rows} of ${result.offers} offers: ${selection}`);
  say(`spreadsheet: ${path}`);
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
