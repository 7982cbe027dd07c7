import { type Environment, type FunctionOptions, startEnvironment } from "./lambda-function.ts";

/** How long an invocation took and what it used, the start included where its environment was new. */
export type Measured = { wallMs: number; cpuMs: number; isCold: boolean };

export type LocalFunction = {
  options: FunctionOptions;
  /** Runs in an environment that is free, or in a new one. */
  invoke: (payload: string, requestId: string) => Promise<string>;
  /** Of each invocation that was answered, in their order. */
  measured: readonly Measured[];
  readLogs: () => string;
  stop: () => Promise<void>;
};

type Place = { environment: Environment; cpuMs: number };

/** A function as Lambda runs it; an environment whose invocation failed is not used again. */
export function createFunction(options: FunctionOptions): LocalFunction {
  const started: Environment[] = [];
  const idle: Place[] = [];
  const measured: Measured[] = [];

  async function start(): Promise<Place> {
    const environment = await startEnvironment(options);
    started.push(environment);
    return { environment, cpuMs: 0 };
  }

  return {
    options,
    async invoke(payload, requestId) {
      const beganMs = performance.now();
      const { environment, cpuMs: beforeMs } = idle.pop() ?? (await start());
      const answered = await environment.invoke({ payload, requestId });
      const { cpuMs } = answered.usage;
      idle.push({ environment, cpuMs });
      const wallMs = performance.now() - beganMs;
      measured.push({ wallMs, cpuMs: cpuMs - beforeMs, isCold: beforeMs === 0 });
      return answered.payload;
    },
    measured,
    readLogs: () => started.map((environment) => environment.readLog()).join(""),
    async stop() {
      await Promise.all(started.map((environment) => environment.stop()));
    },
  };
}
