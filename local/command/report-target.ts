import { access, constants, stat } from "node:fs/promises";
import { dirname, extname, join, resolve } from "node:path";
import { describeDiskFault } from "../disk-fault.ts";
import { type FinishedExport, saveFile } from "./follow-export.ts";

/** Where a report is saved: a file, or a folder in which it gets its own name. */
export type ReportTarget = { folder: string; file: string | null };

/** Checks that a report can be saved, before it is made. `given` is the value of `--out`, relative to the folder. */
export async function openReportTarget(given: string | undefined, folder: string): Promise<ReportTarget> {
  if (given === "") throw new Error("--out takes the name of a file");
  const file = given === undefined ? null : resolve(folder, given);
  const place = file === null ? folder : dirname(file);
  if (file !== null && (await isFolder(file))) throw new Error(`--out names a folder, not a file: ${given}`);
  if (!(await isFolder(place)))
    throw new Error(`--out names a file in a folder that does not exist: ${place}`);
  await access(place, constants.W_OK).catch((cause: unknown) => rejectWrite(cause, place));
  return { folder: place, file };
}

/**
 * Downloads and saves the report, and returns its path. `--out` replaces a file, as its user has named it. A report
 * without it replaces none: it gets a number.
 */
export async function saveReport(finished: FinishedExport, { folder, file }: ReportTarget): Promise<string> {
  const path = file ?? (await findFreePath(folder, finished.result.file.name));
  await saveFile(finished, path).catch((cause: unknown) => rejectWrite(cause, folder));
  return path;
}

function rejectWrite(cause: unknown, folder: string): never {
  const fault = describeDiskFault(cause, folder);
  throw fault === null ? cause : new Error(fault);
}

/** Returns the path of the name in the folder, with a number in it when there is such a file. */
export async function findFreePath(folder: string, name: string): Promise<string> {
  const extension = extname(name);
  const stem = name.slice(0, name.length - extension.length);
  for (let number = 2, path = join(folder, name); ; number += 1) {
    if ((await stat(path).catch(() => null)) === null) return path;
    path = join(folder, `${stem}-${number}${extension}`);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() === true;
}
