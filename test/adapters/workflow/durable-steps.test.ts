import { workflow } from "sst/aws/workflow";
import { describe, expect, it } from "vitest";
import { ExportError } from "../../../functions/core/basics/errors.ts";
import { toProblem } from "../../../functions/core/basics/stored-values.ts";
import { openDurableSteps } from "../../../functions/adapters/workflow/durable-steps.ts";
import { captureOutput } from "../../support/observe.ts";
import { openRunner, readEvents } from "../../support/durable.ts";
import { listEvents, listFaults } from "../../support/lines.ts";

/** What an export is told of a step that fails so, and what the execution's history then holds. */
async function failStep(error: Error) {
  const output = captureOutput();
  let told: unknown = null;
  const handler = workflow.handler(async (_event: unknown, context) => {
    try {
      await openDurableSteps(context, "one").step("report", async () => {
        throw error;
      });
    } catch (failure) {
      told = toProblem(failure);
    }
  });
  const { complete, directory } = await openRunner(handler);
  await complete();
  const history = JSON.stringify(await readEvents(directory));
  return {
    told,
    faults: listFaults(output()),
    steps: listEvents(output(), "step"),
    output: output(),
    history,
  };
}

describe("a step that fails", () => {
  it("by a bug leaves nothing of its words anywhere, for they may quote an offer", async () => {
    const bug = new SyntaxError(`Unexpected token 'J', "Jan Jansen" is not valid JSON`);
    const { told, faults, output, history } = await failStep(bug);
    expect(told).toMatchObject({ code: "internal_error" });
    expect(faults.map(({ name }) => name)).toEqual(Array(5).fill("SyntaxError"));
    expect(history + output).not.toContain("Jansen");
  });

  it("by the storage's fault says so, after five tries", async () => {
    const outage = new ExportError("storage", "storage_failed", "The storage answered SlowDown.");
    const { told, faults } = await failStep(outage);
    expect(told).toEqual({ code: "storage_failed", detail: outage.message });
    expect(faults).toHaveLength(5);
  });

  it("by what is final says so at once", async () => {
    const refusal = new ExportError("portal", "portal_key_refused", "Make a new key.");
    const { told, faults, steps } = await failStep(refusal);
    expect(told).toEqual({ code: "portal_key_refused", detail: "Make a new key." });
    expect(faults).toEqual([]);
    expect(steps).toMatchObject([{ step: "report", outcome: "problem", code: "portal_key_refused" }]);
  });
});
