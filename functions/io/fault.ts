import { ExportError } from "../core/error.ts";
import { ScheduleError } from "../core/schedule.ts";
import { concealFault, logFault } from "./log.ts";

/** For a function that nobody waits for: Lambda's log and the dead letter quote the message of what is thrown. */
export async function tellFaults<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ScheduleError) throw error;
    logFault(error, {});
    throw error instanceof ExportError ? error : concealFault(error);
  }
}
