import { randomUUID } from "node:crypto";
import pLimit from "p-limit";
import { dateNow, toClockSeconds } from "../../adapters/clock/clock.ts";
import { emitDelivery } from "../../adapters/log/emit-metrics.ts";
import { withLogIds } from "../../adapters/log/log.ts";
import { postWebhook } from "../../adapters/webhook/webhook-client.ts";
import { exportKey } from "../../core/basics/bucket-keys.ts";
import { findRoundPauseSeconds } from "../../core/delivery/delivery-retries.ts";
import {
  crashedReason,
  type Delivery,
  type DeliveryAttempt,
  type DeliveryKind,
  type DeliveryOutcome,
  type DeliveryTarget,
  type ExportJob,
  type FinalDeliveryStatus,
  isPendingDelivery,
  resolveDelivery,
  takeDelivery,
} from "../../core/delivery/delivery-state.ts";
import { describeExportEvent } from "../../core/delivery/webhook-event.ts";
import { ExportState, isFinished } from "../../core/export/export-state.ts";
import type { AppContext } from "../context.ts";
import {
  changeDelivery,
  claimDeliveries,
  type DeliveryLocation,
  forgetMails,
  listMailTargets,
  listWebhookTargets,
  type OpenSender,
  readDeliveries,
  type Sender,
} from "./delivery-store.ts";

/** How each kind is sent. */
const openers: Record<DeliveryKind, OpenSender> = {
  mail: async (app, state) => (await import("./mail-sender.ts")).openMailSender(app, state),
  webhook: async (app, state) => openWebhookSender(app, state),
};

const maxAtOnce = 5;

/**
 * Tells of the export's end whom it has not been told yet, and gives the seconds until that is to be tried again; null
 * when nothing is left. Where one delivery meets with a fault of ours, the others are sent all the same.
 */
export async function deliverRound(app: AppContext, { id, errand = "" }: ExportJob): Promise<number | null> {
  const state = await app.bucket.readJson(exportKey(id), ExportState);
  if (state === null || !isFinished(state)) return null;
  const mailed = state.status === "succeeded" ? listMailTargets(state) : [];
  // A later errand is about mails: the export has ended long before.
  const targets = errand === "" ? [...mailed, ...listWebhookTargets(app)] : mailed;
  if (targets.length === 0) return null;
  const open = (await claimDeliveries(app, id, targets)).filter(isPendingDelivery);
  if (!(await isMailed(app, id, mailed))) return await forgetMails(app, id).then(() => null);
  const kinds = [...new Set(open.map(({ kind }) => kind))];
  const sent = kinds.map((kind) =>
    sendAll(
      { app, state, errand, kind },
      open.filter((delivery) => delivery.kind === kind),
    ),
  );
  await Promise.allSettled(sent);
  await Promise.all(sent);
  return findRoundPauseSeconds(await readDeliveries(app, id), dateNow(app.clock));
}

/** Whether the mails are wanted still: an export that was deleted meanwhile has no addresses. */
async function isMailed({ bucket }: AppContext, id: string, mailed: DeliveryTarget[]): Promise<boolean> {
  if (mailed.length === 0) return true;
  const state = await bucket.readJson(exportKey(id), ExportState);
  return state !== null && state.run.recipients.length > 0;
}

type Task = { app: AppContext; state: ExportState; errand: string; kind: DeliveryKind };

async function sendAll({ app, state, errand, kind }: Task, deliveries: Delivery[]): Promise<void> {
  const sender = await openers[kind](app, state);
  const atOnce = pLimit(maxAtOnce);
  const sent = deliveries.map(({ id }) =>
    atOnce(() => deliver({ app, exportId: state.id, errand, sender }, id)),
  );
  await Promise.allSettled(sent);
  await sender.close();
  await Promise.all(sent);
}

type Post = { app: AppContext; exportId: string; errand: string; sender: Sender };

/** Takes the delivery, sends it, and notes what came of that, in this order: so it is never sent unnoted. */
async function deliver({ app, exportId, errand, sender }: Post, id: string): Promise<void> {
  const place = { exportId, id };
  const attempt: DeliveryAttempt = { id: randomUUID(), errand, at: dateNow(app.clock).toISOString() };
  const speed = toClockSeconds(app.clock, 1);
  const take = await changeDelivery(app, place, (delivery) => takeDelivery(delivery, attempt, speed));
  if (take === null || take.kind === "left") return;
  const { delivery } = take;
  const outcome: DeliveryOutcome =
    take.kind === "lost"
      ? { kind: "lost", reason: crashedReason, retryAfterMs: null }
      : await sender.send(delivery);
  await settle(app, place, { delivery, outcome });
}

type Sent = { delivery: Delivery; outcome: DeliveryOutcome };

/**
 * What nobody knows is counted before it is written, since somebody has to hear of it: a crash in between counts it
 * twice, and never not at all. All else is counted when it stands, by whoever wrote it.
 */
async function settle(app: AppContext, place: DeliveryLocation, { delivery, outcome }: Sent): Promise<void> {
  const settling = { attempt: delivery.attempt?.id ?? "", outcome, now: dateNow(app.clock) };
  const isUnknown = resolveDelivery(delivery, settling)?.status === "unknown";
  if (isUnknown) await countAt(place, "unknown");
  const status = await changeDelivery(app, place, (before) => {
    const after = resolveDelivery(before, settling);
    return { after, answer: after?.status ?? null };
  });
  if (status === "sent" || status === "failed") await countAt(place, status);
}

async function countAt(
  { exportId, id: deliveryId }: DeliveryLocation,
  end: FinalDeliveryStatus,
): Promise<void> {
  await withLogIds({ exportId, deliveryId }, () => emitDelivery(end));
}

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
