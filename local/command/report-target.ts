import { rm, stat, writeFile } from "node:fs/promises";
import { dirname, extname, join, resolve } from "node:path";
import { describeDiskFault } from "../disk-fault.ts";
import { type FinishedExport, saveFile } from "./follow-export.ts";

/** Where a report is saved: a file, or a folder in which it gets its own name. */
export type ReportTarget = { folder: string; file: string | null };

/**
 * Checks that a report can be saved, before it is made. `out` is the value of `--out`, relative to the folder. A name
 * without an ending gets that of the format.
 */
export async function openReportTarget(
  { out, format }: { out: string | undefined; format: string },
  folder: string,
): Promise<ReportTarget> {
  if (out === "") throw new Error("--out takes the name of a file");
  if (out !== undefined && (await isFolder(resolve(folder, out))))
    throw new Error(`--out names a folder, not a file: ${out}`);
  const ending = out !== undefined && extname(out) === "" ? `.${format}` : "";
  const file = out === undefined ? null : resolve(folder, `${out}${ending}`);
  const place = file === null ? folder : dirname(file);
  if (!(await isFolder(place)))
    throw new Error(`--out names a file in a folder that does not exist: ${place}`);
  await tryFolder(place);
  return { folder: place, file };
}

export type SavedReport = { path: string; isReplaced: boolean };

/**
 * Downloads and saves the report. `--out` replaces a file, as its user has named it. A report without it replaces none:
 * it gets a number.
 */
export async function saveReport(
  finished: FinishedExport,
  { folder, file }: ReportTarget,
): Promise<SavedReport> {
  const path = file ?? (await findFreePath(folder, finished.result.file.name));
  const isReplaced = await exists(path);
  await saveFile(finished, path).catch((cause: unknown) => rejectWrite(cause, folder));
  return { path, isReplaced };
}

/** Throws when no file can be made in the folder. Only a try shows that to a user whom no permission binds. */
async function tryFolder(folder: string): Promise<void> {
  const probe = join(folder, `.${process.pid}.offer-export`);
  try {
    await writeFile(probe, "", { flag: "wx" });
    await rm(probe);
  } catch (cause) {
    const fault = describeDiskFault(cause, folder) ?? `${folder} cannot be written`;
    throw new Error(`${fault}; let --out name a file in another folder`, { cause });
  }
}

function rejectWrite(cause: unknown, folder: string): never {
  const fault = describeDiskFault(cause, folder);
  throw fault === null ? cause : new Error(fault);
}

const exists = async (path: string) => (await stat(path).catch(() => null)) !== null;

/** Returns the path of the name in the folder, with a number in it when there is such a file. */
export async function findFreePath(folder: string, name: string): Promise<string> {
  const extension = extname(name);
  const stem = name.slice(0, name.length - extension.length);
  for (let number = 2, path = join(folder, name); ; number += 1) {
    if (!(await exists(path))) return path;
    path = join(folder, `${stem}-${number}${extension}`);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() === true;
}
