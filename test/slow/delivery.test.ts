import { expect, it } from "vitest";
import { mailExportTo } from "../../functions/app/export/start-export.ts";
import { readDeliveries } from "../../functions/app/delivery/delivery-store.ts";
import { runExportProcessUntil } from "../support/export-kills.ts";
import { openSharedStack } from "../support/shared-stack.ts";
import { type MailAction, openTestMailServer } from "../support/test-mail-server.ts";
import { queueExport } from "../support/workflow-runs.ts";

const idle = { start: async () => undefined };

/**
 * Prepares an export with one recipient. The SES emulator does `first` with the first mail and accepts all other
 * mails.
 */
async function openMailed(first: MailAction) {
  const post = await openTestMailServer((_, number) => (number === 1 ? first : "take"));
  const settings = {
    MAIL_SENDER: "reports@example.com",
    PUBLIC_URL: "https://reports.example",
    SES_ENDPOINT: post.url,
  };
  const place = await openSharedStack({ offers: 15, limit: 100_000, speed: 100, settings });
  const { id } = await queueExport(place.app, "format=csv");
  await mailExportTo({ app: place.app, workflow: idle }, id, ["anna@example.com"]);
  return { post, place, id };
}

it.each([
  ["hold", 1],
  ["ignore", 0],
] as const)(
  "a mail whose process dies while it sends (%s) is unknown, and is not sent again",
  { timeout: 120_000 },
  async (fate, taken) => {
    const { post, place, id } = await openMailed(fate);
    expect(await runExportProcessUntil(place, id, () => post.held)).toBe(false);
    expect(await runExportProcessUntil(place, id)).toBe(true);
    expect(post.asked).toHaveLength(1);
    expect(await post.read()).toHaveLength(taken);
    expect(await readDeliveries(place.app, id)).toMatchObject([
      { status: "unknown", reason: expect.stringMatching(/^The function ended while it was sending/) },
    ]);
  },
);
