import { describeJob } from "../../functions/core/delivery/delivery-state--errand.ts";
import type { ExportWorkflow } from "../../functions/adapters/workflow/lambda-workflow.ts";
import type { Runner } from "./runner.ts";

/** The workflow on this machine. */
export function openLocalWorkflow({ start }: Pick<Runner, "start">): ExportWorkflow {
  return {
    async start(id, errand) {
      const { name, payload } = describeJob({ id, errand });
      await start(name, payload);
    },
  };
}
