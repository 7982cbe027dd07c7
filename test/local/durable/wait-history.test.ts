import { describe, expect, it } from "vitest";
import { describeExpected, type HistoryCase, runCase } from "../../support/durable-history.ts";

// The facts come from the suites `wait` and `wait_for_condition` of
// https://github.com/aws/aws-durable-execution-conformance-tests, and `source` is a case's number there. AWS's cases of
// a minute and an hour end when the wait has begun. Here they go on to the end of the wait.

/** Polls until the state is at least `target`, every `seconds`. */
const pollUntil = (target: number, initialState = 0, seconds = 1) => ({
  initialState,
  waitStrategy: (state: number) =>
    state >= target
      ? ({ shouldContinue: false } as const)
      : ({ shouldContinue: true, delay: { seconds } } as const),
});
const increment = async (state: number) => state + 1;
const failCheck = async (): Promise<never> => Promise.reject(new RangeError("no state"));
const stopAtOnce = () => ({ shouldContinue: false }) as const;

const waits: HistoryCase[] = [
  {
    source: "2.1",
    does: "a wait, which ends between two invocations",
    handler: (context) => context.wait({ seconds: 2 }),
    history: [
      "0s WaitStarted 1, for 2s",
      "0s InvocationCompleted",
      "2s WaitSucceeded 1",
      "2s InvocationCompleted",
    ],
  },
  {
    source: "2.2",
    does: "a wait with a name",
    handler: (context) => context.wait("pause", { seconds: 2 }),
    history: [
      "0s WaitStarted 1 (pause), for 2s",
      "0s InvocationCompleted",
      "2s WaitSucceeded 1 (pause)",
      "2s InvocationCompleted",
    ],
  },
  {
    source: "2.3",
    does: "two waits: the second begins when the first has ended",
    async handler(context) {
      await context.wait("wait-1", { seconds: 2 });
      await context.wait("wait-2", { seconds: 2 });
      return { completedWaits: 2 };
    },
    result: { completedWaits: 2 },
    history: [
      "0s WaitStarted 1 (wait-1), for 2s",
      "0s InvocationCompleted",
      "2s WaitSucceeded 1 (wait-1)",
      "2s WaitStarted 2 (wait-2), for 2s",
      "2s InvocationCompleted",
      "4s WaitSucceeded 2 (wait-2)",
      "4s InvocationCompleted",
    ],
  },
  {
    source: "2.4",
    does: "a wait in minutes",
    handler: (context) => context.wait({ minutes: 1 }),
    history: [
      "0s WaitStarted 1, for 60s",
      "0s InvocationCompleted",
      "60s WaitSucceeded 1",
      "60s InvocationCompleted",
    ],
  },
  {
    source: "2.5",
    does: "a wait of an hour",
    handler: (context) => context.wait({ hours: 1 }),
    history: [
      "0s WaitStarted 1, for 3600s",
      "0s InvocationCompleted",
      "3600s WaitSucceeded 1",
      "3600s InvocationCompleted",
    ],
  },
];

