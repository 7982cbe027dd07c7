import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Invocation, type InvocationAnswer, startRuntimeApi } from "./runtime-api.ts";

export type FunctionOptions = {
  name: string;
  /** The folder of the function's bundle. */
  folder: string;
  memoryMb: number;
  timeoutMs: number;
  env: Record<string, string>;
};

/** A process that runs one invocation at a time and keeps its loaded modules for the next invocation. */
type Environment = {
  /**
   * Runs one invocation. Throws an error with the name and the message of the function's error. Also throws when the
   * process ends or the invocation times out.
   */
  invoke: (invocation: Omit<Invocation, "deadlineMs">) => Promise<InvocationAnswer>;
  /** Returns everything that the process has written to stdout and stderr. */
  readLog: () => string;
  stop: () => Promise<void>;
};

const client = join(import.meta.dirname, "client/node_modules/aws-lambda-ric/index.mjs");
const native = join(import.meta.dirname, "native.mjs");

/** Installs AWS's runtime client if it is missing. The installation takes some seconds. */
export async function installClient(): Promise<void> {
  await promisify(execFile)(process.execPath, [join(import.meta.dirname, "client.mjs")]);
}

/** Starts a process in which AWS's runtime client runs a function's bundle. */
export async function startEnvironment(options: FunctionOptions): Promise<Environment> {
  const api = await startRuntimeApi(options.name);
  const child = spawn(process.execPath, ["--import", native, client, "bundle.handler"], {
    cwd: options.folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: describeVariables(options, api.host),
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (written: string) => (log += written));
  const exited = once(child, "exit");
  const failed = exited.then(() => Promise.reject(new Error(`the process of ${options.name} ended: ${log}`)));
  failed.catch(() => undefined);

  return {
    async invoke(invocation) {
      const deadlineMs = Date.now() + options.timeoutMs;
      const timer = setTimeout(() => child.kill("SIGKILL"), options.timeoutMs);
      try {
        return await Promise.race([api.invoke({ ...invocation, deadlineMs }), failed]);
      } finally {
        clearTimeout(timer);
      }
    },
    readLog: () => log,
    async stop() {
      child.kill("SIGKILL");
      await exited;
      await api.stop();
    },
  };
}

/**
 * Adds the variables that Lambda sets:
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
function describeVariables({ name, folder, memoryMb, env }: FunctionOptions, host: string) {
  return {
    ...env,
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: "1",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_LOG_FORMAT: "JSON",
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: "local",
    AWS_LAMBDA_RUNTIME_API: host,
    LAMBDA_TASK_ROOT: folder,
    TZ: ":UTC",
    _HANDLER: "bundle.handler",
  };
}

export type LocalFunction = {
  options: FunctionOptions;
  /** Invokes the function in an idle environment, or in a new environment when none is idle. */
  invoke: (payload: string, requestId: string) => Promise<string>;
  /**
   * The answered invocations, in the order of their answers. `isCold` is true for the first invocation in an
   * environment.
   */
  invocations: readonly { isCold: boolean }[];
  readLogs: () => string;
  stop: () => Promise<void>;
};

/** Creates a function that runs as in Lambda. An environment whose invocation failed is not used again. */
export function createFunction(options: FunctionOptions): LocalFunction {
  const started: Environment[] = [];
  const idle: Environment[] = [];
  const invocations: { isCold: boolean }[] = [];

  async function start(): Promise<Environment> {
    const environment = await startEnvironment(options);
    started.push(environment);
    return environment;
  }

  return {
    options,
    async invoke(payload, requestId) {
      const isCold = idle.length === 0;
      const environment = idle.pop() ?? (await start());
      const answer = await environment.invoke({ payload, requestId });
      idle.push(environment);
      invocations.push({ isCold });
      return answer.payload;
    },
    invocations,
    readLogs: () => started.map((environment) => environment.readLog()).join(""),
    async stop() {
      await Promise.all(started.map((environment) => environment.stop()));
    },
  };
}
