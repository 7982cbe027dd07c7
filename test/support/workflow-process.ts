import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { workflow } from "sst/aws/workflow";
import { startRunner } from "../../local/durable/runner.ts";

// This program runs one workflow whose steps each append a line to a file. Tests kill its process.
const speed = 40;
const [directory = ".", steps = "8"] = process.argv.slice(2);

const handler = workflow.handler<{ steps: number }>(async (event, context) => {
  const numbers: number[] = [];
  for (let number = 1; number <= event.steps; number += 1) {
    numbers.push(
      await context.step(`step-${number}`, async () => {
        appendFileSync(join(directory, "effects.txt"), `step-${number}\n`);
        await sleep(5);
        return number;
      }),
    );
    if (number % 2 === 0) await context.wait(`wait-${number}`, { seconds: 1 });
  }
  return numbers;
});

const clock = {
  now: () => Date.now() * speed,
  sleep: async (ms: number) => {
    await sleep(ms / speed);
  },
};

const runner = await startRunner({ directory, handler, clock });
await runner.start("one", { steps: Number(steps) });
process.stdout.write("running\n");
while ((await runner.describe("one"))?.status === "RUNNING") await sleep(5);
await runner.close();
