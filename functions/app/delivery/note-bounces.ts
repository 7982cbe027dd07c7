import * as z from "zod";
import { type Bounce, parseBounce } from "./note-bounces--bounce.ts";
import { bounceDelivery } from "../../core/delivery/delivery-state.ts";
import { readJson } from "../../core/basics/stored-values--json.ts";
import { changeDelivery } from "./delivery-store.ts";
import { type LambdaInvocation, logFaults } from "../../adapters/log/log--fault.ts";
import { withLogIds } from "../../adapters/log/log--ids.ts";
import { emitDelivery } from "../../adapters/log/emit-metrics.ts";
import type { AppContext } from "../context.ts";

const Event = z.object({ Records: z.array(z.object({ Sns: z.object({ Message: z.string() }) })) });

/**
 * Notes mails that have not arrived. SNS may tell it more than once, and before it is noted that the mail was sent;
 * of an export that was deleted nothing is left to note.
 */
export function createBounceHandler(
  world: Pick<AppContext, "bucket">,
): (event: unknown, invocation: LambdaInvocation) => Promise<void> {
  return (event, invocation) =>
    logFaults(invocation, async () => {
      const messages = Event.parse(event).Records.map(({ Sns }) => parseBounce(readJson(Sns.Message)));
      for (const bounce of messages) if (bounce !== null) await noteBounce(world, bounce);
    });
}

async function noteBounce(
  world: Pick<AppContext, "bucket">,
  { exportId, deliveryId, reason }: Bounce,
): Promise<void> {
  const isNoted = await changeDelivery(world, { exportId, id: deliveryId }, (delivery) => {
    const after = bounceDelivery(delivery, reason);
    return { after, answer: after !== null };
  });
  if (isNoted === true) await withLogIds({ exportId, deliveryId }, () => emitDelivery("failed"));
}
