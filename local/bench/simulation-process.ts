import { describeHistory, describeViolation } from "../../test/simulation/describe-history.ts";
import { runHistory } from "../../test/simulation/run-history.ts";
import { shrinkHistory } from "../../test/simulation/shrink-history.ts";

/**
 * Usage: `simulation-process.ts seed first step end`. Runs the histories from `first` to before `end` in steps of `step`,
 * and writes each one that breaks a promise. Looks for a smaller one only for the first few, because that takes long.
 */
const [seed = "", ...numbers] = process.argv.slice(2);
const [first = 0, step = 1, end = 1] = numbers.map(Number);
const maxShrunk = 3;

const rejections: unknown[] = [];
process.on("unhandledRejection", (error) => rejections.push(error));
// An error's stack takes longer to make than most of what a refusal does.
Error.stackTraceLimit = 0;

// The first history loads code on demand, which takes real time.
await runHistory({ seed: "warm-up", offers: 100, isTraced: false });

const before = process.cpuUsage();
let [done, failed, shrinkMs] = [0, 0, 0];
for (let number = first; number < end; number += step) {
  const name = `${seed}-${number}`;
  const { violations } = await runHistory({ seed: name, isTraced: false });
  for (const error of rejections.splice(0))
    violations.push({ invariant: "no error is unexpected", detail: `unhandled: ${String(error)}` });
  done += 1;
  const [violation] = violations;
  if (violation === undefined) continue;
  failed += 1;
  write(violations.map((one) => `seed ${name}: ${describeViolation(one)}`).join("\n"));
  if (failed > maxShrunk) continue;
  const startMs = process.cpuUsage(before).user / 1000;
  const elapsedMs = () => process.cpuUsage(before).user / 1000 - startMs;
  write(describeHistory(name, await shrinkHistory({ seed: name }, violation.invariant, { elapsedMs })));
  shrinkMs += elapsedMs();
}
const { user, system } = process.cpuUsage(before);
write(`count ${JSON.stringify({ histories: done, failed, cpuMs: (user + system) / 1000 - shrinkMs })}`);

function write(text: string): void {
  process.stdout.write(`${text}\n`);
}
