import { LambdaClient, type LambdaClientConfig } from "@aws-sdk/client-lambda";
import type { workflow } from "sst/aws/workflow";
import * as z from "zod";
import { ExportError, isFinalError } from "../../core/basics/errors.ts";
import { type Problem, toProblem } from "../../core/basics/stored-values.ts";
import { concealFault, logEvent, type LogFacts, logFault, withLogIds } from "../log/log.ts";

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
  const tell = (facts: LogFacts) =>
    logEvent("step", { ...facts, ms: Math.round(performance.now() - beganMs) });
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

/** As the SDK's own client waits for an answer. */
const patience = {
  connectionTimeout: 5_000,
  socketTimeout: 50_000,
  requestTimeout: 55_000,
  throwOnRequestTimeout: true,
};

/**
 * The client that an execution's checkpoints go through. Lambda refuses one of an invocation that is over with the
 * words `Invalid checkpoint token`. The durable SDK knows them in another spelling only, and would end the whole
 * execution as failed, which goes on in another invocation. So the client says it as the SDK does:
 * https://github.com/aws/aws-durable-execution-sdk-js/issues/917
 */
export function openCheckpointClient(server: LambdaClientConfig = {}): LambdaClient {
  const client = new LambdaClient({ requestHandler: patience, ...server });
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        throw respellRefusal(error);
      }
    },
    { step: "initialize", name: "respellRefusal" },
  );
  return client;
}

const known = "Invalid Checkpoint Token";

function respellRefusal(error: unknown): unknown {
  if (error instanceof Error && /invalid checkpoint token/i.test(error.message)) error.message = known;
  return error;
}

/**
 * What an export runs on: named steps whose results are kept, and waits between them that cost nothing.
 * A step may run more than once, so what it writes has a key of its own; a result is small and serialisable.
 */
export interface DurableSteps {
  step: <T>(name: string, run: () => Promise<T>) => Promise<T>;
  wait: (name: string, seconds: number) => Promise<void>;
}
