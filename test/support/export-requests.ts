import { expect } from "vitest";
import * as z from "zod";
import { ExportState } from "../../functions/core/export/export-state.ts";
import { accessToken, type TestStack } from "./test-stack.ts";

const Shown = ExportState.omit({ run: true }).extend({
  result: z
    .looseObject({
      rows: z.number(),
      offers: z.number(),
      requests: z.number(),
      completeness: z.string(),
      remarks: z.array(z.string()),
      file: z.looseObject({ url: z.string() }),
    })
    .nullable(),
});

/** Of who may ask, and what they send. */
export const jsonHeaders = { authorization: `Bearer ${accessToken}`, "content-type": "application/json" };

/** Starts an export, and gives its id. */
export async function startExport(
  { ask }: TestStack,
  options: Record<string, unknown> = {},
): Promise<string> {
  const body = JSON.stringify(options);
  const response = await ask("exports", { method: "POST", headers: jsonHeaders, body });
  expect([200, 202]).toContain(response.status);
  return Shown.parse(await response.json()).id;
}

/** The export as its reader sees it now. */
export async function showExport({ ask }: TestStack, id: string) {
  return Shown.parse(await (await ask(`exports/${id}`)).json());
}

/** The export as its reader sees it once it has ended. */
export async function finishExport(stack: TestStack, id: string) {
  await stack.runner.finish(id);
  return await showExport(stack, id);
}
