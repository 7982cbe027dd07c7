import * as z from "zod";
import { emitDelivery, type LambdaInvocation, logFaults, withLogIds } from "../../adapters/log/log.ts";
import { exportIdPattern } from "../../core/basics/bucket-keys.ts";
import { readJson } from "../../core/basics/stored-values.ts";
import { bounceDelivery } from "../../core/delivery/delivery-state.ts";
import type { AppContext } from "../context.ts";
import { changeDelivery } from "./delivery-store.ts";

const SnsEvent = z.object({ Records: z.array(z.object({ Sns: z.object({ Message: z.string() }) })) });

/**
 * Returns the handler of SNS messages about mails that did not arrive. The handler stores these mails as failed. It is
 * idempotent, because SNS may repeat a message. A message may also come before the mail is stored as sent, or after the
 * export was deleted.
 */
export function createBounceHandler(
  app: Pick<AppContext, "bucket">,
): (event: unknown, invocation: LambdaInvocation) => Promise<void> {
  return (event, invocation) =>
    logFaults(invocation, async () => {
      const messages = SnsEvent.parse(event).Records.map(({ Sns }) => parseBounce(readJson(Sns.Message)));
      for (const bounce of messages) if (bounce !== null) await recordBounce(app, bounce);
    });
}

async function recordBounce(
  app: Pick<AppContext, "bucket">,
  { exportId, deliveryId, reason }: Bounce,
): Promise<void> {
  const isRecorded = await changeDelivery(app, { exportId, id: deliveryId }, (delivery) => {
    const after = bounceDelivery(delivery, reason);
    return { after, answer: after !== null };
  });
  if (isRecorded === true) await withLogIds({ exportId, deliveryId }, () => emitDelivery("failed"));
}

const tag = (pattern: RegExp) => z.tuple([z.string().regex(pattern)]);

/**
 * The event that SES publishes about a mail:
 * https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html.
 */
const MailEvent = z.object({
  eventType: z.string(),
  mail: z.object({ tags: z.object({ exportId: tag(exportIdPattern), deliveryId: tag(/^[0-9a-f]{12}$/) }) }),
  bounce: z.object({ bounceType: z.string() }).optional(),
});

type Bounce = { exportId: string; deliveryId: string; reason: string };

const reasons = new Map([
  ["Bounce", "The mail came back: there is no such mailbox, or it takes no mail."],
  ["Complaint", "The recipient has marked the mail as unwanted."],
  ["Reject", "SES has not passed the mail on: it took it for harmful."],
]);

/**
 * Returns the bounce that the message reports; null for any other message. Also returns null for a temporary bounce,
 * because SES then sends the mail again itself.
 */
function parseBounce(message: unknown): Bounce | null {
  const { data } = MailEvent.safeParse(message);
  const reason = data && reasons.get(data.eventType);
  if (data === undefined || reason === undefined) return null;
  if (data.eventType === "Bounce" && data.bounce?.bounceType !== "Permanent") return null;
  const { exportId, deliveryId } = data.mail.tags;
  return { exportId: exportId[0], deliveryId: deliveryId[0], reason };
}
