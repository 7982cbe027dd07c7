import * as z from "zod";
import { emitDelivery } from "../../adapters/log/emit-metrics.ts";
import { type LambdaInvocation, logFaults, withLogIds } from "../../adapters/log/log.ts";
import { exportIdPattern } from "../../core/basics/bucket-keys.ts";
import { readJson } from "../../core/basics/stored-values.ts";
import { bounceDelivery } from "../../core/delivery/delivery-state.ts";
import type { AppContext } from "../context.ts";
import { changeDelivery } from "./delivery-store.ts";

const Event = z.object({ Records: z.array(z.object({ Sns: z.object({ Message: z.string() }) })) });

/**
 * Notes mails that have not arrived. SNS may tell it more than once, and before it is noted that the mail was sent;
 * of an export that was deleted nothing is left to note.
 */
export function createBounceHandler(
  app: Pick<AppContext, "bucket">,
): (event: unknown, invocation: LambdaInvocation) => Promise<void> {
  return (event, invocation) =>
    logFaults(invocation, async () => {
      const messages = Event.parse(event).Records.map(({ Sns }) => parseBounce(readJson(Sns.Message)));
      for (const bounce of messages) if (bounce !== null) await noteBounce(app, bounce);
    });
}

async function noteBounce(
  app: Pick<AppContext, "bucket">,
  { exportId, deliveryId, reason }: Bounce,
): Promise<void> {
  const isNoted = await changeDelivery(app, { exportId, id: deliveryId }, (delivery) => {
    const after = bounceDelivery(delivery, reason);
    return { after, answer: after !== null };
  });
  if (isNoted === true) await withLogIds({ exportId, deliveryId }, () => emitDelivery("failed"));
}

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
