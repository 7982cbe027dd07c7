import { workflow } from "sst/aws/workflow";
import { onTestFinished } from "vitest";
import type { Timer } from "../../functions/adapters/clock/clock.ts";
import {
  type DurableClient,
  type DurableHandler,
  type InvocationInput,
  makeInput,
  takeClient,
  type Update,
} from "../../local/durable/operations.ts";
import { type Runner, startRunner } from "../../local/durable/runner.ts";
import { makeRunnerClock, makeTemporaryDirectory } from "./durable-runner.ts";

/** What a case's handler gets besides the SDK's context. All invocations of an execution share it. */
type Tools = {
  input: unknown;
  /** Counts its calls, and returns the number of this call. A case calls it where code must not run too often. */
  count: () => number;
  /** Ends the invocation as a crash of the process would, once the start of the running step is recorded. */
  crash: () => Promise<never>;
};

/** A handler, and the history and the outcome that AWS gives to its execution. */
export type HistoryCase = {
  /** The numbers of the case in the public repository that its facts come from. */
  source: string;
  does: string;
  input?: unknown;
  handler: (context: workflow.Context, tools: Tools) => PromiseLike<unknown>;
  /** The execution's result; null when the handler returns nothing. */
  result?: unknown;
  /** The name of the error that ends the execution. */
  error?: string;
  /** The number of calls of `count`. */
  runs?: number;
  /**
   * The events between the execution's start and its end, one a line: its time, its type, the operation's number and
   * name, and its details. The number of an operation inside a context begins with the context's number: 1.2 is the
   * second operation inside of the first.
   */
  history: string[];
};

type Run = {
  status: string | undefined;
  result: unknown;
  error: string | undefined;
  runs: number;
  history: string[];
};

/** Returns how AWS runs the case. */
export function describeExpected({ result = null, error, runs = 0, history }: HistoryCase): Run {
  const status = error === undefined ? "SUCCEEDED" : "FAILED";
  const end = history.at(-1)?.split(" ")[0];
  return { status, result, error, runs, history: [...history, `${end} Execution ${status}`] };
}

/**
 * Runs the case on a runner, and again on a chain of runners: each invocation gets a new runner, which knows only the
 * log. Returns both runs.
 */
export async function runCase(entry: HistoryCase): Promise<Run[]> {
  return await Promise.all([runExecution(entry, false), runExecution(entry, true)]);
}

async function runExecution({ input = null, handler }: HistoryCase, restarts: boolean): Promise<Run> {
  const directory = await makeTemporaryDirectory();
  const clock = makeRunnerClock();
  const history = openHistory(clock);
  let runs = 0;
  const tools = { input, count: () => (runs += 1) };
  const watched = watchHandler(handler, tools, history);
  let runner: Runner | undefined;
  let invocations = 0;
  const openRunner = async () => {
    invocations = 0;
    runner = await startRunner({
      directory,
      handler: async (...args) => {
        invocations += 1;
        return await watched(...args);
      },
      clock: {
        ...clock,
        async sleep(ms) {
          await clock.sleep(ms);
          // The runner is not awaited here, because it waits for this sleep.
          if (restarts && invocations > 0) void runner?.close();
        },
      },
    });
    onTestFinished(runner.close);
    return runner;
  };
  let current = await openRunner();
  await current.start("one", input);
  await current.finish("one");
  while ((await current.describe("one"))?.status === "RUNNING") {
    current = await openRunner();
    await current.finish("one");
  }
  const { status, endedMs, result, error } = (await current.describe("one")) ?? {};
  history.write(endedMs ?? Number.NaN, `Execution ${status}`);
  return {
    status,
    result: JSON.parse(result ?? "null"),
    error: error?.name,
    runs,
    history: history.lines,
  };
}

/** Makes a handler that writes the events of its invocations into `history`, as its client shows them. */
function watchHandler(
  handler: HistoryCase["handler"],
  given: Omit<Tools, "crash">,
  history: History,
): DurableHandler {
  let crashed = Promise.withResolvers<never>();
  const crash = async () => {
    while (!history.lines.at(-1)?.includes("StepStarted")) await new Promise(setImmediate);
    crashed.reject(new Error("Runtime exited"));
    return await new Promise<never>(() => undefined);
  };
  const tools = { ...given, crash };
  const invoke = workflow.handler(async (_event, context) => await handler(context, tools));
  return async (input, lambdaContext) => {
    const { params, client } = takeClient(input);
    const checkpoint: DurableClient["checkpoint"] = async (request) => {
      const answer = await client.checkpoint(request);
      history.noteUpdates(request.Updates ?? [], answer.NewExecutionState.Operations);
      return answer;
    };
    history.noteChanges(params.InitialExecutionState.Operations);
    crashed = Promise.withResolvers();
    try {
      const output = invoke(makeInput(params, { ...client, checkpoint }), lambdaContext);
      const answer = await Promise.race([output, crashed.promise]);
      history.write(history.now(), "InvocationCompleted");
      return answer;
    } catch (error) {
      history.write(history.now(), "InvocationCompleted, crashed");
      throw error;
    }
  };
}

