import type { Delivery, DeliveryOutcome } from "../../core/delivery/delivery-state.ts";
import type { ExportState } from "../../core/export/export-state.ts";
import type { AppContext } from "../context.ts";

/** What sends an export to where it is to go: a mail, or a webhook's request. */
export interface Sender {
  /** One attempt. Whatever goes wrong is an outcome: it never throws. */
  send: (delivery: Delivery) => Promise<DeliveryOutcome>;
  /** After the last one of the round. */
  close: () => Promise<void>;
}

/** Opened once a round, when there is something to send. */
export type OpenSender = (world: AppContext, state: ExportState) => Promise<Sender>;
