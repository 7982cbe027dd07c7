import type { DurableSteps } from "../../functions/adapters/workflow/durable-steps--steps.ts";
import type { Timer } from "../../functions/adapters/clock/clock.ts";

/** Runs steps at once and keeps nothing of them but their names; each is an operation of an execution. */
export function makeSteps(clock: Timer): DurableSteps & { names: string[] } {
  const names: string[] = [];
  return {
    names,
    async step(name, run) {
      names.push(name);
      return await run();
    },
    async wait(name, seconds) {
      names.push(name);
      await clock.sleep(seconds * 1000);
    },
  };
}