type Operation = InvocationInput["InitialExecutionState"]["Operations"][number];
type History = ReturnType<typeof openHistory>;

/** The first word of the events of each type of operation, and the type's usual sub-type. */
const types: Partial<Record<string, [string, string]>> = {
  STEP: ["Step", "Step"],
  WAIT: ["Wait", "Wait"],
  CONTEXT: ["Context", "RunInChildContext"],
};

/** Opens the history of an execution that starts now. Events have their names in AWS's histories. */
function openHistory({ now }: Timer) {
  const beganMs = now();
  const lines: string[] = [];
  const statuses = new Map<string, string>();
  const startsMs = new Map<string, number>();
  const labels = new Map<string, string>();
  const counts = new Map<string, number>();

  const write = (ms: number, text: string) => void lines.push(`${(ms - beganMs) / 1000}s ${text}`);

  /** Returns the operation's number. Numbers the operations of a context in the order of their first events. */
  const findLabel = ({ Id = "", ParentId }: Operation) => {
    const parent = ParentId === undefined ? "" : `${labels.get(ParentId)}.`;
    const label = labels.get(Id) ?? `${parent}${(counts.get(parent) ?? 0) + 1}`;
    if (!labels.has(Id)) counts.set(parent, (counts.get(parent) ?? 0) + 1);
    labels.set(Id, label);
    return label;
  };

  const noteStart = ({ Id = "" }: Operation) => {
    if (!startsMs.has(Id)) startsMs.set(Id, now());
    return startsMs.get(Id) ?? Number.NaN;
  };

  const describeHead = (operation: Operation, event: string) => {
    const { Type = "", SubType = "", Name } = operation;
    const [word, usualSubType] = types[Type] ?? [Type, ""];
    const name = Name === undefined ? "" : ` (${Name})`;
    const subType = SubType === usualSubType ? "" : ` as ${SubType}`;
    return `${word}${event} ${findLabel(operation)}${name}${subType}`;
  };

  /** Writes an event of the operation in its present state. A retry whose time has come is no event. */
  const note = (operation: Operation) => {
    const { Id = "", Status = "", StartTimestamp, EndTimestamp, StepDetails, WaitDetails } = operation;
    statuses.set(Id, Status);
    if (Status === "READY") return;
    const startMs = noteStart(operation);
    // The operation's times come from the system's clock, and only their differences are exact.
    const measureMs = (time?: Date) =>
      (time?.getTime() ?? Number.NaN) - (StartTimestamp?.getTime() ?? Number.NaN);
    if (Status === "STARTED") {
      const wait = WaitDetails && `, for ${measureMs(WaitDetails.ScheduledEndTimestamp) / 1000}s`;
      return write(now(), describeHead(operation, "Started") + (wait ?? ""));
    }
    const { Result, Error } = operation.ContextDetails ?? StepDetails ?? {};
    const hasFailed = Status === "FAILED" || (Status === "PENDING" && Error !== undefined);
    const nextMs = startMs + measureMs(StepDetails?.NextAttemptTimestamp) - now();
    const parts = [
      describeHead(operation, hasFailed ? "Failed" : "Succeeded"),
      ...(StepDetails ? [`attempt ${StepDetails.Attempt}`] : []),
      ...(Error ? [Error.ErrorType] : []),
      ...(Status === "PENDING" ? [`next in ${nextMs / 1000}s`] : []),
      ...(operation.ContextDetails?.ReplayChildren ? ["replays its operations"] : []),
    ];
    const atMs = Status === "PENDING" ? now() : startMs + measureMs(EndTimestamp);
    write(atMs, parts.join(", ") + (Result ? `: ${Result}` : ""));
  };

  /** Writes the events of operations whose state has changed without an update: their time has come. */
  const noteChanges = (operations: Operation[]) => {
    for (const operation of operations)
      if (operation.Type !== "EXECUTION" && statuses.get(operation.Id ?? "") !== operation.Status)
        note(operation);
  };

  /** Writes the events of the updates. `operations` are the states after all updates. */
  const noteUpdates = (updates: Update[], operations: Operation[]) => {
    const lastUpdates = new Map(updates.map((update) => [update.Id, update]));
    noteChanges(operations.filter(({ Id = "" }) => !lastUpdates.has(Id)));
    for (const update of updates) {
      const operation = operations.find(({ Id }) => Id === update.Id);
      if (operation === undefined) throw new Error(`The answer lacks the operation ${update.Id}.`);
      if (lastUpdates.get(update.Id) === update) note(operation);
      else {
        noteStart(operation);
        write(now(), describeHead(operation, "Started"));
      }
    }
  };

  return { lines, now, write, noteChanges, noteUpdates };
}
