import * as z from "zod";
import { type Bounce, parseBounce } from "./core/delivery/bounce.ts";
import { bounceDelivery } from "./core/delivery/delivery.ts";
import { readJson } from "./core/json.ts";
import { changeDelivery } from "./io/delivery/deliveries.ts";
import { type Invocation, tellFaults } from "./io/log/fault.ts";
import { withIds } from "./io/log/ids.ts";
import { countDelivery } from "./io/log/metric.ts";
import type { World } from "./io/world.ts";

const Event = z.object({ Records: z.array(z.object({ Sns: z.object({ Message: z.string() }) })) });

/**
 * Notes mails that have not arrived. SNS may tell it more than once, and before it is noted that the mail was sent;
 * of an export that was deleted nothing is left to note.
 */
export function createBounces(
  world: Pick<World, "bucket">,
): (event: unknown, invocation: Invocation) => Promise<void> {
  return (event, invocation) =>
    tellFaults(invocation, async () => {
      const messages = Event.parse(event).Records.map(({ Sns }) => parseBounce(readJson(Sns.Message)));
      for (const bounce of messages) if (bounce !== null) await noteBounce(world, bounce);
    });
}

async function noteBounce(
  world: Pick<World, "bucket">,
  { exportId, deliveryId, reason }: Bounce,
): Promise<void> {
  const isNoted = await changeDelivery(world, { exportId, id: deliveryId }, (delivery) => {
    const after = bounceDelivery(delivery, reason);
    return { after, answer: after !== null };
  });
  if (isNoted === true) await withIds({ exportId, deliveryId }, () => countDelivery("failed"));
}
