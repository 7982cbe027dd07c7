import { ExportError } from "../core/error.ts";
import type { Steps } from "../core/steps.ts";
import type { Clock } from "./clock.ts";

/** After a wait come one more window, which may be a slow one, and the report. */
const afterWaitMs = 3 * 60_000;

/** Runs the steps one after the other in this process, which must be done by the deadline. */
export function runInProcess(clock: Clock, deadlineMs: number): Steps {
  return {
    step: (_name, run) => run(),
    async wait(_name, seconds) {
      const isTooLate = clock.now() + seconds * 1000 > deadlineMs - afterWaitMs;
      if (isTooLate) throw new ExportError("size", "too_many_pages", tooLarge);
      await clock.sleep(seconds * 1000);
    },
  };
}

const tooLarge =
  "At the pace of the portal's rate limit its offers cannot be read within the 15 minutes that a function may run. " +
  "Ask the portal for a higher limit.";
