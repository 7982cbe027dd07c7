import type { workflow } from "sst/aws/workflow";
import * as z from "zod";
import { ExportError, isFinalError } from "../../core/basics/errors.ts";
import { toProblem, type Problem } from "../../core/basics/stored-values--failure.ts";
import type { DurableSteps } from "./durable-steps--steps.ts";
import { withLogIds } from "../log/log--ids.ts";
import { concealFault, type LogFacts, logEvent, logFault } from "../log/log.ts";

/** What a step leaves in the execution's history: of an error that is thrown only name and message would survive. */
type Outcome<T> = { value: T } | { problem: Problem };

/** Seconds before a step is tried again that met with a fault: an S3 that is away is back by then. */
const pausesSeconds = [2, 10, 30, 120];

const retryStrategy = (_error: Error, attempts: number) => {
  const seconds = pausesSeconds[attempts - 1];
  return seconds === undefined ? { shouldRetry: false } : { shouldRetry: true, delay: { seconds } };
};

/**
 * The steps of a durable execution. What is final is told at once; a fault is logged, and tried again. A replay
 * runs no step anew, and so logs none.
 */
export function openDurableSteps(context: workflow.Context, exportId: string): DurableSteps {
  return {
    async step(name, run) {
      const once = async () => {
        if (hasEnded(context)) await stop();
        return await withLogIds({ exportId, step: name }, () => attempt(run));
      };
      const outcome = await unlessEnded(context, context.step(name, once, { retryStrategy }).catch(explain));
      if ("problem" in outcome) throw new ExportError("portal", outcome.problem.code, outcome.problem.detail);
      return outcome.value;
    },
    async wait(name, seconds) {
      await unlessEnded(context, context.wait(name, { seconds }));
    },
  };
}

/** Fields of the SDK's own, which has no other word for it; the second name is the one of version 2. */
const Ending = z.object({ terminationManager: z.object({ isTerminated: z.literal(true) }) });
const Ended = z.union([z.object({ executionContext: Ending }), z.object({ _executionContext: Ending })]);

function hasEnded(context: workflow.Context): boolean {
  return Ended.safeParse(context).success;
}

const stop = () => new Promise<never>(() => undefined);

/**
 * Where code asks for something else than its history has there, the SDK ends the invocation, but gives the code what
 * the history has, and lets it go on with that. Here it stops.
 */
async function unlessEnded<T>(context: workflow.Context, operation: PromiseLike<T>): Promise<T> {
  if (!hasEnded(context)) return await operation;
  operation.then(undefined, () => undefined);
  return await stop();
}

async function attempt<T>(run: () => Promise<T>): Promise<Outcome<T>> {
  const beganMs = performance.now();
  const tell = (facts: LogFacts) => logEvent("step", { ...facts, ms: Math.round(performance.now() - beganMs) });
  try {
    const value = await run();
    await tell({ outcome: "done" });
    return { value };
  } catch (error) {
    if (!isFinalError(error)) {
      await logFault(error);
      throw error instanceof ExportError ? error : concealFault(error);
    }
    const problem = toProblem(error);
    await tell({ outcome: "problem", code: problem.code });
    return { problem };
  }
}

/** Of a fault that stayed the name tells whether it was the storage's. */
function explain(error: unknown): never {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && cause.name === ExportError.name)
    throw new ExportError("storage", "storage_failed", cause.message);
  throw error;
}
