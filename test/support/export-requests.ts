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

/** The headers of a JSON request with the access token. */
export const jsonHeaders = { authorization: `Bearer ${accessToken}`, "content-type": "application/json" };

/** Starts an export and returns its id. */
export async function startExport(
  { ask }: TestStack,
  options: Record<string, unknown> = {},
): Promise<string> {
  const body = JSON.stringify(options);
  const response = await ask("exports", { method: "POST", headers: jsonHeaders, body });
  expect([200, 202]).toContain(response.status);
  return Shown.parse(await response.json()).id;
}

/** Returns the API's answer about the export. */
export async function showExport({ ask }: TestStack, id: string) {
  return Shown.parse(await (await ask(`exports/${id}`)).json());
}

/** Waits for the export's end and returns the API's answer about it. */
export async function finishExport(stack: TestStack, id: string) {
  await stack.runner.finish(id);
  return await showExport(stack, id);
}
