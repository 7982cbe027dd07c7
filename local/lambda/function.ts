import { type Environment, type FunctionOptions, startEnvironment } from "./environment.ts";
import type { Usage } from "./runtime.ts";

/** How long an invocation took, and what it and those before it in its environment used. */
export type Measured = Usage & { wallMs: number };

export type LocalFunction = {
  options: FunctionOptions;
  /** Runs in an environment that is free, or in a new one. */
  invoke: (payload: string, requestId: string) => Promise<string>;
  /** Of each invocation that was answered, in their order. */
  measured: readonly Measured[];
  readLogs: () => string;
  stop: () => Promise<void>;
};

/** A function as Lambda runs it; an environment whose invocation failed is not used again. */
export function createFunction(options: FunctionOptions): LocalFunction {
  const started: Environment[] = [];
  const idle: Environment[] = [];
  const measured: Measured[] = [];

  async function start(): Promise<Environment> {
    const environment = await startEnvironment(options);
    started.push(environment);
    return environment;
  }

  return {
    options,
    async invoke(payload, requestId) {
      const beganMs = performance.now();
      const environment = idle.pop() ?? (await start());
      const { payload: answer, usage } = await environment.invoke({ payload, requestId });
      idle.push(environment);
      measured.push({ ...usage, wallMs: performance.now() - beganMs });
      return answer;
    },
    measured,
    readLogs: () => started.map((environment) => environment.readLog()).join(""),
    async stop() {
      await Promise.all(started.map((environment) => environment.stop()));
    },
  };
}
