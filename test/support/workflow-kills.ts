import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { compileCache } from "./compile-cache.ts";
import { listSucceededSteps, readEvents } from "./durable-runner.ts";

const child = join(import.meta.dirname, "workflow-process.ts");

/** Runs the workflow in a separate process and kills the process after `killMs`. Returns false when it was killed. */
export async function runWorkflowProcess(
  directory: string,
  steps: number,
  killMs = Infinity,
): Promise<boolean> {
  const worker = spawn(process.execPath, [child, directory, String(steps)], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...compileCache },
  });
  const exit = once(worker, "exit");
  await Promise.race([once(worker.stdout, "data"), exit]);
  if (killMs < Infinity) {
    await Promise.race([sleep(killMs), exit]);
    worker.kill("SIGKILL");
  }
  const [code] = await exit;
  return code === 0;
}

export async function readEffects(directory: string): Promise<string[]> {
  const text = await readFile(join(directory, "effects.txt"), "utf8").catch(() => "");
  return text.split("\n").slice(0, -1);
}

/**
 * Starts the workflow once for each of these times, and kills its process after that time. Then lets the workflow
 * finish. `repeated` lists the steps that ran again although they had succeeded.
 */
export async function killAndFinishWorkflow(directory: string, steps: number, momentsMs: number[]) {
  const states: { done: string[]; effects: number }[] = [];
  for (const killMs of momentsMs) {
    if (await runWorkflowProcess(directory, steps, killMs)) break;
    const effects = await readEffects(directory);
    states.push({ done: listSucceededSteps(await readEvents(directory)), effects: effects.length });
  }
  const isFinished = await runWorkflowProcess(directory, steps);
  const effects = await readEffects(directory);
  const repeated = states.flatMap((state) =>
    effects.slice(state.effects).filter((effect) => state.done.includes(effect)),
  );
  return { isFinished, kills: states.length, effects, repeated };
}
