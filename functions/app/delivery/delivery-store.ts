import { hashTarget } from "../../adapters/bucket/key-hashes.ts";
import { dateNow } from "../../adapters/clock/clock.ts";
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
import { findSkipReason, listRecipients } from "../../core/delivery/skipped-mail.ts";
import type { ExportState } from "../../core/export/export-state.ts";
import type { AppContext, StateStore } from "../context.ts";

/** Returns one delivery target for each recipient of the export's mail, including those whose mail is skipped. */
export function listMailTargets(state: ExportState): DeliveryTarget[] {
  return listRecipients(state).map((to) => ({ id: hashTarget("mail", to), kind: "mail", to }));
}

/** Returns the targets of `listMailTargets` whose mail is not skipped. A report that has failed is not mailed. */
export function listDueMails(state: ExportState): DeliveryTarget[] {
  if (state.status !== "succeeded") return [];
  return listMailTargets(state).filter(({ to }) => findSkipReason(state, to) === null);
}

/**
 * Returns one delivery target for each webhook. The target shows only the position of the webhook's address in the
 * settings, because the address itself is a secret.
 */
export function listWebhookTargets({ webhooks }: Pick<AppContext, "webhooks">): DeliveryTarget[] {
  return webhooks.hooks.map(({ id }, index) => ({ id, kind: "webhook", to: `address ${index + 1}` }));
}

/** Stores a delivery for each target without a delivery, and returns all deliveries of the export. Idempotent. */
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

export async function readDeliveries({ bucket }: StateStore, id: string): Promise<Deliveries> {
  return (await bucket.readJson(deliveriesKey(id), Deliveries)) ?? [];
}

export type DeliveryLocation = { exportId: string; id: string };

/**
 * Changes one delivery with a conditional write, and returns the answer of `change`. Returns null when the delivery
 * does not exist.
 */
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

/** Returns the export's deliveries as the API shows them. Mails that wait for the end of the export are included. */
export async function presentDeliveries(store: StateStore, state: ExportState): Promise<ShownDelivery[]> {
  const known = await readDeliveries(store, state.id);
  const all = addTargets(known, listMailTargets(state)) ?? known;
  const now = dateNow(store.clock);
  return all.map((delivery) => showDelivery(presentDelivery(delivery, state, now), state));
}

/** Mails that are skipped have no stored delivery, so their status is derived here. */
function showDelivery({ kind, to, status, sentAt, reason }: Delivery, state: ExportState): ShownDelivery {
  const skipReason = kind === "mail" && status === "waiting" ? findSkipReason(state, to) : null;
  if (skipReason !== null) return { kind, to, status: "skipped", sentAt, reason: skipReason };
  return { kind, to, status, sentAt, reason };
}

/** Sends deliveries of one kind: mails or webhook requests. */
export interface Sender {
  /** Makes one attempt to send the delivery. Never throws: a failure is returned as an outcome. */
  send: (delivery: Delivery) => Promise<DeliveryOutcome>;
  /** Releases the sender's resources. Called after the last delivery of a round. */
  close: () => Promise<void>;
}

/**
 * Opens the sender for one kind of delivery. In each round, this function is called at most once, and only when the
 * round has deliveries of this kind.
 */
export type OpenSender = (app: AppContext, state: ExportState) => Promise<Sender>;
