import { workflow } from "sst/aws/workflow";
import { describe, expect, it } from "vitest";
import { ExportError } from "../../../functions/core/basics/errors.ts";
import { toProblem } from "../../../functions/core/basics/stored-values.ts";
import { openDurableSteps } from "../../../functions/adapters/workflow/durable-steps.ts";
import { captureOutput } from "../../support/captured-output.ts";
import { openRunner, readEvents } from "../../support/durable-runner.ts";
import { listEventLines, listErrorLines } from "../../support/log-lines.ts";

/**
 * Runs an execution with a step that fails with this error. Returns the problem that the export gets, the log and the
 * execution's history.
 */
async function failStep(error: Error) {
  const output = captureOutput();
  let problem: unknown = null;
  const handler = workflow.handler(async (_event: unknown, context) => {
    try {
      await openDurableSteps(context, "one").step("report", async () => {
        throw error;
      });
    } catch (failure) {
      problem = toProblem(failure);
    }
  });
  const { complete, directory } = await openRunner(handler);
  await complete();
  const history = JSON.stringify(await readEvents(directory));
  return {
    problem,
    faults: listErrorLines(output()),
    steps: listEventLines(output(), "step"),
    output: output(),
    history,
  };
}

describe("a step that fails", () => {
  it("because of a bug logs and stores no message, because the message may quote an offer", async () => {
    const bug = new SyntaxError(`Unexpected token 'J', "Jan Jansen" is not valid JSON`);
    const { problem, faults, output, history } = await failStep(bug);
    expect(problem).toMatchObject({ code: "internal_error" });
    expect(faults.map(({ name }) => name)).toEqual(Array(5).fill("SyntaxError"));
    expect(history + output).not.toContain("Jansen");
  });

  it("because of the storage reports the storage's failure after five tries", async () => {
    const outage = new ExportError("storage", "storage_failed", "The storage answered SlowDown.");
    const { problem, faults } = await failStep(outage);
    expect(problem).toEqual({ code: "storage_failed", detail: outage.message });
    expect(faults).toHaveLength(5);
  });

  it("because of a final error reports it at once", async () => {
    const refusal = new ExportError("portal", "portal_key_refused", "Make a new key.");
    const { problem, faults, steps } = await failStep(refusal);
    expect(problem).toEqual({ code: "portal_key_refused", detail: "Make a new key." });
    expect(faults).toEqual([]);
    expect(steps).toMatchObject([{ step: "report", outcome: "problem", code: "portal_key_refused" }]);
  });
});
