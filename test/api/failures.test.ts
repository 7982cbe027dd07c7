import { describe, expect, it, onTestFinished } from "vitest";
import { ExportError, type ErrorKind } from "../../functions/core/basics/errors.ts";
import { answerFailure } from "../../functions/api/http-messages.ts";
import { spyOnStderr } from "../support/captured-output.ts";

/** Answers an error of this kind. Returns the answer and the number of lines that were logged. */
async function answer(kind: ErrorKind) {
  const stderr = spyOnStderr();
  onTestFinished(() => stderr.mockRestore());
  const answered = await answerFailure(new ExportError(kind, "code", "words"), "request-1");
  return { answered, lines: stderr.mock.calls.length };
}

describe("a failure", () => {
  it.each(["storage", "workflow"] as const)("of the %s is 502, and logged once", async (kind) => {
    expect(await answer(kind)).toEqual({ answered: expect.objectContaining({ statusCode: 502 }), lines: 1 });
  });

  it.each(["invalid", "portal"] as const)(
    "of kind %s is not logged, because the caller or the portal caused it",
    async (kind) => {
      expect((await answer(kind)).lines).toBe(0);
    },
  );
});
