import { LambdaClient, type LambdaClientConfig } from "@aws-sdk/client-lambda";
import type { workflow } from "sst/aws/workflow";
import { ExportError, isFinalError } from "../../core/basics/errors.ts";
import { type Problem, toProblem } from "../../core/basics/stored-values.ts";
import { type SystemTimer, systemTimer } from "../clock/clock.ts";
import { concealFault, logEvent, type LogFacts, logFault, withLogIds } from "../log/log.ts";

/**
 * A step's result as the execution's history stores it. A final error is stored as a value, because the history keeps
 * only the name and the message of a thrown error.
 */
type Outcome<T> = { value: T } | { problem: Problem };

/** The pauses between the attempts of a step that throws. Together they are long enough for an outage of S3. */
const retryPausesSeconds = [2, 10, 30, 120];

const retryStrategy = (_error: Error, attempts: number) => {
  const seconds = retryPausesSeconds[attempts - 1];
  return seconds === undefined ? { shouldRetry: false } : { shouldRetry: true, delay: { seconds } };
};

/**
 * Runs the steps of a durable execution. A final error ends a step at once. After any other error, which is logged, the
 * step is tried again. In a replay a step returns its result from the history and logs nothing. `timer` measures the
 * attempts for the log.
 */
export function openDurableSteps(
  context: workflow.Context,
  exportId: string,
  timer: Pick<SystemTimer, "elapsedMs"> = systemTimer,
): DurableSteps {
  return {
    async step(name, run) {
      const once = async () => {
        if (hasEnded(context)) await waitForever();
        return await withLogIds({ exportId, step: name }, () => attempt(run, timer));
      };
      const outcome = await unlessEnded(
        context,
        context.step(name, once, { retryStrategy }).catch(restoreError),
      );
      if ("problem" in outcome) throw new ExportError("portal", outcome.problem.code, outcome.problem.detail);
      return outcome.value;
    },
    async wait(name, seconds) {
      await unlessEnded(context, context.wait(name, { seconds }));
    },
  };
}

/**
 * True when the invocation of the context has ended. Reads private fields, because the SDK's API does not show it. The
 * field `executionContext` has the name `_executionContext` in version 2 of the SDK.
 */
function hasEnded(context: workflow.Context): boolean {
  return ["executionContext", "_executionContext"].some((name) => {
    const manager = readField(readField(context, name), "terminationManager");
    return readField(manager, "isTerminated") === true;
  });
}

function readField(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

const waitForever = () => new Promise<never>(() => undefined);

/**
 * Waits for the operation. When the invocation has ended, waits forever, so that the code stops. This is needed when
 * the code and the history disagree: the SDK then ends the invocation, but still returns the wrong result from the
 * history and lets the code continue.
 */
async function unlessEnded<T>(context: workflow.Context, operation: PromiseLike<T>): Promise<T> {
  if (!hasEnded(context)) return await operation;
  operation.then(undefined, () => undefined);
  return await waitForever();
}

async function attempt<T>(
  run: () => Promise<T>,
  { elapsedMs }: Pick<SystemTimer, "elapsedMs">,
): Promise<Outcome<T>> {
  const startedMs = elapsedMs();
  const logStep = (facts: LogFacts) =>
    logEvent("step", { ...facts, ms: Math.round(elapsedMs() - startedMs) });
  try {
    const value = await run();
    await logStep({ outcome: "done" });
    return { value };
  } catch (error) {
    if (!isFinalError(error)) {
      await logFault(error);
      throw error instanceof ExportError ? error : concealFault(error);
    }
    const problem = toProblem(error);
    await logStep({ outcome: "problem", code: problem.code });
    return { problem };
  }
}

/**
 * Throws the error again, and makes a storage error an ExportError. The SDK gives the error of the step's last attempt
 * as the `cause`, and the name of the cause shows whether the storage has failed.
 */
function restoreError(error: unknown): never {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && cause.name === ExportError.name)
    throw new ExportError("storage", "storage_failed", cause.message);
  throw error;
}

/** The durable SDK's default client has the same timeouts. */
const timeouts = {
  connectionTimeout: 5_000,
  socketTimeout: 50_000,
  requestTimeout: 55_000,
  throwOnRequestTimeout: true,
};

/**
 * Opens the client that sends an execution's checkpoints. Lambda refuses a checkpoint of an ended invocation with the
 * words `Invalid checkpoint token`. The durable SDK expects a different spelling, and would fail the execution although
 * another invocation continues it. So the client rewrites the message:
 * https://github.com/aws/aws-durable-execution-sdk-js/issues/917
 */
export function openCheckpointClient(server: LambdaClientConfig = {}): LambdaClient {
  const client = new LambdaClient({ requestHandler: timeouts, ...server });
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        throw rewriteTokenError(error);
      }
    },
    { step: "initialize", name: "rewriteTokenError" },
  );
  return client;
}

const expectedMessage = "Invalid Checkpoint Token";

function rewriteTokenError(error: unknown): unknown {
  if (error instanceof Error && /invalid checkpoint token/i.test(error.message))
    error.message = expectedMessage;
  return error;
}

/**
 * Runs named steps and waits. The result of a step is stored, and a wait costs nothing. A step may run more than once,
 * so each attempt of a step writes under its own keys. A step's result must be small and serialisable.
 */
export interface DurableSteps {
  step: <T>(name: string, run: () => Promise<T>) => Promise<T>;
  wait: (name: string, seconds: number) => Promise<void>;
}
