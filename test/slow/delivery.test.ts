import { expect, it } from "vitest";
import { mailExportTo } from "../../functions/app/export/start-export.ts";
import { readDeliveries } from "../../functions/app/delivery/delivery-store.ts";
import { runUntil } from "../support/mortal.ts";
import { openPlace } from "../support/place.ts";
import { type Fate, openTestPost } from "../support/post.ts";
import { queueExport } from "../support/run-steps.ts";

const idle = { start: async () => undefined };

/** An export whose mail meets that fate, and any other one none. */
async function openMailed(first: Fate) {
  const post = await openTestPost((_, number) => (number === 1 ? first : "take"));
  const settings = {
    MAIL_SENDER: "reports@example.com",
    PUBLIC_URL: "https://reports.example",
    SES_ENDPOINT: post.url,
  };
  const place = await openPlace({ offers: 15, limit: 100_000, speed: 100, settings });
  const { id } = await queueExport(place.app, "format=csv");
  await mailExportTo({ app: place.app, workflow: idle }, id, ["anna@example.com"]);
  return { post, place, id };
}

it.each([
  ["hold", 1],
  ["ignore", 0],
] as const)(
  "a process that dies over a mail (%s) leaves it unknown, and it is not sent again",
  { timeout: 120_000 },
  async (fate, taken) => {
    const { post, place, id } = await openMailed(fate);
    expect(await runUntil(place, id, () => post.held)).toBe(false);
    expect(await runUntil(place, id)).toBe(true);
    expect(post.asked).toHaveLength(1);
    expect(await post.read()).toHaveLength(taken);
    expect(await readDeliveries(place.app, id)).toMatchObject([
      { status: "unknown", reason: expect.stringMatching(/^The function ended while it was sending/) },
    ]);
  },
);
