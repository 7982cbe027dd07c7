import * as z from "zod";
import { exportIdPattern } from "../../core/export/export-state--id.ts";

const tag = (pattern: RegExp) => z.tuple([z.string().regex(pattern)]);

/** What SES tells of a mail after it has taken it: https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html. */
const MailEvent = z.object({
  eventType: z.string(),
  mail: z.object({ tags: z.object({ exportId: tag(exportIdPattern), deliveryId: tag(/^[0-9a-f]{12}$/) }) }),
  bounce: z.object({ bounceType: z.string() }).optional(),
});

export type Bounce = { exportId: string; deliveryId: string; reason: string };

const reasons = new Map([
  ["Bounce", "The mail came back: there is no such mailbox, or it takes no mail."],
  ["Complaint", "The recipient has marked the mail as unwanted."],
  ["Reject", "SES has not passed the mail on: it took it for harmful."],
]);

/** The mail that has not arrived, and why; null for any other message. A bounce that may pass is SES's to retry. */
export function parseBounce(message: unknown): Bounce | null {
  const { data } = MailEvent.safeParse(message);
  const reason = data && reasons.get(data.eventType);
  if (data === undefined || reason === undefined) return null;
  if (data.eventType === "Bounce" && data.bounce?.bounceType !== "Permanent") return null;
  const { exportId, deliveryId } = data.mail.tags;
  return { exportId: exportId[0], deliveryId: deliveryId[0], reason };
}
