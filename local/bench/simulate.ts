import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type Arguments, type Command, readCount } from "../command/command-line.ts";
import { runCommand } from "../command/run-command.ts";

const maxCount = 9_999_999;

const command: Command = {
  call: "npm run simulate",
  about:
    "Runs whole histories of the service: a month with its users, schedules and faults, in simulated time. Prints the " +
    "rate, and each history that breaks a promise. --seed text --first 17 --histories 1 repeats the history text-17. " +
    "The word crawls crawls lists that change meanwhile, which is a smaller simulation. The word planted plants one " +
    "bug after the other, and runs histories until they show it.",
  words: "[crawls [runs] [seed] | planted]",
  flags: {
    histories: { values: "number", help: "1000 by default; with planted 2000 for each bug" },
    seed: { values: "text", help: "decides all that happens; the present time by default" },
    first: { values: "number", help: "the number of the first history; 0 by default" },
    processes: { values: "number", help: "how many processes share the histories; 2 by default" },
    bug: { values: "text", help: "with planted: only the bugs whose names contain the text" },
    offers: { values: "number", help: "with planted: how many offers the portal has" },
    trace: { values: null, help: "with planted: prints what happened in each history that shows a bug" },
  },
};

await runCommand(command, async (given) => {
  const [mode, ...rest] = given.words;
  if (mode === "crawls") {
    process.argv.splice(2, process.argv.length, ...rest);
    await import("./simulate-crawls.ts");
  } else if (mode === "planted") {
    const { simulatePlanted } = await import("./simulate-planted.ts");
    process.exitCode = await simulatePlanted(given);
  } else process.exitCode = await simulateHistories(given);
});

async function simulateHistories(given: Arguments): Promise<number> {
  const seed = given.flags.get("seed") ?? new Date().toISOString().slice(0, 19);
  const histories = readCount(given, "histories", maxCount) ?? 1000;
  const first = given.flags.get("first") === "0" ? 0 : (readCount(given, "first", maxCount) ?? 0);
  const wanted = readCount(given, "processes", maxCount) ?? Math.min(2, availableParallelism());
  const processes = Math.min(histories, wanted);
  const startMs = performance.now();
  const counts = await Promise.all(
    Array.from({ length: processes }, (_, index) =>
      runProcess([seed, String(first + index), String(processes), String(first + histories)]),
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
    `${total.histories} histories of seed ${seed}, ${total.failed} with violations: ${rate} a second in ` +
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
