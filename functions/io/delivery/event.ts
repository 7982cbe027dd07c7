import { describeEvent } from "../../core/delivery/webhook.ts";
import type { ExportState } from "../../core/export.ts";
import type { Sender } from "./sender.ts";
import { postWebhook } from "./webhook.ts";
import type { World } from "../world.ts";

/** The end of an export, told to webhooks. Receivers compare its time with their own, so it is the system's. */
export function openEvent({ webhooks }: Pick<World, "webhooks">, state: ExportState): Sender {
  const event = describeEvent(state);
  return {
    async send({ id }) {
      const hook = webhooks.hooks.find((one) => one.id === id);
      if (hook === undefined) return { kind: "refused", reason: "WEBHOOKS has this address no longer." };
      return await postWebhook(hook, event, { ...webhooks, now: Date.now });
    },
    close: async () => undefined,
  };
}
