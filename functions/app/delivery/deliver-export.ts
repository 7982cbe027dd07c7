import { randomUUID } from "node:crypto";
import pLimit from "p-limit";
import { dateNow, toClockSeconds } from "../../adapters/clock/clock.ts";
import { countDelivery } from "../../adapters/log/emit-metrics.ts";
import { withIds } from "../../adapters/log/log--ids.ts";
import { exportKey } from "../../core/basics/bucket-keys.ts";
import { findPauseSeconds } from "../../core/delivery/delivery-retries.ts";
import type { Errand } from "../../core/delivery/delivery-state--errand.ts";
import { type Attempt, crashed, type Delivery, type End, isOpen, type Kind, type Outcome, settleDelivery, takeDelivery, type Target } from "../../core/delivery/delivery-state.ts";
import { ExportState, isFinished } from "../../core/export/export-state.ts";
import type { World } from "../context.ts";
import type { OpenSender, Sender } from "./delivery-store--sender.ts";
import { changeDelivery, claimDeliveries, forgetMails, listHooks, listMailed, type Place, readDeliveries } from "./delivery-store.ts";

/** How each kind is sent. */
const openers: Record<Kind, OpenSender> = {
  mail: async (world, state) => (await import("./mail-sender.ts")).openMail(world, state),
  webhook: async (world, state) => (await import("./deliver-export--event.ts")).openEvent(world, state),
};

const mostAtOnce = 5;

/**
 * Tells of the export's end whom it has not been told yet, and gives the seconds until that is to be tried again; null
 * when nothing is left. Where one delivery meets with a fault of ours, the others are sent all the same.
 */
export async function deliverRound(world: World, { id, errand = "" }: Errand): Promise<number | null> {
  const state = await world.bucket.readJson(exportKey(id), ExportState);
  if (state === null || !isFinished(state)) return null;
  const mailed = state.status === "succeeded" ? listMailed(state) : [];
  // A later errand is about mails: the export has ended long before.
  const targets = errand === "" ? [...mailed, ...listHooks(world)] : mailed;
  if (targets.length === 0) return null;
  const open = (await claimDeliveries(world, id, targets)).filter(isOpen);
  if (!(await isMailed(world, id, mailed))) return await forgetMails(world, id).then(() => null);
  const kinds = [...new Set(open.map(({ kind }) => kind))];
  const sent = kinds.map((kind) =>
    sendAll(
      { world, state, errand, kind },
      open.filter((delivery) => delivery.kind === kind),
    ),
  );
  await Promise.allSettled(sent);
  await Promise.all(sent);
  return findPauseSeconds(await readDeliveries(world, id), dateNow(world.clock));
}

/** Whether the mails are wanted still: an export that was deleted meanwhile has no addresses. */
async function isMailed({ bucket }: World, id: string, mailed: Target[]): Promise<boolean> {
  if (mailed.length === 0) return true;
  const state = await bucket.readJson(exportKey(id), ExportState);
  return state !== null && state.run.recipients.length > 0;
}

type Task = { world: World; state: ExportState; errand: string; kind: Kind };

async function sendAll({ world, state, errand, kind }: Task, deliveries: Delivery[]): Promise<void> {
  const sender = await openers[kind](world, state);
  const atOnce = pLimit(mostAtOnce);
  const sent = deliveries.map(({ id }) =>
    atOnce(() => deliver({ world, exportId: state.id, errand, sender }, id)),
  );
  await Promise.allSettled(sent);
  await sender.close();
  await Promise.all(sent);
}

type Post = { world: World; exportId: string; errand: string; sender: Sender };

/** Takes the delivery, sends it, and notes what came of that, in this order: so it is never sent unnoted. */
async function deliver({ world, exportId, errand, sender }: Post, id: string): Promise<void> {
  const place = { exportId, id };
  const attempt: Attempt = { id: randomUUID(), errand, at: dateNow(world.clock).toISOString() };
  const speed = toClockSeconds(world.clock, 1);
  const take = await changeDelivery(world, place, (delivery) => takeDelivery(delivery, attempt, speed));
  if (take === null || take.kind === "left") return;
  const { delivery } = take;
  const outcome: Outcome =
    take.kind === "lost"
      ? { kind: "lost", reason: crashed, retryAfterMs: null }
      : await sender.send(delivery);
  await settle(world, place, { delivery, outcome });
}

type Sent = { delivery: Delivery; outcome: Outcome };

/**
 * What nobody knows is counted before it is written, since somebody has to hear of it: a crash in between counts it
 * twice, and never not at all. All else is counted when it stands, by whoever wrote it.
 */
async function settle(world: World, place: Place, { delivery, outcome }: Sent): Promise<void> {
  const settling = { attempt: delivery.attempt?.id ?? "", outcome, now: dateNow(world.clock) };
  const isUnknown = settleDelivery(delivery, settling)?.status === "unknown";
  if (isUnknown) await countAt(place, "unknown");
  const status = await changeDelivery(world, place, (before) => {
    const after = settleDelivery(before, settling);
    return { after, answer: after?.status ?? null };
  });
  if (status === "sent" || status === "failed") await countAt(place, status);
}

async function countAt({ exportId, id: deliveryId }: Place, end: End): Promise<void> {
  await withIds({ exportId, deliveryId }, () => countDelivery(end));
}
