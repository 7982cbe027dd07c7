import { CheckpointDurableExecutionCommand, LambdaServiceException } from "@aws-sdk/client-lambda";
import { openCheckpointClient } from "../../../functions/adapters/workflow/durable-steps.ts";
import type { CheckpointRequest, DurableClient } from "../../../local/durable/operations.ts";
import { refuse } from "../../../local/durable/service-limits.ts";
import type { FaultRates, FaultSource } from "../faults/fault-source.ts";
import type { HistoryTrace } from "../time/history-trace.ts";
import { connectionError } from "../s3/s3-commands.ts";
import type { SimulatedProcess } from "../time/simulated-process.ts";
import type { VirtualClock } from "../time/virtual-clock.ts";

/** What can go wrong with a checkpoint, after the three attempts of the AWS SDK. */
export type CheckpointFault =
  /** Lambda no longer knows the invocation's token, and applies nothing. */
  | "token"
  /** Lambda answers 429, and applies nothing. */
  | "throttled"
  /** Lambda answers 500, and applies nothing. */
  | "failed"
  /** Lambda applies the updates, and no attempt gets an answer. */
  | "unanswered";

type CheckpointSettings = {
  clock: VirtualClock;
  faults: FaultSource;
  trace: HistoryTrace;
  rates: FaultRates<CheckpointFault>;
};

const credentials = { accessKeyId: "AKIDOFTHETESTS", secretAccessKey: "secret-key-of-the-tests" };
const required = { DurableExecutionArn: "", CheckpointToken: "" };

const answerMs = { min: 2, max: 60 };
/** The time until the last of the SDK's attempts has failed. */
const attemptsMs = { min: 100, max: 165_000 };

/** The service's own client. Its requests fail before it serialises them. */
const lambda = openCheckpointClient({ region: "eu-central-1", credentials });
const failures = new WeakMap<object, unknown>();
lambda.middlewareStack.add(
  () => async (call) => {
    throw failures.get(call.input);
  },
  { step: "initialize", name: "simulatedLambda", priority: "low" },
);

/**
 * Opens Lambda's API for checkpoints. Its errors reach a handler through the service's own client, which corrects the
 * words of a refused token. Other answers take the short way, because the client would not change them.
 */
export function openCheckpoints({ clock, faults, trace, rates }: CheckpointSettings) {
  /** Carries out a request of the process. */
  async function carryOut<T>(
    { place, process }: { place: string; process: SimulatedProcess },
    apply: () => Promise<T>,
  ): Promise<T> {
    const fault = faults.drawFault(place, rates);
    const { min, max } = fault === null ? answerMs : attemptsMs;
    try {
      await clock.sleep(faults.drawDelayMs("engine", min, max));
      if (fault === null) return await apply();
      trace.note("engine", `${fault}: ${place} of ${process.name}`);
      if (fault === "unanswered") await apply();
      throw makeError(fault);
    } finally {
      await process.pass();
    }
  }

  /** Returns the answer to a request. Passes its error through the service's client. */
  async function send<T extends object>(input: object, answer: () => Promise<T>): Promise<T> {
    try {
      return await answer();
    } catch (error) {
      const command = new CheckpointDurableExecutionCommand({ ...required, ...input });
      failures.set(command.input, error);
      await lambda.send(command);
      throw new Error("the client has sent the request", { cause: error });
    }
  }

  /** Opens the client of an invocation that runs in the process. */
  return function openClient(session: DurableClient, process: SimulatedProcess): DurableClient {
    return {
      checkpoint: (request) =>
        send(request, () =>
          carryOut({ place: describePlace(request), process }, () => session.checkpoint(request)),
        ),
      getExecutionState: (request) =>
        send(request, () => carryOut({ place: "state", process }, () => session.getExecutionState(request))),
    };
  };
}

/** The end of a step is a place of its own, because a step whose end is refused runs again. */
function describePlace({ Updates = [] }: CheckpointRequest): string {
  const isEnd = Updates.some(({ Type, Action }) => Type === "STEP" && Action === "SUCCEED");
  return isEnd ? "checkpoint of a step's end" : "checkpoint";
}

function makeError(fault: CheckpointFault): Error {
  if (fault === "token") return refuse("Invalid checkpoint token");
  if (fault === "throttled") return makeLambdaError("TooManyRequestsException", 429);
  if (fault === "failed") return makeLambdaError("ServiceException", 500);
  return connectionError("ECONNRESET");
}

function makeLambdaError(name: string, httpStatusCode: number): LambdaServiceException {
  return new LambdaServiceException({
    name,
    message: name,
    $fault: httpStatusCode < 500 ? "client" : "server",
    $metadata: { httpStatusCode },
  });
}