const conditions: HistoryCase[] = [
  {
    source: "6.1",
    does: "a condition that three checks meet",
    input: 3,
    handler: (context, { input }) => context.waitForCondition(increment, pollUntil(Number(input))),
    result: 3,
    history: [
      "0s StepStarted 1 as WaitForCondition",
      "0s StepSucceeded 1 as WaitForCondition, attempt 1, next in 1s: 1",
      "0s InvocationCompleted",
      "1s StepStarted 1 as WaitForCondition",
      "1s StepSucceeded 1 as WaitForCondition, attempt 2, next in 1s: 2",
      "1s InvocationCompleted",
      "2s StepStarted 1 as WaitForCondition",
      "2s StepSucceeded 1 as WaitForCondition, attempt 3: 3",
      "2s InvocationCompleted",
    ],
  },
  {
    source: "6.2",
    does: "a condition that is met already",
    handler: (context) => context.waitForCondition(async (state) => state, pollUntil(5, 5)),
    result: 5,
    history: [
      "0s StepStarted 1 as WaitForCondition",
      "0s StepSucceeded 1 as WaitForCondition, attempt 1: 5",
      "0s InvocationCompleted",
    ],
  },
  {
    source: "6.3",
    does: "a condition with a name",
    handler: (context) => context.waitForCondition("poll", increment, pollUntil(2)),
    result: 2,
    history: [
      "0s StepStarted 1 (poll) as WaitForCondition",
      "0s StepSucceeded 1 (poll) as WaitForCondition, attempt 1, next in 1s: 1",
      "0s InvocationCompleted",
      "1s StepStarted 1 (poll) as WaitForCondition",
      "1s StepSucceeded 1 (poll) as WaitForCondition, attempt 2: 2",
      "1s InvocationCompleted",
    ],
  },
  {
    source: "6.4",
    does: "checks that begin with a given state, and pass each state to the next",
    handler: (context) => context.waitForCondition(increment, pollUntil(8, 5)),
    result: 8,
    history: [
      "0s StepStarted 1 as WaitForCondition",
      "0s StepSucceeded 1 as WaitForCondition, attempt 1, next in 1s: 6",
      "0s InvocationCompleted",
      "1s StepStarted 1 as WaitForCondition",
      "1s StepSucceeded 1 as WaitForCondition, attempt 2, next in 1s: 7",
      "1s InvocationCompleted",
      "2s StepStarted 1 as WaitForCondition",
      "2s StepSucceeded 1 as WaitForCondition, attempt 3: 8",
      "2s InvocationCompleted",
    ],
  },
  {
    source: "6.5",
    does: "a pause of 2 seconds between the checks",
    handler: (context) => context.waitForCondition(increment, pollUntil(3, 0, 2)),
    result: 3,
    history: [
      "0s StepStarted 1 as WaitForCondition",
      "0s StepSucceeded 1 as WaitForCondition, attempt 1, next in 2s: 1",
      "0s InvocationCompleted",
      "2s StepStarted 1 as WaitForCondition",
      "2s StepSucceeded 1 as WaitForCondition, attempt 2, next in 2s: 2",
      "2s InvocationCompleted",
      "4s StepStarted 1 as WaitForCondition",
      "4s StepSucceeded 1 as WaitForCondition, attempt 3: 3",
      "4s InvocationCompleted",
    ],
  },
  {
    source: "6.6",
    does: "a condition that no check meets: it fails at its third attempt",
    handler: (context) =>
      context.waitForCondition(increment, {
        initialState: 0,
        waitStrategy(_state, attempt) {
          if (attempt === 3) throw new Error("too many attempts");
          return { shouldContinue: true, delay: { seconds: 2 } };
        },
      }),
    error: "StepError",
    history: [
      "0s StepStarted 1 as WaitForCondition",
      "0s StepSucceeded 1 as WaitForCondition, attempt 1, next in 2s: 1",
      "0s InvocationCompleted",
      "2s StepStarted 1 as WaitForCondition",
      "2s StepSucceeded 1 as WaitForCondition, attempt 2, next in 2s: 2",
      "2s InvocationCompleted",
      "4s StepStarted 1 as WaitForCondition",
      "4s StepFailed 1 as WaitForCondition, attempt 3, Error",
      "4s InvocationCompleted",
    ],
  },
  {
    source: "6.7",
    does: "a check that throws: it is not retried",
    handler: (context) => context.waitForCondition(failCheck, pollUntil(1)),
    error: "StepError",
    history: [
      "0s StepStarted 1 as WaitForCondition",
      "0s StepFailed 1 as WaitForCondition, attempt 1, RangeError",
      "0s InvocationCompleted",
    ],
  },
  {
    source: "6.8",
    does: "a handler that catches the error of a check",
    handler: (context) => context.waitForCondition(failCheck, pollUntil(1)).catch(() => "recovered"),
    result: "recovered",
    history: [
      "0s StepStarted 1 as WaitForCondition",
      "0s StepFailed 1 as WaitForCondition, attempt 1, RangeError",
      "0s InvocationCompleted",
    ],
  },
  {
    source: "6.9",
    does: "a state that is an object",
    handler: (context) =>
      context.waitForCondition(
        async ({ attempts }) => ({ status: attempts === 0 ? "PENDING" : "DONE", attempts: attempts + 1 }),
        {
          initialState: { status: "PENDING", attempts: 0 },
          waitStrategy: ({ status }) =>
            status === "DONE" ? { shouldContinue: false } : { shouldContinue: true, delay: { seconds: 1 } },
        },
      ),
    result: { status: "DONE", attempts: 2 },
    history: [
      "0s StepStarted 1 as WaitForCondition",
      '0s StepSucceeded 1 as WaitForCondition, attempt 1, next in 1s: {"status":"PENDING","attempts":1}',
      "0s InvocationCompleted",
      "1s StepStarted 1 as WaitForCondition",
      '1s StepSucceeded 1 as WaitForCondition, attempt 2: {"status":"DONE","attempts":2}',
      "1s InvocationCompleted",
    ],
  },
  {
    source: "6.10",
    does: "a condition whose state is null",
    handler: (context) =>
      context.waitForCondition<number | null>(async () => null, {
        initialState: 1,
        waitStrategy: stopAtOnce,
      }),
    result: null,
    history: [
      "0s StepStarted 1 as WaitForCondition",
      "0s StepSucceeded 1 as WaitForCondition, attempt 1: null",
      "0s InvocationCompleted",
    ],
  },
  {
    source: "6.11",
    does: "a state in a format of the handler's own",
    handler: (context) =>
      context.waitForCondition(async (state) => `${state}x`, {
        initialState: "",
        waitStrategy: (state) =>
          state.length === 2 ? { shouldContinue: false } : { shouldContinue: true, delay: { seconds: 1 } },
        serdes: {
          serialize: async (state) => `<${state}>`,
          deserialize: async (text) => text?.slice(1, -1),
        },
      }),
    result: "xx",
    history: [
      "0s StepStarted 1 as WaitForCondition",
      "0s StepSucceeded 1 as WaitForCondition, attempt 1, next in 1s: <x>",
      "0s InvocationCompleted",
      "1s StepStarted 1 as WaitForCondition",
      "1s StepSucceeded 1 as WaitForCondition, attempt 2: <xx>",
      "1s InvocationCompleted",
    ],
  },
  {
    source: "6.12",
    does: "a step that uses the state of a condition",
    async handler(context) {
      const state = await context.waitForCondition(increment, pollUntil(2));
      return await context.step(async () => state * 10);
    },
    result: 20,
    history: [
      "0s StepStarted 1 as WaitForCondition",
      "0s StepSucceeded 1 as WaitForCondition, attempt 1, next in 1s: 1",
      "0s InvocationCompleted",
      "1s StepStarted 1 as WaitForCondition",
      "1s StepSucceeded 1 as WaitForCondition, attempt 2: 2",
      "1s StepStarted 2",
      "1s StepSucceeded 2, attempt 1: 20",
      "1s InvocationCompleted",
    ],
  },
  {
    source: "6.13",
    does: "a condition that begins with the state of another",
    async handler(context) {
      const state = await context.waitForCondition(increment, pollUntil(2));
      return await context.waitForCondition(increment, pollUntil(4, state));
    },
    result: 4,
    history: [
      "0s StepStarted 1 as WaitForCondition",
      "0s StepSucceeded 1 as WaitForCondition, attempt 1, next in 1s: 1",
      "0s InvocationCompleted",
      "1s StepStarted 1 as WaitForCondition",
      "1s StepSucceeded 1 as WaitForCondition, attempt 2: 2",
      "1s StepStarted 2 as WaitForCondition",
      "1s StepSucceeded 2 as WaitForCondition, attempt 1, next in 1s: 3",
      "1s InvocationCompleted",
      "2s StepStarted 2 as WaitForCondition",
      "2s StepSucceeded 2 as WaitForCondition, attempt 2: 4",
      "2s InvocationCompleted",
    ],
  },
];

describe("a history is as in AWS:", () => {
  it.each([...waits, ...conditions])("$does ($source)", async (entry) => {
    const expected = describeExpected(entry);
    expect(await runCase(entry)).toEqual([expected, expected]);
  });
});
