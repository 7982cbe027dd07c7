import { beforeEach, describe, expect, it, vi } from "vitest";
import { describeExpected, type HistoryCase, runCase } from "../../support/durable-history.ts";

// The facts come from the `child` suite of https://github.com/aws/aws-durable-execution-conformance-tests, and `source`
// is a case's number there. AWS states no time for the invocation after a crash: the 5 seconds are this runner's.

const fail = (): Promise<never> => Promise.reject(new RangeError("unavailable"));
const noRetry = { retryStrategy: () => ({ shouldRetry: false }) };
const tryTwice = {
  retryStrategy: (_error: Error, attempt: number) => ({ shouldRetry: attempt < 2, delay: { seconds: 1 } }),
};

const cases: HistoryCase[] = [
  {
    source: "3.1",
    does: "a context with a step",
    handler: (context) => context.runInChildContext((child) => child.step(async () => "done")),
    result: "done",
    history: [
      "0s ContextStarted 1",
      "0s StepStarted 1.1",
      '0s StepSucceeded 1.1, attempt 1: "done"',
      '0s ContextSucceeded 1: "done"',
      "0s InvocationCompleted",
    ],
  },
  {
    source: "3.2",
    does: "a context with a name",
    handler: (context) => context.runInChildContext("order", (child) => child.step(async () => "done")),
    result: "done",
    history: [
      "0s ContextStarted 1 (order)",
      "0s StepStarted 1.1",
      '0s StepSucceeded 1.1, attempt 1: "done"',
      '0s ContextSucceeded 1 (order): "done"',
      "0s InvocationCompleted",
    ],
  },
  {
    source: "3.3",
    does: "a context with two steps",
    handler: (context) =>
      context.runInChildContext("order", async (child) => {
        const first = await child.step(async () => "first");
        return await child.step(async () => `${first} and second`);
      }),
    result: "first and second",
    history: [
      "0s ContextStarted 1 (order)",
      "0s StepStarted 1.1",
      '0s StepSucceeded 1.1, attempt 1: "first"',
      "0s StepStarted 1.2",
      '0s StepSucceeded 1.2, attempt 1: "first and second"',
      '0s ContextSucceeded 1 (order): "first and second"',
      "0s InvocationCompleted",
    ],
  },
  {
    source: "3.4",
    does: "a context that fails with its step",
    handler: (context) => context.runInChildContext("order", (child) => child.step(fail, noRetry)),
    error: "ChildContextError",
    history: [
      "0s ContextStarted 1 (order)",
      "0s StepStarted 1.1",
      "0s StepFailed 1.1, attempt 1, RangeError",
      "0s ContextFailed 1 (order), StepError",
      "0s InvocationCompleted",
    ],
  },
  {
    source: "3.5",
    does: "a step that replaces a failed context",
    async handler(context) {
      const failed = context.runInChildContext((child) => child.step(fail, noRetry));
      const value = await failed.catch(() => "recovered");
      return await context.step(async () => value);
    },
    result: "recovered",
    history: [
      "0s ContextStarted 1",
      "0s StepStarted 1.1",
      "0s StepFailed 1.1, attempt 1, RangeError",
      "0s ContextFailed 1, StepError",
      "0s StepStarted 2",
      '0s StepSucceeded 2, attempt 1: "recovered"',
      "0s InvocationCompleted",
    ],
  },
  {
    source: "3.6",
    does: "a context inside a context",
    handler: (context) =>
      context.runInChildContext("outer", async (outer) => {
        const value = await outer.step(async () => "done");
        return await outer.runInChildContext("inner", (inner) => inner.step(async () => value));
      }),
    result: "done",
    history: [
      "0s ContextStarted 1 (outer)",
      "0s StepStarted 1.1",
      '0s StepSucceeded 1.1, attempt 1: "done"',
      "0s ContextStarted 1.2 (inner)",
      "0s StepStarted 1.2.1",
      '0s StepSucceeded 1.2.1, attempt 1: "done"',
      '0s ContextSucceeded 1.2 (inner): "done"',
      '0s ContextSucceeded 1 (outer): "done"',
      "0s InvocationCompleted",
    ],
  },
  {
    source: "3.7",
    does: "a step of a context that succeeds in its second attempt",
    handler: (context, { count }) =>
      context.runInChildContext("order", (child) =>
        child.step(async () => (count() < 2 ? await fail() : "done"), tryTwice),
      ),
    result: "done",
    runs: 2,
    history: [
      "0s ContextStarted 1 (order)",
      "0s StepStarted 1.1",
      "0s StepFailed 1.1, attempt 1, RangeError, next in 1s",
      "0s InvocationCompleted",
      "1s StepStarted 1.1",
      '1s StepSucceeded 1.1, attempt 2: "done"',
      '1s ContextSucceeded 1 (order): "done"',
      "1s InvocationCompleted",
    ],
  },
  {
    source: "3.8",
    does: "a step of a context that fails in both of its attempts",
    handler: (context) => context.runInChildContext("order", (child) => child.step(fail, tryTwice)),
    error: "ChildContextError",
    history: [
      "0s ContextStarted 1 (order)",
      "0s StepStarted 1.1",
      "0s StepFailed 1.1, attempt 1, RangeError, next in 1s",
      "0s InvocationCompleted",
      "1s StepStarted 1.1",
      "1s StepFailed 1.1, attempt 2, RangeError",
      "1s ContextFailed 1 (order), StepError",
      "1s InvocationCompleted",
    ],
  },
  {
    source: "3.9",
    does: "a context that does not run again after a wait",
    async handler(context, { count }) {
      const value = await context.runInChildContext(async (child) => {
        count();
        return await child.step(async () => "done");
      });
      await context.wait({ seconds: 1 });
      return value;
    },
    result: "done",
    runs: 1,
    history: [
      "0s ContextStarted 1",
      "0s StepStarted 1.1",
      '0s StepSucceeded 1.1, attempt 1: "done"',
      '0s ContextSucceeded 1: "done"',
      "0s WaitStarted 2, for 1s",
      "0s InvocationCompleted",
      "1s WaitSucceeded 2",
      "1s InvocationCompleted",
    ],
  },
  {
    source: "3.10",
    does: "a context with a step and a wait",
    handler: (context) =>
      context.runInChildContext("order", async (child) => {
        const value = await child.step(async () => "done");
        await child.wait({ seconds: 1 });
        return value;
      }),
    result: "done",
    history: [
      "0s ContextStarted 1 (order)",
      "0s StepStarted 1.1",
      '0s StepSucceeded 1.1, attempt 1: "done"',
      "0s WaitStarted 1.2, for 1s",
      "0s InvocationCompleted",
      "1s WaitSucceeded 1.2",
      '1s ContextSucceeded 1 (order): "done"',
      "1s InvocationCompleted",
    ],
  },
  {
    source: "3.11",
    does: "a result of a context that is too large for the history: the context runs again, its step does not",
    async handler(context, { count }) {
      const text = await context.runInChildContext("order", async (child) => {
        count();
        const letter = await child.step(async () => "x");
        return letter.repeat(256 * 1024);
      });
      await context.wait({ seconds: 1 });
      return text.length;
    },
    result: 256 * 1024,
    runs: 2,
    history: [
      "0s ContextStarted 1 (order)",
      "0s StepStarted 1.1",
      '0s StepSucceeded 1.1, attempt 1: "x"',
      "0s ContextSucceeded 1 (order), replays its operations",
      "0s WaitStarted 2, for 1s",
      "0s InvocationCompleted",
      "1s WaitSucceeded 2",
      "1s InvocationCompleted",
    ],
  },
  {
    source: "3.12",
    does: "a crash in a step of a context: the step runs again, without another start",
    handler: (context, { count, crash }) =>
      context.runInChildContext((child) => child.step(async () => (count() < 2 ? await crash() : "done"))),
    result: "done",
    runs: 2,
    history: [
      "0s ContextStarted 1",
      "0s StepStarted 1.1",
      "0s InvocationCompleted, crashed",
      '5s StepSucceeded 1.1, attempt 1: "done"',
      '5s ContextSucceeded 1: "done"',
      "5s InvocationCompleted",
    ],
  },
  {
    source: "3.13",
    does: "a step after a context with a wait",
    async handler(context) {
      const value = await context.runInChildContext("order", async (child) => {
        await child.wait({ seconds: 1 });
        return "done";
      });
      return await context.step(async () => value);
    },
    result: "done",
    history: [
      "0s ContextStarted 1 (order)",
      "0s WaitStarted 1.1, for 1s",
      "0s InvocationCompleted",
      "1s WaitSucceeded 1.1",
      '1s ContextSucceeded 1 (order): "done"',
      "1s StepStarted 2",
      '1s StepSucceeded 2, attempt 1: "done"',
      "1s InvocationCompleted",
    ],
  },
  {
    source: "3.14",
    does: "a result of a context in a format of the handler's own",
    handler: (context) =>
      context.runInChildContext("order", (child) => child.step(async () => "hello child"), {
        serdes: { serialize: async (text) => text?.toUpperCase(), deserialize: async (text) => text },
      }),
    // AWS expects the result in capitals. Version 1 of the SDK reads it from the history only in a replay.
    result: "hello child",
    history: [
      "0s ContextStarted 1 (order)",
      "0s StepStarted 1.1",
      '0s StepSucceeded 1.1, attempt 1: "hello child"',
      "0s ContextSucceeded 1 (order): HELLO CHILD",
      "0s InvocationCompleted",
    ],
  },
  {
    source: "3.15",
    does: "a context that fails without an operation",
    handler: (context) => context.runInChildContext("order", fail),
    error: "ChildContextError",
    history: [
      "0s ContextStarted 1 (order)",
      "0s ContextFailed 1 (order), RangeError",
      "0s InvocationCompleted",
    ],
  },
  {
    source: "3.16",
    does: "a context whose result is null",
    handler: (context) => context.runInChildContext("order", async () => null),
    result: null,
    history: ["0s ContextStarted 1 (order)", "0s ContextSucceeded 1 (order): null", "0s InvocationCompleted"],
  },
  {
    source: "3.17",
    does: "a context without operations, which does not run again after a wait",
    async handler(context, { count }) {
      const value = await context.runInChildContext("order", async () => count());
      await context.wait({ seconds: 1 });
      return value;
    },
    result: 1,
    runs: 1,
    history: [
      "0s ContextStarted 1 (order)",
      "0s ContextSucceeded 1 (order): 1",
      "0s WaitStarted 2, for 1s",
      "0s InvocationCompleted",
      "1s WaitSucceeded 2",
      "1s InvocationCompleted",
    ],
  },
  {
    source: "3.18",
    does: "a step and a wait inside of a context, and both after it",
    async handler(context) {
      const value = await context.runInChildContext("order", async (child) => {
        const inner = await child.step(async () => "done");
        await child.wait({ seconds: 1 });
        return inner;
      });
      const outer = await context.step(async () => value);
      await context.wait({ seconds: 2 });
      return outer;
    },
    result: "done",
    history: [
      "0s ContextStarted 1 (order)",
      "0s StepStarted 1.1",
      '0s StepSucceeded 1.1, attempt 1: "done"',
      "0s WaitStarted 1.2, for 1s",
      "0s InvocationCompleted",
      "1s WaitSucceeded 1.2",
      '1s ContextSucceeded 1 (order): "done"',
      "1s StepStarted 2",
      '1s StepSucceeded 2, attempt 1: "done"',
      "1s WaitStarted 3, for 2s",
      "1s InvocationCompleted",
      "3s WaitSucceeded 3",
      "3s InvocationCompleted",
    ],
  },
];

describe("a history of contexts is as in AWS:", () => {
  beforeEach(() => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    return () => vi.restoreAllMocks();
  });

  it.each(cases)("$does ($source)", async (entry) => {
    const expected = describeExpected(entry);
    expect(await runCase(entry)).toEqual([expected, expected]);
  });
});
