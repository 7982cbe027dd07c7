import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { listen } from "../../local/loopback-server.ts";
import { compileCache } from "./compile-cache.ts";
import type { SharedStack } from "./shared-stack.ts";

/** Returns whether the process must be killed now. */
type Moment = () => Promise<boolean>;

async function spawnProgram(name: string, args: string[], env: Record<string, string>) {
  const child = spawn(process.execPath, [join(import.meta.dirname, name), ...args], {
    // Stderr is ignored, because the program logs failures there that the test expects.
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...env, ...compileCache },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await Promise.race([once(child.stdout, "data"), once(child, "exit")]);
  return child;
}

const isRunning = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null;

async function killAt(child: ChildProcess, moment: Moment): Promise<void> {
  while (isRunning(child) && !(await moment())) await sleep(50);
  child.kill("SIGKILL");
  if (isRunning(child)) await once(child, "exit");
}

/** Starts the workflow behind Lambda's API, in a separate process. */
export async function openLambdaProcess({ directory, env, speed }: SharedStack) {
  const port = await findPort();
  const start = () => spawnProgram("lambda-process.ts", [directory, String(port), String(speed)], env);
  let child = await start();
  return {
    endpoint: `http://127.0.0.1:${port}`,
    /** Kills the process when `moment` resolves to true, and starts another process. */
    async restart(moment: Moment): Promise<void> {
      await killAt(child, moment);
      child = await start();
    },
  };
}

type Delivery = { env: Record<string, string>; endpoint: string };

/**
 * Handles all ticks at once in a separate process, which is killed at `moment`. Returns true when the process was
 * killed.
 */
export async function deliverTicks(
  events: unknown[],
  { env, endpoint }: Delivery,
  moment: Moment = async () => false,
): Promise<boolean> {
  const child = await spawnProgram("tick-process.ts", [JSON.stringify(events)], {
    ...env,
    EXPORT_WORKFLOW: "export",
    EXPORT_WORKFLOW_QUALIFIER: "live",
    AWS_ENDPOINT_URL_LAMBDA: endpoint,
  });
  await killAt(child, moment);
  return child.signalCode === "SIGKILL";
}

async function findPort(): Promise<number> {
  const server = createServer();
  const { port } = new URL(await listen(server, 0));
  server.close();
  return Number(port);
}
