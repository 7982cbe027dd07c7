import { describeErrand } from "../../functions/core/delivery/delivery-state--errand.ts";
import type { Workflow } from "../../functions/adapters/workflow/lambda-workflow.ts";
import type { Runner } from "./runner.ts";

/** The workflow on this machine. */
export function openErrands({ start }: Pick<Runner, "start">): Workflow {
  return {
    async start(id, errand) {
      const { name, payload } = describeErrand({ id, errand });
      await start(name, payload);
    },
  };
}
