import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { listen } from "../../local/loopback-server.ts";
import type { SharedStack } from "./shared-stack.ts";

/** Whether it is time to kill a process. */
type Moment = () => Promise<boolean>;

// Node's own place for it: starting takes half of the time
const cache = join(tmpdir(), "node-compile-cache");

async function spawnProgram(name: string, args: string[], env: Record<string, string>) {
  const child = spawn(process.execPath, [join(import.meta.dirname, name), ...args], {
    // What fails on purpose is logged there.
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...env, NODE_COMPILE_CACHE: cache },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await Promise.race([once(child.stdout, "data"), once(child, "exit")]);
  return child;
}

const isRunning = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null;

async function killAt(child: ChildProcess, moment: Moment): Promise<void> {
  while (isRunning(child) && !(await moment())) await sleep(25);
  child.kill("SIGKILL");
  if (isRunning(child)) await once(child, "exit");
}

/** The workflow's function behind Lambda's API, in a process of its own. */
export async function openLambdaProcess({ directory, env, speed }: SharedStack) {
  const port = await findPort();
  const start = () => spawnProgram("lambda-process.ts", [directory, String(port), String(speed)], env);
  let child = await start();
  return {
    endpoint: `http://127.0.0.1:${port}`,
    /** Kills it at that moment, whatever runs there, and starts it anew. */
    async restart(moment: Moment): Promise<void> {
      await killAt(child, moment);
      child = await start();
    },
  };
}

type Delivery = { env: Record<string, string>; endpoint: string };

/** Has a process of its own take the ticks, all at once; whether it was killed before it was done. */
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
