import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { ShownStatus } from "../../functions/core/delivery/delivery-state.ts";
import type { Access } from "../control-socket.ts";

const MailedExport = z.object({
  deliveries: z
    .array(z.object({ kind: z.string(), to: z.string(), status: ShownStatus, reason: z.string().nullable() }))
    .default([]),
});

const pauseMs = 250;
/** A mail that is not out after so many looks is tried again later. */
const maxLooks = 40;

/**
 * Waits until the mails of a finished export are out, and returns what became of them, such as `2 sent, 1 refused`, without
 * an address. Returns null when nobody gets a mail.
 */
export async function followMails(id: string, { url, accessToken }: Access): Promise<string | null> {
  for (let look = 1; ; look += 1) {
    const response = await fetch(new URL(`exports/${id}`, url), {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    const { deliveries } = MailedExport.parse(await response.json());
    const mails = deliveries.filter(({ kind }) => kind === "mail");
    const isPending = mails.some(({ status }) => status === "waiting" || status === "sending");
    if (!isPending || look === maxLooks) return describeMails(mails);
    await sleep(pauseMs);
  }
}

function describeMails(mails: { status: string }[]): string | null {
  const counts = new Map<string, number>();
  for (const { status } of mails) counts.set(status, (counts.get(status) ?? 0) + 1);
  return mails.length === 0 ? null : [...counts].map(([status, count]) => `${count} ${status}`).join(", ");
}
