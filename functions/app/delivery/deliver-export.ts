import pLimit from "p-limit";
import { dateNow, toClockSeconds } from "../../adapters/clock/clock.ts";
import { emitDelivery, withLogIds } from "../../adapters/log/log.ts";
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
import { removeMails } from "../export/cancel-export.ts";
import {
  changeDelivery,
  claimDeliveries,
  type DeliveryLocation,
  listDueMails,
  listWebhookTargets,
  type OpenSender,
  readDeliveries,
  type Sender,
} from "./delivery-store.ts";

/**
 * The functions that open the senders. The mail sender is imported only when needed, because it loads the SES client.
 */
const openers: Record<DeliveryKind, OpenSender> = {
  mail: async (app, state) => (await import("./mail-sender.ts")).openMailSender(app, state),
  webhook: async (app, state) => openWebhookSender(app, state),
};

const maxAtOnce = 5;

/**
 * Tries to send each pending delivery of a finished export. Returns the seconds until the next round; null when no
 * delivery is left to send. An error in one delivery does not stop the other deliveries, and is thrown at the end.
 */
export async function deliverRound(
  app: AppContext,
  { id, errand: jobName = "" }: ExportJob,
): Promise<number | null> {
  const state = await app.bucket.readJson(exportKey(id), ExportState);
  if (state === null || !isFinished(state)) return null;
  const mailTargets = listDueMails(state);
  // The job without a name is the export's own job, which also sends the webhooks. A later job sends only mails: when
  // it died, the export's own job would leave a webhook to it.
  const sends = ({ kind }: DeliveryTarget) => kind === "mail" || jobName === "";
  const targets = [...mailTargets, ...listWebhookTargets(app)].filter(sends);
  if (targets.length === 0) return null;
  const claimed = (await claimDeliveries(app, id, targets)).filter(sends).filter(isPendingDelivery);
  const wantsMails = await stillWantsMails(app, id, mailTargets);
  if (!wantsMails) await removeMails(app, id);
  const pending = claimed.filter(({ kind }) => wantsMails || kind !== "mail");
  const sent = [...Map.groupBy(pending, ({ kind }) => kind)].map(([kind, deliveries]) =>
    sendAll({ app, state, jobName, kind }, deliveries),
  );
  await Promise.allSettled(sent);
  await Promise.all(sent);
  const deliveries = (await readDeliveries(app, id)).filter(sends);
  return findRoundPauseSeconds(deliveries, dateNow(app.clock), jobName);
}

/**
 * Returns false when the export was deleted after its mail targets were listed. The caller then removes the recipients'
 * addresses.
 */
async function stillWantsMails(
  { bucket }: AppContext,
  id: string,
  mailTargets: DeliveryTarget[],
): Promise<boolean> {
  if (mailTargets.length === 0) return true;
  const state = await bucket.readJson(exportKey(id), ExportState);
  return state !== null && listDueMails(state).length > 0;
}

type Batch = { app: AppContext; state: ExportState; jobName: string; kind: DeliveryKind };

async function sendAll({ app, state, jobName, kind }: Batch, deliveries: Delivery[]): Promise<void> {
  const sender = await openers[kind](app, state);
  const limitConcurrency = pLimit(maxAtOnce);
  const sent = deliveries.map(({ id }) =>
    limitConcurrency(() => deliver({ app, exportId: state.id, jobName, sender }, id)),
  );
  await Promise.allSettled(sent);
  await sender.close();
  await Promise.all(sent);
}

type SendContext = { app: AppContext; exportId: string; jobName: string; sender: Sender };

/**
 * Marks the delivery as `sending` in the bucket, sends it, and stores the outcome. Because of the mark, each attempt
 * leaves a record even when the function crashes.
 */
async function deliver({ app, exportId, jobName, sender }: SendContext, id: string): Promise<void> {
  const location = { exportId, id };
  const attempt: DeliveryAttempt = {
    id: app.random.uuid(),
    errand: jobName,
    at: dateNow(app.clock).toISOString(),
  };
  const speed = toClockSeconds(app.clock, 1);
  const taken = await changeDelivery(app, location, (delivery) => takeDelivery(delivery, attempt, speed));
  if (taken === null || taken.kind === "left") return;
  const { delivery } = taken;
  const outcome: DeliveryOutcome =
    taken.kind === "lost"
      ? { kind: "lost", reason: crashedReason, retryAfterMs: null }
      : await sender.send(delivery);
  await recordOutcome(app, location, { delivery, outcome });
}

type SendResult = { delivery: Delivery; outcome: DeliveryOutcome };

/**
 * Stores the outcome and counts it in the metrics. The outcomes `sent` and `failed` are counted after they are stored.
 * An unknown outcome is counted before it is stored, because somebody must notice it: a crash in between may make it
 * count twice, but cannot leave it uncounted.
 */
async function recordOutcome(
  app: AppContext,
  location: DeliveryLocation,
  { delivery, outcome }: SendResult,
): Promise<void> {
  const resolution = { attempt: delivery.attempt?.id ?? "", outcome, now: dateNow(app.clock) };
  const isUnknown = resolveDelivery(delivery, resolution)?.status === "unknown";
  if (isUnknown) await countDelivery(location, "unknown");
  const status = await changeDelivery(app, location, (before) => {
    const after = resolveDelivery(before, resolution);
    return { after, answer: after?.status ?? null };
  });
  if (status === "sent" || status === "failed") await countDelivery(location, status);
}

async function countDelivery(
  { exportId, id: deliveryId }: DeliveryLocation,
  status: FinalDeliveryStatus,
): Promise<void> {
  await withLogIds({ exportId, deliveryId }, () => emitDelivery(status));
}

/**
 * Returns a sender that posts the export's event to webhooks. The signature contains the date of the system's clock,
 * because receivers compare this date with their own clocks.
 */
function openWebhookSender({ webhooks, clock, sendWebhook }: AppContext, state: ExportState): Sender {
  const event = describeExportEvent(state);
  const options = {
    ...webhooks,
    now: () => dateNow(clock).getTime(),
    timer: clock.system,
    ...(sendWebhook !== null && { send: sendWebhook }),
  };
  return {
    async send({ id }) {
      const hook = webhooks.hooks.find((one) => one.id === id);
      if (hook === undefined) return { kind: "refused", reason: "WEBHOOKS has this address no longer." };
      return await postWebhook(hook, event, options);
    },
    close: async () => undefined,
  };
}
