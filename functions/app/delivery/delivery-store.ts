import { hashTarget } from "../../adapters/bucket/key-hashes.ts";
import { deliveriesKey } from "../../core/basics/bucket-keys.ts";
import type { RecordUpdate } from "../../core/basics/stored-values.ts";
import type { ShownDelivery } from "../../core/contract/response-bodies.ts";
import {
  addTargets,
  Deliveries,
  type Delivery,
  type DeliveryOutcome,
  type DeliveryTarget,
  presentDelivery,
} from "../../core/delivery/delivery-state.ts";
import type { ExportState } from "../../core/export/export-state.ts";
import type { AppContext, StateStore } from "../context.ts";

/** Those who get a mail of the export. */
export function listMailTargets({ run }: ExportState): DeliveryTarget[] {
  return run.recipients.map((to) => ({ id: hashTarget("mail", to), kind: "mail", to }));
}

/** Those who are told of the end of each export. */
export function listWebhookTargets({ webhooks }: Pick<AppContext, "webhooks">): DeliveryTarget[] {
  return webhooks.hooks.map(({ id }, index) => ({ id, kind: "webhook", to: `address ${index + 1}` }));
}

/** The export's deliveries, one to each target however often it is asked. */
export async function claimDeliveries(
  { bucket }: StateStore,
  id: string,
  targets: DeliveryTarget[],
): Promise<Deliveries> {
  return await bucket.update(deliveriesKey(id), Deliveries, (before) => {
    const after = addTargets(before ?? [], targets);
    return { after, answer: after ?? before ?? [] };
  });
}

/** Forgets the addresses again that mails were to go to. */
export async function forgetMails({ bucket }: StateStore, id: string): Promise<void> {
  await bucket.update(deliveriesKey(id), Deliveries, (before) => ({
    after: before && before.filter(({ kind }) => kind !== "mail"),
    answer: null,
  }));
}

export async function readDeliveries({ bucket }: StateStore, id: string): Promise<Deliveries> {
  return (await bucket.readJson(deliveriesKey(id), Deliveries)) ?? [];
}

/** Which delivery of which export. */
export type DeliveryLocation = { exportId: string; id: string };

/** Changes a delivery as if nobody else changed one of the same export; null when there is none of that id. */
export async function changeDelivery<A>(
  { bucket }: Pick<StateStore, "bucket">,
  { exportId, id }: DeliveryLocation,
  change: (delivery: Delivery) => RecordUpdate<Delivery, A>,
): Promise<A | null> {
  return await bucket.update(
    deliveriesKey(exportId),
    Deliveries,
    (before): RecordUpdate<Deliveries, A | null> => {
      const delivery = before?.find((one) => one.id === id);
      if (before == null || delivery === undefined) return { after: null, answer: null };
      const { after, answer } = change(delivery);
      const changed = after && before.map((one) => (one.id === id ? after : one));
      return { after: changed, answer };
    },
  );
}

/** As the holder of the access token is told, those too whose turn comes when the export is finished. */
export async function presentDeliveries(store: StateStore, state: ExportState): Promise<ShownDelivery[]> {
  const known = await readDeliveries(store, state.id);
  const all = addTargets(known, listMailTargets(state)) ?? known;
  return all.map((delivery) => showDelivery(presentDelivery(delivery, state, new Date())));
}

function showDelivery({ kind, to, status, sentAt, reason }: Delivery): ShownDelivery {
  return { kind, to, status, sentAt, reason };
}

/** What sends an export to where it is to go: a mail, or a webhook's request. */
export interface Sender {
  /** One attempt. Whatever goes wrong is an outcome: it never throws. */
  send: (delivery: Delivery) => Promise<DeliveryOutcome>;
  /** After the last one of the round. */
  close: () => Promise<void>;
}

/** Opened once a round, when there is something to send. */
export type OpenSender = (app: AppContext, state: ExportState) => Promise<Sender>;
