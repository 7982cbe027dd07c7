import { access, constants, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describeDiskFault } from "./disk-fault.ts";

/**
 * Makes the folder and claims it for this process, because two stacks in one folder would damage each other's files.
 * Each process writes a claim file, named after its process id, before it looks for the claim files of other
 * processes. So when two processes start at once, at most one continues.
 */
export async function claimDirectory(directory: string): Promise<{ release: () => Promise<void> }> {
  const findClaim = (pid: number) => join(directory, "running", String(pid));
  const release = () => rm(findClaim(process.pid), { force: true });
  for (const pid of await addClaim(directory)) {
    if (isRunning(pid)) {
      await release();
      throw new Error(
        `the setting LOCAL_DIR names a folder that process ${pid} uses; stop it or name another`,
      );
    }
    await rm(findClaim(pid), { force: true });
  }
  return { release };
}

/**
 * Writes this process's claim file. Returns the ids of the other processes that have a claim file in the folder. Throws
 * when the folder, or a folder in it, cannot be written.
 */
async function addClaim(directory: string): Promise<number[]> {
  const claims = join(directory, "running");
  try {
    await makeFolder(claims);
    for (const { name } of (await readdir(directory, { withFileTypes: true })).filter((one) =>
      one.isDirectory(),
    ))
      await access(join(directory, name), constants.W_OK);
    await access(directory, constants.W_OK);
    await writeFile(join(claims, String(process.pid)), "");
    const names = (await readdir(claims)).filter((name) => /^[1-9]\d*$/.test(name));
    return names.map(Number).filter((pid) => pid !== process.pid);
  } catch (cause) {
    const fault = describeDiskFault(cause) ?? "the setting LOCAL_DIR names no folder that can be written";
    throw new Error(fault, { cause });
  }
}

/**
 * Makes a folder and the folders above it. Node's own `recursive` never ends where a file system has no such folders,
 * as in /proc.
 */
export async function makeFolder(path: string): Promise<void> {
  const make = () =>
    mkdir(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  await make().catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT" || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await make();
  });
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM means that the process exists and belongs to another user.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
