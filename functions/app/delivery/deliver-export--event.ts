import { describeExportEvent } from "../../core/delivery/webhook-event.ts";
import type { ExportState } from "../../core/export/export-state.ts";
import type { Sender } from "./delivery-store--sender.ts";
import { postWebhook } from "../../adapters/webhook/webhook-client.ts";
import type { AppContext } from "../context.ts";

/** The end of an export, told to webhooks. Receivers compare its time with their own, so it is the system's. */
export function openWebhookSender({ webhooks }: Pick<AppContext, "webhooks">, state: ExportState): Sender {
  const event = describeExportEvent(state);
  return {
    async send({ id }) {
      const hook = webhooks.hooks.find((one) => one.id === id);
      if (hook === undefined) return { kind: "refused", reason: "WEBHOOKS has this address no longer." };
      return await postWebhook(hook, event, { ...webhooks, now: Date.now });
    },
    close: async () => undefined,
  };
}
