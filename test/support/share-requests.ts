import { expect } from "vitest";
import * as z from "zod";
import { ExportState } from "../../functions/core/export/export-state.ts";
import { shareKey } from "../../functions/core/basics/bucket-keys.ts";
import { Share } from "../../functions/core/share/share.ts";
import { markSecret } from "./written-output.ts";
import { accessToken, type TestStack } from "./test-stack.ts";

const CreatedShare = z.strictObject({
  id: z.string(),
  name: z.string(),
  url: z.url(),
  options: z.record(z.string(), z.unknown()),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export type CreatedShare = z.infer<typeof CreatedShare>;

export function postShare({ ask }: TestStack, body: unknown): Promise<Response> {
  const headers = { authorization: `Bearer ${accessToken}`, "content-type": "application/json" };
  return ask("shares", { method: "POST", headers, body: JSON.stringify(body) });
}

/** Makes a permanent link to a report with these options. */
export async function makeShare(
  stack: TestStack,
  options: Record<string, unknown> = {},
): Promise<CreatedShare> {
  const response = await postShare(stack, { name: "Monthly", options });
  expect(response.status).toBe(201);
  const created = CreatedShare.parse(await response.json());
  markSecret(new URL(created.url).pathname.slice("/s/".length));
  return created;
}

/** Changes fields of the stored share directly in the bucket. */
export async function changeShare({ app }: TestStack, id: string, change: Partial<Share>): Promise<void> {
  await app.bucket.update(shareKey(id), Share, (share) => ({
    after: share && { ...share, ...change },
    answer: null,
  }));
}

/** Moves the snapshots of all reports into the past. Removes the registry, so that no snapshot is reused. */
export async function ageExports({ app: { bucket } }: TestStack, ageMs: number): Promise<void> {
  for (const key of await bucket.listKeys("exports/")) {
    await bucket.update(key, ExportState, (state) => {
      const snapshotAt = new Date(Date.now() - ageMs).toISOString();
      const result = state?.result && { ...state.result, snapshotAt };
      return { after: state && result ? { ...state, result } : null, answer: null };
    });
  }
  for (const key of await bucket.listKeys("claims/crawl/")) await bucket.remove(key);
}
