/** Names the fault of the disk and its remedy, for each error code of a write that failed. */
const faults = new Map([
  ["ENOSPC", "the disk is full: free some space"],
  ["EDQUOT", "the disk's quota is used up: free some space"],
  ["EROFS", "the disk can only be read: name another folder"],
  ["EACCES", "this user may not write there: change the folder's owner, or name another"],
  ["EPERM", "this user may not write there: change the folder's owner, or name another"],
  ["EIO", "the disk is faulty: name a folder on another"],
]);

/** Describes an error that came from writing to a folder, in one line. Returns null for any other error. */
export function describeDiskFault(
  error: unknown,
  folder = "the setting LOCAL_DIR names a folder that",
): string | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code, path } = readSystemError(cause);
    const fault = faults.get(code);
    // A socket's error has no path, and nor has one of a write to an open file, for which only a disk has no space.
    if (fault !== undefined && (path !== null || code === "ENOSPC" || code === "EDQUOT" || code === "EIO"))
      return `${folder} cannot be written: ${fault}`;
  }
  return null;
}

function readSystemError(error: Error): { code: string; path: string | null } {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return { code, path: "path" in error && typeof error.path === "string" ? error.path : null };
}
