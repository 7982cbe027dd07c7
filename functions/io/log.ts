/** One JSON line on stderr for a fault; callers pass ids only, never what a stranger or the portal sent. */
export function logFault(error: unknown, ids: Record<string, string>): void {
  const fault = error instanceof Error ? error : new Error("something that is no error was thrown");
  process.stderr.write(
    `${JSON.stringify({ level: "ERROR", ...ids, name: fault.name, stack: listFrames(fault) })}\n`,
  );
}

/** For what keeps the messages of errors: an execution's history, Lambda's own log. A fault's may quote data. */
export function concealFault(error: unknown): Error {
  const fault = new Error("The log of this moment says where it happened.");
  return error instanceof Error ? Object.assign(fault, { name: error.name }) : fault;
}

/** Where it happened; a message may quote data, so it stays out. */
function listFrames(fault: Error): string[] {
  const frames = (fault.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  const cause =
    fault.cause instanceof Error ? [`caused by ${fault.cause.name}`, ...listFrames(fault.cause)] : [];
  return [...frames.map((line) => line.trim()), ...cause];
}
