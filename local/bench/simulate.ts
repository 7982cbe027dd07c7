import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { availableParallelism } from "node:os";
import { join } from "node:path";

/**
 * Usage: `simulate.ts [--histories 1000] [--seed text] [--first 0] [--processes 2]` runs whole histories of the service: a month
 * with its users, schedules and faults, in simulated time. Prints the rate, and each history that breaks a promise.
 * `--seed text --first 17 --histories 1` repeats the history `text-17`.
 * `simulate.ts crawls [runs] [seed]` crawls lists that change meanwhile, which is a smaller simulation.
 * `simulate.ts planted` plants one bug after the other, and runs histories until they show it.
 */
const [mode, ...rest] = process.argv.slice(2);
if (mode === "crawls") {
  process.argv.splice(2, process.argv.length, ...rest);
  await import("./simulate-crawls.ts");
} else if (mode === "planted") {
  process.argv.splice(2, process.argv.length, ...rest);
  await import("./simulate-planted.ts");
} else process.exitCode = await simulateHistories();

async function simulateHistories(): Promise<number> {
  const { values } = parseArgs({
    options: {
      histories: { type: "string", default: "1000" },
      seed: { type: "string", default: new Date().toISOString().slice(0, 19) },
      first: { type: "string", default: "0" },
      processes: { type: "string", default: String(Math.min(2, availableParallelism())) },
    },
  });
  const [histories, first] = [Number(values.histories), Number(values.first)];
  const processes = Math.max(1, Math.min(histories, Number(values.processes)));
  const startMs = performance.now();
  const counts = await Promise.all(
    Array.from({ length: processes }, (_, index) =>
      runProcess([values.seed, String(first + index), String(processes), String(first + histories)]),
    ),
  );
  const seconds = (performance.now() - startMs) / 1000;
  const total = { histories: 0, failed: 0, cpuMs: 0 };
  for (const count of counts) {
    total.histories += count.histories;
    total.failed += count.failed;
    total.cpuMs += count.cpuMs;
  }
  const rate = (total.histories / seconds).toFixed(1);
  const cost = (total.cpuMs / Math.max(1, total.histories)).toFixed(0);
  process.stdout.write(
    `${total.histories} histories of seed ${values.seed}, ${total.failed} with violations: ${rate} a second in ` +
      `${processes} processes, ${cost} ms of processor time each\n`,
  );
  return total.failed > 0 || total.histories < histories ? 1 : 0;
}

type Count = { histories: number; failed: number; cpuMs: number };

/** Runs a part of the histories in a process of its own. Its last line is the count. */
async function runProcess(parameters: string[]): Promise<Count> {
  const script = join(import.meta.dirname, "simulation-process.ts");
  const flags = ["--max-semi-space-size=64", "--disable-warning=DEP0005"];
  const child = spawn(process.execPath, [...flags, script, ...parameters], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, POWERTOOLS_LOG_LEVEL: "SILENT", POWERTOOLS_METRICS_DISABLED: "true" },
  });
  let count: Count = { histories: 0, failed: 0, cpuMs: 0 };
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith("count ")) count = JSON.parse(line.slice("count ".length));
    else process.stdout.write(`${line}\n`);
  }
  return count;
}
